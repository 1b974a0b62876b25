//! The command line: arguments in, an exit code out. One file a subcommand; what they share stands here.

mod certs;
mod client;
mod config;
mod diff;
mod examples;
mod explain;
mod export;
mod failure;
mod hosts;
mod keys;
mod number;
mod open;
mod paint;
mod place;
mod recordings;
mod replay;
mod run;
mod typing;

use crate::dirs;
use crate::findings::{self, Page};
use crate::server::doors::LOOPBACK_PORTS;
use crate::server::turns;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use failure::Failure;
use std::ffi::OsString;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The HTTPS door of a plain `nudge` on this machine.
const PLAIN_HTTPS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), LOOPBACK_PORTS[1]);

/// A live fake MSN Messenger service, and the console from which an operator plays it.
#[derive(Debug, Parser)]
#[command(
    version = version(),
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// The root and the certificate under which old clients are served
    Certs {
        #[command(subcommand)]
        what: certs::CertsCommand,
    },
    /// The lines for a hosts file
    Hosts(hosts::HostsArgs),
    /// The built-in client: a partner for experiments, against nudge or any server
    Client(client::ClientArgs),
    /// Explain a line ("ILN 8 BSY busy@local …"), a verb, an error code, a status or a finding
    Explain(explain::ExplainArgs),
    /// List every finding: what it is, how much it matters, and what the real service did
    Findings {
        /// This one alone, such as bare-lf
        id: Option<String>,
        /// As a JSON array of objects: id, severity, explanation, real_service
        #[arg(long, conflicts_with = "id")]
        json: bool,
    },
    /// A recording for other tools and other people: text, JSON lines, HAR, pcapng, Markdown
    Export(export::ExportArgs),
    /// The console over a recording: the same panes, and no service
    Open(open::OpenArgs),
    /// Play a recorded client's side against a server, and say where the answers differ
    Replay(replay::ReplayArgs),
    /// Compare two sign-ins step by step: what did the good one have that the bad one lacks
    Diff(diff::DiffArgs),
    /// The configuration in force, as a configuration file: what is set and where, and the defaults as comments
    Config(config::ConfigArgs),
    /// The keys in force, as a key file for --keys
    Keys(keys::KeysArgs),
    /// Completions for a shell, on standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page, or that of a subcommand, on standard output: `nudge man | man -l -`
    Man {
        /// The subcommand
        subcommand: Option<String>,
    },
}

/// The command line, with its examples.
fn command_line() -> clap::Command {
    examples::with(Cli::command())
}

/// What `--version` says: the version, the commit, and the two TLS libraries.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{} (commit {})\n{}\nrustls {}",
            env!("CARGO_PKG_VERSION"),
            env!("NUDGE_COMMIT"),
            openssl::version::version(),
            env!("NUDGE_RUSTLS"),
        )
    });
    &VERSION
}

/// The manual page of `nudge`, or of one of its subcommands.
fn manual(subcommand: Option<&str>) -> Result<Vec<u8>, Failure> {
    // What `--version` says has several lines, and the head of a page has one.
    let mut root = command_line().version(env!("CARGO_PKG_VERSION"));
    root.build();
    let command = match subcommand {
        None => root,
        Some(name) => match root.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let known: Vec<_> = root
                    .get_subcommands()
                    .map(clap::Command::get_name)
                    .collect();
                return Err(
                    format!("there is no subcommand {name:?}: {}", known.join(", ")).into(),
                );
            }
        },
    };
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    clap_mangen::Man::new(command)
        .render(&mut out)
        .map_err(Failure::of)?;
    Ok(out)
}

/// The arguments as they were typed, with what the configuration file says.
fn arguments() -> Result<Cli, Failure> {
    let mut typed: Vec<_> = std::env::args_os().collect();
    examples::meant(&mut typed);
    subcommand_first(&Cli::command(), &mut typed);
    let matches = command_line()
        .try_get_matches_from(&typed)
        .map_err(likeliest)?;
    let all = config::with_file(&matches, typed)?;
    let matches = command_line().try_get_matches_from(all)?;
    Ok(Cli::from_arg_matches(&matches)?)
}

/// Of the subcommands that may have been meant the likeliest alone, which is the last.
fn likeliest(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    if let Some(ContextValue::Strings(names)) = error.get(ContextKind::SuggestedSubcommand)
        && let Some(last) = names.last().cloned()
    {
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(vec![last]),
        );
    }
    error
}

/// Where options of a subcommand stand before it, as in `nudge --config FILE config`, it is put before them.
fn subcommand_first(root: &clap::Command, typed: &mut [OsString]) {
    let mut at = 1;
    let mut names = Vec::new();
    while let Some(option) = typed
        .get(at)
        .and_then(|word| word.to_str()?.strip_prefix("--"))
    {
        let (name, joined) = match option.split_once('=') {
            Some((name, _)) => (name, true),
            None => (option, false),
        };
        let mut known = root.get_arguments();
        let Some(arg) = known.find(|arg| arg.get_long() == Some(name)) else {
            return;
        };
        let apart = !joined && arg.get_action().takes_values() && !arg.is_require_equals_set();
        at += 1 + usize::from(apart);
        names.push(name.to_owned());
    }
    let named = typed.get(at).and_then(|word| word.to_str());
    let Some(subcommand) = named.and_then(|name| root.find_subcommand(name)) else {
        return;
    };
    let has = |name: &String| {
        let mut own = subcommand.get_arguments();
        own.any(|arg| arg.get_long() == Some(name))
    };
    if names.iter().all(has) {
        typed[1..=at].rotate_right(1);
    }
}

