//! Lists over the notification connection, MSNP8 to 12: what clients were watched to say, byte for byte, and every edit
//! in its form. The bytes are those of watched conversations and of the protocol's pages.

mod common;

use common::{TestService, start};
use nudge::msnp::adl::Lists;
use nudge::recording::golden::article;
use nudge::roster::{Contact, Phones, Roster};

fn service() -> TestService {
    let mut service = start(article().expect("the roster of the article"));
    service.ignore_events();
    service
}

/// The contacts of the shipped roster: user, name, and the first of the digits that its GUID is made of.
const CONTACTS: [(&str, &str, u8, &str); 8] = [
    ("online", "Online%20User", 1, "NLN"),
    ("busy", "Busy%20User", 2, "BSY"),
    ("idle", "Idle%20User", 3, "IDL"),
    ("away", "Away%20User", 4, "AWY"),
    ("brb", "Brb%20User", 5, "BRB"),
    ("lunch", "Lunch%20User", 6, "LUN"),
    ("phone", "Phone%20User", 7, "PHN"),
    ("hidden", "Hidden%20User", 8, "HDN"),
];

fn guid(digit: u8) -> String {
    "11111111-1111-1111-1111-111111111111".replace('1', &digit.to_string())
}

#[tokio::test]
async fn at_msnp8_and_9_lists_have_a_version_and_groups_numbers() {
    for dialect in ["MSNP8", "MSNP9"] {
        let service = service();
        let mut raw = service.windows(dialect).await;
        raw.send("SYN 5 0\r\n").await;
        let line = raw.line().await;
        let version = line.strip_prefix("SYN 5 ").expect("SYN");
        let version = version.strip_suffix(" 8 1").expect("8 contacts, 1 group");
        let first: u32 = version.parse().expect("a version");
        raw.expect("GTC A\r\nBLP AL\r\nPRP MFN me%40local.test\r\nLSG 0 Other%20Contacts 0\r\n")
            .await;
        for (user, name, ..) in CONTACTS {
            raw.expect(&format!("LST {user}@local {name} 11 0\r\n"))
                .await;
        }
        // What the client has already is not sent again, nor where it says more than is due.
        raw.ask(&format!("SYN 6 {first}"), &format!("SYN 6 {first}"))
            .await;
        raw.ask(&format!("SYN 7 {first} 0"), &format!("SYN 7 {first}"))
            .await;

        raw.send("CHG 8 NLN\r\n").await;
        raw.expect("CHG 8 NLN 0\r\n").await;
        raw.message("text/x-msmsgsinitialemailnotification").await;
        let object = if dialect == "MSNP8" { "" } else { " 0" };
        for (user, name, _, status) in &CONTACTS[..7] {
            raw.expect(&format!(
                "ILN 8 {status} {user}@local {name} 1085276192{object}\r\n"
            ))
            .await;
        }
        raw.ask("PNG", if dialect == "MSNP8" { "QNG" } else { "QNG 60" })
            .await;

        let v = |more: u32| first + more;
        for (line, answer) in [
            ("GTC 10 N", format!("GTC 10 {} N", v(1))),
            ("BLP 11 BL", format!("BLP 11 {} BL", v(2))),
            (
                "PRP 12 PHH 01%20234",
                format!("PRP 12 {} PHH 01%20234", v(3)),
            ),
            (
                "REA 13 me@local.test Me%20Myself",
                format!("REA 13 {} me@local.test Me%20Myself", v(4)),
            ),
            (
                "ADG 14 Best%20Friends 0",
                format!("ADG 14 {} Best%20Friends 1 0", v(5)),
            ),
            ("ADG 15 Best%20Friends 0", "228 15".into()),
            ("REG 16 1 Work 0", format!("REG 16 {} 1 Work 0", v(6))),
            ("REG 17 7 Work 0", "224 17".into()),
            ("RMG 18 0", "230 18".into()),
            (
                "ADD 19 FL busy@local Busy%20User 1",
                format!("ADD 19 FL {} busy@local Busy%20User 1", v(7)),
            ),
            (
                "REM 20 FL busy@local 0",
                format!("REM 20 FL {} busy@local 0", v(7)),
            ),
            ("ADD 21 FL busy@local Busy%20User", "215 21".into()),
            (
                "ADD 22 FL new@local.test New%20One",
                format!("ADD 22 FL {} new@local.test New%20One", v(8)),
            ),
            ("ADD 23 FL nobody Nobody", "205 23".into()),
            ("ADD 24 BL busy@local busy@local", "219 24".into()),
            (
                "REM 25 AL busy@local",
                format!("REM 25 AL {} busy@local", v(9)),
            ),
            ("REM 26 AL busy@local", "216 26".into()),
            (
                "ADD 27 BL busy@local busy@local",
                format!("ADD 27 BL {} busy@local busy@local", v(10)),
            ),
            ("ADD 28 RL busy@local busy@local", "201 28".into()),
            ("REM 29 FL stranger@local", "205 29".into()),
            ("REM 30 FL phone@local 1", "225 30".into()),
            ("ADD 31 FL", "200 31".into()),
            (
                "SDC 32 a@b.c 0x0409 MSMSGS WindowsMessenger X X Me 2\r\nhi",
                "SDC 32 OK".into(),
            ),
        ] {
            let line = line.strip_suffix("\r\n").unwrap_or(line);
            if line.contains("\r\n") {
                raw.send(line).await;
                raw.expect(&format!("{answer}\r\n")).await;
            } else {
                raw.ask(line, &answer).await;
            }
        }
        raw.send(format!("SYN 40 {first}\r\n")).await;
        raw.expect(&format!("SYN 40 {} 9 2\r\n", v(10))).await;
        raw.expect("GTC N\r\nBLP BL\r\nPRP MFN Me%20Myself\r\nPRP PHH 01%20234\r\n")
            .await;
        raw.expect("LSG 0 Other%20Contacts 0\r\nLSG 1 Work 0\r\nLST online@local Online%20User 11 0\r\nLST busy@local Busy%20User 13 1\r\n")
            .await;
        for (user, name, ..) in &CONTACTS[2..] {
            raw.expect(&format!("LST {user}@local {name} 11 0\r\n"))
                .await;
        }
        raw.expect("LST new@local.test New%20One 9 0\r\n").await;
        raw.ask("RMG 41 1", &format!("RMG 41 {} 1", v(11))).await;
    }
}

