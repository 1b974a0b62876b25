//! Examples for `--help`, and the two things that are typed though they are no subcommand: `nudge demo` and
//! `nudge a.nudge`.

use clap::Command;
use std::ffi::OsString;
use std::path::Path;

/// Below which subcommand, and the lines. (`client` and `config` say theirs themselves.)
const EXAMPLES: &[(&[&str], &str)] = &[
    (
        &[],
        "  nudge --demo              the console, and a built-in client that signs in\n  \
         nudge                     the service on this machine, for `nudge client` beside it\n  \
         nudge --lan               for clients on other machines, at the real ports\n  \
         nudge --headless          events as JSON lines, commands on standard input\n  \
         nudge --record a.nudge    everything that happens, into a file",
    ),
    (&["certs"], "  nudge certs show\n  nudge certs init"),
    (
        &["certs", "init"],
        "  nudge certs init\n  nudge certs init --force --no-name-constraints    for systems that refuse name constraints",
    ),
    (
        &["certs", "show"],
        "  nudge certs show\n  nudge certs show --certs ./certs",
    ),
    (&["certs", "export"], "  nudge certs export > root.pem"),
    (
        &["hosts"],
        "  nudge hosts                      for a client on this machine\n  \
         nudge hosts --lan                for clients on other machines, of a `nudge --lan`\n  \
         nudge hosts --ip 10.0.10.126     with another address",
    ),
    (
        &["explain"],
        "  nudge explain \"ILN 8 BSY busy@local 1 Busy%20User 1085276192\"\n  \
         nudge explain CHG\n  nudge explain 911\n  nudge explain sign-in.nudge --diagram",
    ),
    (&["findings"], "  nudge findings\n  nudge findings --json"),
    (
        &["export"],
        "  nudge export sign-in.nudge                       as text, on standard output\n  \
         nudge export sign-in.nudge -o sign-in.pcapng     for Wireshark\n  \
         nudge export sign-in.nudge -f jsonl | jq .\n  \
         nudge export sign-in.nudge -o report.md --filter client:2",
    ),
    (
        &["open"],
        "  nudge open sign-in.nudge\n  nudge open sign-in.nudge --play 4    from the beginning, four times as fast\n  \
         nudge open sign-in.nudge --filter 'client:2 !PNG'\n  \
         nudge open sign-in.nudge --follow    with what a service still writes to it",
    ),
    (
        &["replay"],
        "  nudge replay sign-in.nudge --sign-in\n  \
         nudge replay sign-in.nudge --notification 10.0.10.126 --https 10.0.10.126",
    ),
    (&["diff"], "  nudge diff good.nudge bad.nudge"),
    (
        &["config"],
        "  nudge config\n  nudge config > my.toml          to be changed, and named with --config or put where `nudge config` says",
    ),
    (
        &["keys"],
        "  nudge keys > keys.toml    to be changed, for `nudge --keys keys.toml`",
    ),
    (
        &["completions"],
        "  nudge completions bash > ~/.local/share/bash-completion/completions/nudge\n  \
         nudge completions zsh > ~/.zfunc/_nudge",
    ),
    (
        &["man"],
        "  nudge man | man -l -\n  nudge man explain | man -l -",
    ),
];

/// The command line with an example in each help.
pub(super) fn with(mut command: Command) -> Command {
    for (path, text) in EXAMPLES {
        command = put(command, path, text);
    }
    command
}

fn put(command: Command, path: &[&str], text: &str) -> Command {
    match path.split_first() {
        None if command.get_after_help().is_some() => command,
        None => command.after_help(format!("Examples:\n{text}")),
        Some((name, rest)) if command.find_subcommand(name).is_some() => {
            command.mut_subcommand(*name, |below| put(below, rest, text))
        }
        Some(_) => command,
    }
}

/// What was typed as it was meant: `nudge demo` is `nudge --demo`, and `nudge a.nudge` is `nudge open a.nudge`.
pub(super) fn meant(typed: &mut Vec<OsString>) {
    let Some(first) = typed.get(1).and_then(|first| first.to_str()) else {
        return;
    };
    if first == "demo" {
        typed[1] = "--demo".into();
        if typed
            .get(2)
            .is_some_and(|pace| pace == "fast" || pace == "watch")
        {
            let mut demo = OsString::from("--demo=");
            demo.push(typed.remove(2));
            typed[1] = demo;
        }
    } else if Path::new(first).extension().is_some_and(|e| e == "nudge") {
        typed.insert(1, "open".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_help_has_an_example_that_names_its_command() {
        fn each(command: &Command, path: &str) {
            let after = command.get_after_help().or(command.get_after_long_help());
            let after = after.map(ToString::to_string).unwrap_or_default();
            let long = command.get_after_long_help().map(ToString::to_string);
            let all = format!("{after}{}", long.unwrap_or_default());
            assert!(all.contains(path), "{path} has no example: {all}");
            for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
                each(below, &format!("{path} {}", below.get_name()));
            }
        }
        let mut command = with(super::super::Cli::command());
        command.build();
        each(&command, "nudge");
    }

    #[test]
    fn a_demo_and_a_recording_are_understood() {
        for (typed, meant_) in [
            ("nudge demo", "nudge --demo"),
            ("nudge demo fast", "nudge --demo=fast"),
            ("nudge demo --ascii", "nudge --demo --ascii"),
            ("nudge a.nudge", "nudge open a.nudge"),
            (
                "nudge dir/a.nudge --play 2",
                "nudge open dir/a.nudge --play 2",
            ),
            ("nudge explain a.nudge", "nudge explain a.nudge"),
            ("nudge", "nudge"),
        ] {
            let mut words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            meant(&mut words);
            let words: Vec<_> = words.iter().filter_map(|word| word.to_str()).collect();
            assert_eq!(words.join(" "), meant_);
        }
    }
}