/// Runs the program as its arguments say. Its exit code: 0 for an end as asked for, 1 for one that was not,
/// 2 for arguments that are wrong.
pub fn main() -> ExitCode {
    let cli = match arguments() {
        Ok(cli) => cli,
        Err(failure) => return failure.say(),
    };
    // Only the service has something to do as root: it becomes the user who called once its ports are open.
    let caller = match cli.command {
        None => Ok(None),
        Some(_) => dirs::become_caller(),
    };
    let outcome = match cli.command {
        _ if caller.is_err() => caller.map(drop).map_err(Failure::of),
        None => run::run(&cli.run),
        Some(Sub::Certs { what }) => certs::run(&what),
        Some(Sub::Hosts(arguments)) => hosts::run(&arguments),
        Some(Sub::Client(arguments)) => client::run(arguments),
        Some(Sub::Explain(arguments)) => explain::run(&arguments),
        Some(Sub::Findings { json: true, .. }) => print(findings::catalogue_json().as_bytes()),
        Some(Sub::Findings { id: Some(id), .. }) if Path::new(&id).exists() => {
            Err(Failure::Undone(format!(
                "what is found in a recording `nudge explain {id}` says"
            )))
        }
        Some(Sub::Findings { id: Some(id), .. }) => findings::explain_finding(&id)
            .map_err(Failure::of)
            .and_then(|page| show(&page)),
        Some(Sub::Findings { id: None, .. }) => show(&findings::catalogue()),
        Some(Sub::Export(arguments)) => export::run(&arguments),
        Some(Sub::Open(arguments)) => open::run(&arguments),
        Some(Sub::Replay(arguments)) => replay::run(&arguments),
        Some(Sub::Diff(arguments)) => diff::run(&arguments),
        Some(Sub::Config(arguments)) => config::run(&arguments),
        Some(Sub::Keys(arguments)) => keys::run(&arguments),
        Some(Sub::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut command_line(), "nudge", &mut out);
            print(&out)
        }
        Some(Sub::Man { subcommand }) => {
            manual(subcommand.as_deref()).and_then(|page| print(&page))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}

/// Writes a page to standard output, in colour where that is a terminal.
fn show(page: &Page) -> Result<(), Failure> {
    print(paint::paint(page, paint::is_wanted()).as_bytes())
}

/// Writes to standard output; that nobody reads it is no mistake.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}").into())
        }
        _ => Ok(()),
    }
}

/// How many seconds east of Greenwich it is here. Asked while there is one thread: with more, the system's answer could
/// be torn.
fn utc_offset() -> i32 {
    time::UtcOffset::current_local_offset().map_or(0, time::UtcOffset::whole_seconds)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(turns::workers())
        .enable_all()
        .build()
        .map_err(|error| Failure::Undone(format!("the runtime could not be started: {error}")))
}

/// The program ends this long after it was told to, whatever still hangs.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// The first SIGINT, SIGTERM, SIGHUP or SIGQUIT asks for an end. A second one of its kind ends at once, after `last`, and
/// so do ten seconds. A supervisor that repeats its SIGTERM is impatient, not wrong: that is an end with code 0.
fn on_signals(
    stop: CancellationToken,
    last: impl Fn() + Clone + Send + 'static,
) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    // A file that reaches the limit of `ulimit -f` is as a full disk: the write fails, and the program goes on.
    let limit = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    drop(signal(limit).map_err(|error| format!("signals cannot be heard: {error}"))?);
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ] {
        let mut signals =
            signal(kind).map_err(|error| format!("signals cannot be heard: {error}"))?;
        let (stop, last) = (stop.clone(), last.clone());
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                let mut again = stop.is_cancelled();
                if !again {
                    stop.cancel();
                    again = tokio::time::timeout(ENDS_WITHIN, signals.recv())
                        .await
                        .is_ok();
                }
                last();
                let is_asked = again && kind == SignalKind::terminate();
                std::process::exit(if is_asked {
                    0
                } else {
                    128 + kind.as_raw_value()
                });
            }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(line: &str) -> String {
        let mut typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        subcommand_first(&Cli::command(), &mut typed);
        let typed: Vec<_> = typed.iter().map(|word| word.to_string_lossy()).collect();
        typed.join(" ")
    }

    #[test]
    fn options_of_a_subcommand_may_stand_before_it() {
        for (typed, meant) in [
            (
                "nudge --config c.toml config",
                "nudge config --config c.toml",
            ),
            ("nudge --keys=k.toml keys", "nudge keys --keys=k.toml"),
            ("nudge config --config c", "nudge config --config c"),
            // What a subcommand does not have stays, and is refused.
            ("nudge --lan config", "nudge --lan config"),
            ("nudge --demo", "nudge --demo"),
            ("nudge --nonsense config", "nudge --nonsense config"),
        ] {
            assert_eq!(ordered(typed), meant);
        }
    }

    #[test]
    fn a_slip_in_a_subcommand_gets_the_likeliest_alone() {
        for (typed, meant) in [("hepl", "help"), ("exprot", "export"), ("cilent", "client")] {
            let error = command_line().try_get_matches_from(["nudge", typed]);
            let text = likeliest(error.expect_err(typed)).render().to_string();
            let tip = format!("tip: a similar subcommand exists: '{meant}'");
            assert!(text.contains(&tip), "{text}");
        }
    }

    #[test]
    fn what_the_prompt_sends_to_a_shell_is_a_subcommand() {
        let root = Cli::command();
        for name in crate::command::SHELL {
            assert!(root.find_subcommand(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_head_of_the_manual_page_is_one_line() {
        for subcommand in [None, Some("open")] {
            let page = manual(subcommand).expect("a page");
            let page = String::from_utf8(page).expect("text");
            let head = page.split(".SH NAME").next().expect("a head");
            let last = head.trim_end().lines().last().expect("a line");
            assert!(last.starts_with(".TH ") && last.ends_with('"'), "{head}");
        }
    }
}