#[tokio::test]
async fn from_msnp10_to_12_contacts_and_groups_have_guids() {
    for dialect in ["MSNP10", "MSNP11", "MSNP12"] {
        let network = if dialect == "MSNP12" { " 1" } else { "" };
        let service = service();
        let mut raw = service.windows(dialect).await;
        raw.send("SYN 5 0 0\r\n").await;
        let line = raw.line().await;
        let stamps = line.strip_prefix("SYN 5 ").expect("SYN");
        let stamps = stamps.strip_suffix(" 8 0").expect("8 contacts").to_owned();
        let (first, second) = stamps.split_once(' ').expect("two stamps");
        assert_eq!(first, second);
        assert_eq!(first.len(), "2026-01-01T00:00:00.0000000-08:00".len());
        assert!(
            first.starts_with("20") && first.ends_with(".0000000-08:00"),
            "{first}"
        );
        raw.expect("GTC A\r\nBLP AL\r\nPRP MFN me%40local.test\r\n")
            .await;
        for (user, name, digit, _) in CONTACTS {
            let id = guid(digit);
            raw.expect(&format!(
                "LST N={user}@local F={name} C={id} 11{network}\r\n"
            ))
            .await;
        }
        raw.ask(&format!("SYN 6 {stamps}"), &format!("SYN 6 {stamps}"))
            .await;
        if dialect != "MSNP10" {
            raw.send("GCF 7 Shields.xml\r\n").await;
            raw.expect("GCF 7 Shields.xml 144\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?><config><shield><cli maj=\"7\" min=\"0\" minbld=\"0\" maxbld=\"9999\" deny=\" \" /></shield><block></block></config>")
                .await;
        }
        raw.send("CHG 8 NLN 1073741824\r\n").await;
        raw.expect("CHG 8 NLN 1073741824\r\n").await;
        raw.message(match dialect {
            "MSNP10" => "text/x-msmsgsinitialemailnotification",
            _ => "text/x-msmsgsinitialmdatanotification",
        })
        .await;
        for (user, name, _, status) in &CONTACTS[..7] {
            raw.expect(&format!(
                "ILN 8 {status} {user}@local {name} 1085276192 0\r\n"
            ))
            .await;
            if dialect != "MSNP10" {
                raw.expect(&format!("UBX {user}@local 89\r\n<Data><PSM>"))
                    .await;
                raw.skip(89 - "<Data><PSM>".len()).await;
            }
        }
        if dialect != "MSNP10" {
            raw.send("UUX 9 54\r\n<Data><PSM>probe &amp; psm</PSM><CurrentMedia/></Data>")
                .await;
            raw.expect("UUX 9 0\r\n").await;
        }
        for (line, answer) in [
            ("GTC 10 N", "GTC 10 N"),
            ("BLP 11 BL", "BLP 11 BL"),
            ("PRP 12 MFN Me%20Myself", "PRP 12 MFN Me%20Myself"),
            (
                "SBP 13 11111111-1111-1111-1111-111111111111 MFN Online%20User",
                "SBP 13 11111111-1111-1111-1111-111111111111 MFN Online%20User",
            ),
            ("ADC 14 FL N=busy@local F=Busy%20User", "215 14"),
            ("ADC 15 BL N=busy@local", "219 15"),
            ("REM 16 AL busy@local", "REM 16 AL busy@local"),
            ("ADC 17 BL N=busy@local", "ADC 17 BL N=busy@local"),
            ("ADC 18 FL N=nobody F=Nobody", "208 18"),
            ("REM 19 FL 99999999-9999-9999-9999-999999999999", "208 19"),
            ("REM 20 PL busy@local", "216 20"),
            ("ADC 21 XX N=busy@local", "201 21"),
            (
                "ADG 22 A%20name%20of%20a%20group%20that%20has%20more%20than%2061%20bytes%20",
                "229 22",
            ),
        ] {
            raw.ask(line, answer).await;
        }
        raw.send("ADG 30 Friends\r\n").await;
        let line = raw.line().await;
        let group = line
            .strip_prefix("ADG 30 Friends ")
            .expect("ADG")
            .to_owned();
        assert_eq!(group.len(), 36, "{group}");
        let two = "22222222-2222-2222-2222-222222222222";
        for (line, answer) in [
            (
                format!("ADC 31 FL C={two} {group}"),
                format!("ADC 31 FL C={two} {group}"),
            ),
            (format!("ADC 32 FL C={two} {group}"), "215 32".into()),
            (
                format!("REG 33 {group} Old%20Friends"),
                format!("REG 33 {group} Old%20Friends"),
            ),
            (
                format!("REM 34 FL {two} {group}"),
                format!("REM 34 FL {two} {group}"),
            ),
            (format!("REM 35 FL {two} {group}"), "225 35".into()),
            (format!("RMG 36 {group}"), format!("RMG 36 {group}")),
            (format!("RMG 37 {group}"), "224 37".into()),
        ] {
            raw.ask(&line, &answer).await;
        }
        raw.send("ADC 38 FL N=new@local.test F=New%20One\r\n").await;
        let line = raw.line().await;
        let id = line
            .strip_prefix("ADC 38 FL N=new@local.test F=New%20One C=")
            .expect("ADC");
        assert_eq!(id.len(), 36, "{id}");
        raw.ask(&format!("REM 39 FL {id}"), &format!("REM 39 FL {id}"))
            .await;
        raw.send(format!("SYN 40 {stamps}\r\n")).await;
        let line = raw.line().await;
        assert!(line.ends_with(" 9 0") && !line.contains(&stamps), "{line}");
        raw.expect("GTC N\r\nBLP BL\r\nPRP MFN Me%20Myself\r\n")
            .await;
        for (user, name, digit, _) in CONTACTS {
            let (id, bits) = (guid(digit), if user == "busy" { 13 } else { 11 });
            raw.expect(&format!(
                "LST N={user}@local F={name} C={id} {bits}{network}\r\n"
            ))
            .await;
        }
        // It is no contact of the user's any more, and has the user on its own list.
        raw.expect(&format!("LST N=new@local.test F=New%20One 8{network}\r\n"))
            .await;
    }
}

