//! Findings about what really comes out of the service, and the subcommands that print the catalogue.

mod common;

use nudge::event::{Event, EventKind, FindingId, Service};
use nudge::findings::Findings;
use nudge::roster::Roster;
use std::collections::BTreeSet;
use std::process::{Command, Output};
use tokio::io::AsyncWriteExt;

/// Lines that provoke the service in one way each. `{}` stands for nothing.
const HOSTILE: &[&str] = &[
    "VER 1 MSNP2 CVR0\r\n",
    "VER MSNP16\r\n",
    "\r\nVER 1 MSNP16\nPNG\r\nUSR 2 TWN I a@b\r\n",
    "VER 1 MSNP16\r\nCVR 2 x\r\n",
    "VER 1 MSNP16\r\nCVR 2 0x0409 mac 1 i386 macmsgs 8.0.1 macmsgs a@b\r\nUSR 3 TWN I nobody\r\n",
    "VER 1 MSNP16\r\nCVR 2 0x0409 mac 1 i386 macmsgs 8.0.1 macmsgs a@b\r\nUSR 3 SSO I a@b\r\n",
    "VER 1 MSNP16\r\nCVR 2 0x0409 mac 1 i386 macmsgs 8.0.1 macmsgs a@b\r\nUSR 3 TWN I a@b\r\nUSR 4 TWN S t=x\r\n",
    "ADL 5 99999999999\r\n",
    "UUX 9 -1\r\n",
    "NONSENSE 1 2 3\r\nMSG 1 U 0\r\n",
    "SYN 1 0 0\r\n",
];

/// The same of a client that has signed in.
const SIGNED_IN: &str = "BLP 5 XX\r\nCHG 6 FLN 0\r\nCHG 7 NLN x\r\nPRP 8 MFN a b\r\nPRP 9 MFN\r\nUUX 10 3\r\n<a>\
    ADL 11 3\r\n<a>ADL 12 57\r\n<ml><d n=\"local\"><c n=\"busy\" l=\"99\" t=\"1\"/></d></ml>    QRY 13 x 0\r\nUUN 14 nobody@local 1 0\r\n\
    XFR 15 SB\r\nURL 16\r\nPNG 1 2 3\r\nUSR 17 TWN I a@b\r\nCHG 18 NLN 1\r\nCHG 18 NLN 1 <x>\r\nOUT\r\n";

fn gone(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::Disconnected {
            service: Service::Notification,
            ..
        }
    )
}

#[tokio::test]
async fn what_a_hostile_client_says_is_found() {
    let mut service = common::start(Roster::shipped().expect("the shipped roster"));
    for hostile in HOSTILE {
        let mut raw = service.connect().await;
        raw.send(hostile).await;
        // All of it is read, whoever closes first.
        let _ = raw.stream.shutdown().await;
        raw.rest().await;
    }
    let mut raw = service
        .signed_in("me@local", "MSNP16", "00000000000000000000000000000001")
        .await;
    raw.send(SIGNED_IN).await;
    raw.rest().await;

    let mut findings = Findings::new();
    let mut seen = BTreeSet::new();
    let (mut id, mut ended) = (0, 0);
    while ended <= HOSTILE.len() {
        let next = tokio::time::timeout(common::PATIENCE, service.stream.recv()).await;
        let event = next.expect("it goes on").expect("it is open").event;
        id += 1;
        if let EventKind::Finding(finding) = &event.kind {
            seen.insert(finding.id.clone());
        }
        seen.extend(
            findings
                .take(&event, nudge::event::EventId(id))
                .into_iter()
                .map(|told| told.finding.id),
        );
        ended += usize::from(gone(&event));
    }
    for expected in [
        FindingId::NoCommonDialect,
        FindingId::BadLength,
        FindingId::UnknownVerb,
        FindingId::Ticket,
        FindingId::TransactionReused,
    ] {
        assert!(
            seen.contains(&expected),
            "{expected:?} is not among {seen:?}"
        );
    }
}

fn nudge(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(arguments)
        .output()
        .expect("nudge runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn explain_and_findings_print_what_the_tables_say() {
    let line = nudge(&[
        "explain",
        "ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E",
    ]);
    assert!(line.status.success());
    assert!(
        text(&line).contains("friendly name: \"Busy User\""),
        "{}",
        text(&line)
    );
    // As several arguments it is the same line.
    let words = nudge(&["explain", "FLN", "busy@local", "1"]);
    assert!(
        text(&words).contains("a contact is offline"),
        "{}",
        text(&words)
    );
    assert!(text(&nudge(&["explain", "UBX"])).contains("personal message"));
    let unknown = nudge(&["explain", "UBZ"]);
    assert!(!unknown.status.success());
    let error = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(error.contains("did you mean"), "{error}");
    let findings = text(&nudge(&["findings"]));
    assert!(findings.contains("no-msnobj  (error)") && findings.contains("stalled  (warning)"));
}

#[test]
fn explain_of_a_recording_is_the_ladder_and_its_damage_is_an_error() {
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/recordings/messenger-mac-8.0.1.nudge"
    );
    let good = nudge(&["explain", golden, "--diagram"]);
    assert!(good.status.success());
    let out = text(&good);
    assert!(out.contains("✓ presence") && out.contains("▶│"), "{out}");
    assert!(!out.contains("asdf"), "no password leaves");
    let dir = tempfile::tempdir().expect("a folder");
    let cut = dir.path().join("cut.nudge");
    let bytes = std::fs::read(golden).expect("the golden recording");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("it is written");
    let cut = nudge(&["explain", &cut.display().to_string()]);
    assert!(!cut.status.success());
    assert!(text(&cut).contains("✓ VER"), "what was whole is explained");
    assert!(String::from_utf8_lossy(&cut.stderr).contains("damaged at byte"));
    assert!(!nudge(&["explain", "/nowhere/x.nudge"]).status.success());
}
