//! One target of `nudge::fuzz`, under libFuzzer: the one that `NUDGE_TARGET` names. `fuzz/run` starts it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nudge::fuzz::TARGETS;
use std::sync::LazyLock;

static READS: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("NUDGE_TARGET").unwrap_or_default();
    match TARGETS.iter().find(|target| target.name == name) {
        Some(target) => target.reads,
        None => {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("NUDGE_TARGET is one of {}", names.join(" "));
            std::process::exit(2);
        }
    }
});

fuzz_target!(|bytes: &[u8]| READS(bytes));