#[tokio::test]
async fn what_is_added_shows_itself_and_what_is_changed_elsewhere_is_told() {
    let service = service();
    let mut raw = service.windows("MSNP12").await;
    raw.send("CHG 5 NLN 0\r\nPNG\r\n").await;
    while raw.line().await != "QNG 60" {}
    let busy = "22222222-2222-2222-2222-222222222222";
    raw.ask(&format!("REM 6 FL {busy}"), &format!("REM 6 FL {busy}"))
        .await;
    raw.expect("FLN busy@local\r\n").await;
    raw.send("ADC 7 FL N=busy@local F=Busy%20User\r\n").await;
    raw.expect(&format!("ADC 7 FL N=busy@local F=Busy%20User C={busy}\r\n"))
        .await;
    raw.expect("NLN BSY busy@local Busy%20User 1085276192 0\r\nUBX busy@local 89\r\n")
        .await;
}

#[tokio::test]
async fn from_msnp13_on_the_verbs_of_lists_end_the_connection() {
    for dialect in ["MSNP13", "MSNP16"] {
        for line in [
            "SYN 6 0 0",
            "GTC 6 A",
            "ADC 6 FL N=a@b.c F=a",
            "ADD 6 FL a@b.c a",
            "REM 6 FL a@b.c",
            "REA 6 a@b.c a",
            "SBP 6 x MFN a",
            "ADG 6 a",
            "REG 6 a b",
            "RMG 6 a",
        ] {
            let mut service = start(article().expect("the roster of the article"));
            let mut raw = service
                .signed_in("me@local", dialect, "00000000000000000000000000000001")
                .await;
            raw.send(format!("{line}\r\n")).await;
            assert_eq!(raw.rest().await, "715 6\r\n", "{dialect} {line}");
            let (field, text) = service.finding("other-dialect").await;
            assert_eq!(field, &line[..3]);
            assert!(text.contains("and below"), "{text}");
        }
    }
}

