//! What clients of each dialect were watched to say, or are said to say, and what they must be answered: literal bytes,
//! none of them from the service's own encoder.

mod common;

use common::start;
use nudge::roster::Roster;

/// The machine that the Mac of these tests names.
const MACHINE: &str = "00000000000000000000000000000001";

#[tokio::test]
async fn what_a_verb_of_another_dialect_or_an_unknown_one_carries_is_never_read_as_commands() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    for (id, command) in [
        ("other-dialect", "PUT 6 20\r\nOUT\r\nCHG 7 BSY 0 0\r\n"),
        ("other-dialect", "SDG 6 5\r\nOUT\r\n"),
        ("other-dialect", "DEL 6 x 5\r\nOUT\r\n"),
        ("other-dialect", "VAS 6 a b 3\r\nOUT"),
        ("unknown-verb", "XYZ 6 15\r\nto: somebody\r\n\n"),
        ("unknown-verb", "XYZ 6 20\r\n"),
    ] {
        let mut raw = service.signed_in("me@local", "MSNP16", MACHINE).await;
        raw.send(format!("{command}PNG\r\n")).await;
        raw.expect("QNG 60\r\n").await;
        let (_, text) = service.finding(id).await;
        let skipped = text.contains("was skipped");
        assert_eq!(skipped, command.len() > 10, "{command:?}: {text}");
    }
}
