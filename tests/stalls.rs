//! Stalls as data: each is played against the real binary over loopback, and both what it tells as it happens and
//! what `nudge explain` makes of its recording must name the cause first. See stalls/README.md.

#[path = "stalls/player.rs"]
mod player;
#[path = "common/program.rs"]
mod program;
#[path = "common/proof.rs"]
mod proof;

use player::{Nudge, Player};
use serde::Deserialize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `STALLS/` stands for in an argument.
const STALLS_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stalls/");
/// Played at once.
const AT_ONCE: usize = 24;
/// Fewer are no corpus.
const STALLS: usize = 60;
const HEALTHY: usize = 15;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    stall: Vec<Stall>,
    #[serde(default)]
    healthy: Vec<Stall>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stall {
    name: String,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    alone: bool,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default = "usual")]
    patience: f64,
    play: String,
}

/// Times the usual wait: short enough for a test, long enough for two busy cores.
fn usual() -> f64 {
    0.12
}

/// What was told, live.
#[derive(Debug)]
struct Told {
    id: String,
    severity: String,
    text: String,
}

#[derive(Debug)]
struct Outcome {
    told: Vec<Told>,
    explained: String,
}

fn files(wanted: impl Fn(&str) -> bool) -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stalls");
    let only = std::env::var("STALLS").unwrap_or_default();
    let file = std::env::var("STALLS_FILE").unwrap_or_default();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .filter(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            name.starts_with(&file) && wanted(&name)
        })
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("it is read");
            let mut file: File = toml_edit::de::from_str(&text)
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            file.stall.retain(|stall| stall.name.contains(&only));
            file.healthy.retain(|stall| stall.name.contains(&only));
            file
        })
        .collect()
}

/// Plays one, and gives back what was told of it.
fn play(stall: &Stall) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let args: Vec<_> = stall
        .args
        .iter()
        .map(|arg| arg.replace("STALLS/", STALLS_FOLDER))
        .collect();
    let mut nudge = Nudge::start(folder.path(), &args);
    nudge.command(&format!("patience {}", stall.patience));
    let mut player = Player::new(&mut nudge);
    player.play(&stall.play);
    // Longer than the longest wait of all (15 s), at this patience, and than the tick.
    let hold = std::time::Duration::from_secs_f64(15.0 * stall.patience + 2.2);
    std::thread::sleep(hold);
    let connections = player.connections();
    // The service ends while they are open, as it does where somebody has seen enough.
    let events = nudge.quit();
    drop(connections);
    if std::env::var_os("STALLS_RAW").is_some() {
        events.iter().for_each(|line| eprintln!("{line}"));
    }
    let told = events
        .iter()
        .filter(|line| line["event"] == "finding")
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            Told {
                id: text("id"),
                severity: text("severity"),
                text: text("text"),
            }
        })
        .collect();
    let explained = nudge.explain(stall.patience);
    Outcome { told, explained }
}

/// The first cause in a text that tells causes, or the text.
fn first_cause(text: &str) -> &str {
    let begin = text.split_once("Likely: ").map_or(text, |(_, rest)| rest);
    begin.split("Or: ").next().unwrap_or(begin)
}

impl Outcome {
    /// What stands first: the cause of the stall, or else the first finding that is of weight.
    fn live(&self) -> Option<&str> {
        let weight = |severity: &str| match severity {
            "error" => 0,
            "warning" => 1,
            _ => 2,
        };
        // What stands: more may have been known later.
        let stall = self.told.iter().rfind(|told| told.id == "stalled");
        stall
            .or_else(|| self.told.iter().min_by_key(|told| weight(&told.severity)))
            .map(|told| first_cause(&told.text))
    }

    /// The same of what `explain` prints.
    fn explained(&self) -> Option<&str> {
        let text = &self.explained;
        text.lines()
            .map(str::trim)
            .find_map(|line| {
                line.strip_prefix("1. ")
                    .or_else(|| line.strip_prefix("likely: "))
            })
            .or_else(|| {
                text.lines()
                    .map(str::trim)
                    .find(|line| line.starts_with("! "))
            })
            .or(Some(text))
    }