#[tokio::test]
async fn the_phones_of_a_contact_follow_its_entry_in_the_lists() {
    let mut ann = Contact::new("ann@local", Some("Ann".into()));
    ann.phones = Phones {
        home: "555 1234".into(),
        work: String::new(),
        mobile: "+31 6 1234".into(),
    };
    ann.capabilities |= 0x40;
    // Of one that is no contact of the user's own nothing more is told.
    let mut stranger = Contact::new("bob@local", Some("Bob".into()));
    stranger.phones.home = "1".into();
    stranger.lists = Lists(Lists::REVERSE.0);
    for dialect in ["MSNP8", "MSNP9", "MSNP10", "MSNP11", "MSNP12"] {
        let roster = Roster::new([ann.clone(), stranger.clone()], []).expect("a roster");
        let mut service = start(roster);
        service.ignore_events();
        let mut raw = service.windows(dialect).await;
        raw.send("SYN 5 0 0\r\nPNG\r\n").await;
        let mut lines = Vec::new();
        loop {
            let line = raw.line().await;
            if line.starts_with("QNG") {
                break;
            }
            lines.push(line);
        }
        let at = lines.iter().position(|line| line.contains("ann@local"));
        let behind = &lines[at.expect("its LST") + 1..];
        let wanted = [
            "BPR PHH 555%201234",
            "BPR PHM %2B31%206%201234",
            "BPR MOB Y",
        ];
        assert_eq!(behind[..3], wanted, "{dialect}");
        assert!(
            behind[3].starts_with("LST ") && behind.len() == 4,
            "{dialect}: {behind:?}"
        );
    }
}
