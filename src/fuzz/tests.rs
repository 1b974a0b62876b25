//! The targets, fed with what is made of a corpus at random.
//!
//! The corpus is in `tests/corpus/NAME/`: one input a file. Each is read as it is, then changed: bits turned, bytes put
//! in, taken out, doubled and moved, pieces of other inputs and words of the target put in. `cargo test fuzz` gives each
//! target [`SHORT`]; `NUDGE_FUZZ=60 cargo test --lib fuzz -- --nocapture` gives each 60 seconds, and says how many
//! inputs there were. What makes a target panic is written beside the corpus, as `found-…`, to be kept there.

use super::{TARGETS, Target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long each target runs where nothing is asked for.
const SHORT: Duration = Duration::from_millis(150);
/// Bytes of the longest input.
const LONGEST: usize = 64 * 1024;

/// Random numbers (xorshift64*), the same in each run of the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound.max(1)
    }
}

/// Numbers and signs on which readers stumble.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\r\n",
    b"\n",
    b" ",
    b"%",
    b"%25",
    b"&",
    b"&#0;",
    b"\xff\xff\xff\xff",
    b"\x7f\xff",
    b"-1",
    b"18446744073709551616",
    b"4294967295",
    b"99999",
    b"\"",
    b"<",
    b"</",
    b"<!--",
    b"]]>",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
];

fn changed(random: &mut Random, from: &[u8], other: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(16).min(bytes.len() - at);
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            5 => {
                let begin = random.below(other.len() + 1);
                let end = begin + random.below(other.len() + 1 - begin);
                bytes.splice(at..at, other[begin..end].iter().copied());
            }
            n => {
                let list = if n == 6 { WORDS } else { words };
                if let Some(word) = list.get(random.below(list.len())) {
                    bytes.splice(at..at, word.iter().copied());
                }
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn corpus(name: &str) -> (PathBuf, Vec<Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name);
    let entries = std::fs::read_dir(&folder).expect("a corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("an input");
    let inputs = paths.iter().map(read).collect();
    (folder, inputs)
}

/// Feeds the target for its time.
fn fuzz(target: &str) {
    let found = TARGETS.iter().find(|one| one.name == target);
    let &Target { words, reads, .. } = found.expect("a target");
    let (folder, corpus) = corpus(target);
    assert!(!corpus.is_empty(), "{target} has inputs");
    let seconds = std::env::var("NUDGE_FUZZ").ok();
    let asked = seconds.as_deref().and_then(|seconds| seconds.parse().ok());
    let time = asked.map_or(SHORT, Duration::from_secs);
    // A short run is the same each time; a long one goes another way each time.
    let seed = asked.map_or(1, |_| {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(1, |since| since.as_nanos() as u64 | 1)
    });
    let mut random = Random(seed);
    let begin = Instant::now();
    let mut done = 0u64;
    let mut one = |input: &[u8]| {
        done += 1;
        if catch_unwind(AssertUnwindSafe(|| reads(input))).is_err() {
            let path = folder.join(format!("found-{done}"));
            let _ = std::fs::write(&path, input);
            panic!("{target}: {} panics", path.display());
        }
    };
    corpus.iter().for_each(|input| one(input));
    while begin.elapsed() < time {
        for _ in 0..64 {
            let from = &corpus[random.below(corpus.len())];
            let other = &corpus[random.below(corpus.len())];
            let mut input = changed(&mut random, from, other, words);
            for _ in 0..random.below(3) {
                input = changed(&mut random, &input, other, words);
            }
            one(&input);
        }
    }
    eprintln!(
        "{target}: {done} inputs in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
}

/// A test of its own for each target, so that they run beside each other.
macro_rules! each {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            fuzz(stringify!($name));
        })*

        #[test]
        fn every_target_has_its_test() {
            let tests = [$(stringify!($name)),*];
            let targets: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(tests.as_slice(), targets);
        }
    };
}

each! { frames lists documents hellos recordings filters masker dialects messages peers }