    fn heavy(&self) -> Vec<&Told> {
        let heavy = self.told.iter().filter(|told| told.severity != "info");
        heavy.collect()
    }
}

fn says(text: &str, wanted: &[String]) -> bool {
    let text = text.to_lowercase();
    wanted.iter().all(|any| {
        any.split('|')
            .any(|word| text.contains(&word.to_lowercase()))
    })
}

fn judge(stall: &Stall, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    for (how, first) in [("live", outcome.live()), ("explain", outcome.explained())] {
        match first {
            None => wrong.push(format!("{how}: silent")),
            Some(first) if !says(first, &stall.says) => {
                wrong.push(format!("{how}: first is {first:?}"));
            }
            Some(_) => {}
        }
    }
    let all = outcome.told.iter().map(|told| told.text.as_str());
    for text in all.chain([outcome.explained.as_str()]) {
        for not in &stall.not {
            if text.to_lowercase().contains(&not.to_lowercase()) {
                wrong.push(format!("{not:?} is told: {text:?}"));
            }
        }
    }
    if stall.alone && outcome.heavy().len() > 1 {
        wrong.push(format!("not alone: {:?}", outcome.heavy()));
    }
    wrong
}

/// Plays them, several at once, and gives back what is wrong with each.
fn run<'a>(
    stalls: &[&'a Stall],
    judge: impl Fn(&Stall, &Outcome) -> Vec<String> + Sync,
) -> Vec<(&'a str, Vec<String>)> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(stall) = stalls.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = play(stall);
                    if std::env::var_os("STALLS_SHOW").is_some() {
                        eprintln!(
                            "== {}\n{:#?}\n{}",
                            stall.name, outcome.told, outcome.explained
                        );
                    }
                    let found = judge(stall, &outcome);
                    if !found.is_empty() {
                        wrong
                            .lock()
                            .expect("no panic")
                            .push((stall.name.as_str(), found));
                    }
                }
            });
        }
    });
    wrong.into_inner().expect("no panic")
}

fn report(what: &str, of: usize, wrong: &[(&str, Vec<String>)]) {
    eprintln!("{what}: {} of {of} are right", of - wrong.len());
    for (name, why) in wrong {
        eprintln!("- {name}\n    {}", why.join("\n    "));
    }
    assert!(wrong.is_empty(), "{} of {of} are wrong", wrong.len());
}

#[test]
fn the_cause_of_every_stall_is_named_first() {
    let files = files(|_| true);
    let stalls: Vec<_> = files.iter().flat_map(|file| &file.stall).collect();
    if std::env::var_os("STALLS").is_none() && std::env::var_os("STALLS_FILE").is_none() {
        assert!(stalls.len() >= STALLS, "{} stalls", stalls.len());
    }
    let alone = Mutex::new(Vec::new());
    let wrong = run(&stalls, |stall, outcome| {
        let found = judge(stall, outcome);
        if found.is_empty() && !outcome.told.iter().any(|told| told.id == "stalled") {
            alone.lock().expect("no panic").push(stall.name.clone());
        }
        found
    });
    let alone = alone.into_inner().expect("no panic");
    eprintln!("named by a finding alone: {} {alone:?}", alone.len());
    report("stalls", stalls.len(), &wrong);
}

#[test]
fn of_a_healthy_sign_in_nothing_is_told_that_weighs() {
    let files = files(|_| true);
    let healthy: Vec<_> = files.iter().flat_map(|file| &file.healthy).collect();
    if std::env::var_os("STALLS").is_none() && std::env::var_os("STALLS_FILE").is_none() {
        assert!(healthy.len() >= HEALTHY, "{} sign-ins", healthy.len());
    }
    let wrong = run(&healthy, |_, outcome| {
        let heavy = outcome.heavy().into_iter().map(|told| format!("{told:?}"));
        let crosses = outcome
            .explained
            .lines()
            .filter(|line| line.trim_start().starts_with('✗'));
        heavy.chain(crosses.map(str::to_owned)).collect()
    });
    report("healthy sign-ins", healthy.len(), &wrong);
}
