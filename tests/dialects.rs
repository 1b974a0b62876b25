//! What clients of each dialect were watched to say, or are said to say, and what they must be answered: literal bytes,
//! none of them from the service's own encoder.

mod common;

use common::{Raw, TestService, Whole, start, whole};
use nudge::event::EventKind;
use nudge::msnp::Dialect;
use nudge::roster::Roster;
use nudge::server::notification::Mail;

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

/// The challenge of the published vector and of the watched conversations.
const CHALLENGE: &str = "22210219642164014968";

/// Challenges the only client.
async fn challenge(service: &TestService, raw: &mut Raw) {
    let id = service.hub.clients().last().expect("a client").id;
    let (_, mailbox) = service.hub.client(id).expect("a client");
    mailbox.put(Mail::Challenge(CHALLENGE.into()));
    raw.expect("CHL 0 22210219642164014968\r\n").await;
}

#[tokio::test]
async fn an_answer_to_a_challenge_is_checked_by_the_algorithm_of_its_dialect() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    // BitlBee 1.0, msnp11-sdk's dialect and msn-pecan as they were watched, and the published vector.
    for (dialect, product, answer) in [
        (
            "MSNP8",
            "msmsgs@msnmsgr.com",
            "eedf627f65e76d031255a605f5841204",
        ),
        (
            "MSNP9",
            "msmsgs@msnmsgr.com",
            "eedf627f65e76d031255a605f5841204",
        ),
        (
            "MSNP10",
            "msmsgs@msnmsgr.com",
            "eedf627f65e76d031255a605f5841204",
        ),
        (
            "MSNP11",
            "PROD0101{0RM?UBW",
            "64812169fe9717715f03c678fa4ab938",
        ),
        (
            "MSNP12",
            "PROD0101{0RM?UBW",
            "64812169fe9717715f03c678fa4ab938",
        ),
        (
            "MSNP13",
            "PROD0090YUAUV{2B",
            "85ecb0db8f32113df79ce0892b9a102c",
        ),
        (
            "MSNP18",
            "PROD0090YUAUV{2B",
            "85ecb0db8f32113df79ce0892b9a102c",
        ),
    ] {
        let mut raw = service.windows(dialect).await;
        challenge(&service, &mut raw).await;
        raw.send(format!("QRY 7 {product} 32\r\n{answer}")).await;
        raw.expect("QRY 7\r\n").await;
        // Another key, and the answer to another challenge.
        for wrong in [answer.replace('0', "1"), answer.to_uppercase()] {
            let mut raw = service.windows(dialect).await;
            challenge(&service, &mut raw).await;
            raw.send(format!("QRY 8 {product} 32\r\n{wrong}")).await;
            assert_eq!(raw.rest().await, "540 8\r\n", "{dialect}");
        }
    }
}

#[tokio::test]
async fn a_wrong_answer_is_a_finding_alone_where_the_operator_wants_it() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    let mut raw = service.windows("MSNP12").await;
    service.hub.set(|settings| settings.strict = false);
    challenge(&service, &mut raw).await;
    raw.send("QRY 7 PROD0101{0RM?UBW 32\r\n00000000000000000000000000000000PNG\r\n")
        .await;
    raw.expect("QRY 7\r\nQNG 60\r\n").await;
    let (_, text) = service.finding("challenge-refused").await;
    assert!(text.contains("64812169fe9717715f03c678fa4ab938"), "{text}");
    // A product that nobody knows cannot be judged, and an answer that nobody asked for is none.
    service.hub.set(|settings| settings.strict = true);
    challenge(&service, &mut raw).await;
    for transaction in [8, 9] {
        raw.send(format!("QRY {transaction} PROD 2\r\nab")).await;
        raw.expect(&format!("QRY {transaction}\r\n")).await;
    }
    service.finding("challenge-product").await;
    service.finding("unasked-challenge").await;
}

#[tokio::test]
async fn challenges_go_to_all_that_see_their_contacts_but_to_the_mac() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    let mut windows = service.windows("MSNP12").await;
    windows.send("CHG 8 NLN 0\r\nPNG\r\n").await;
    while windows.line().await != "QNG 60" {}
    let mut mac = service.online("mac@local").await;
    service
        .event(|kind| match kind {
            EventKind::Client(info) if info.account.as_deref() == Some("mac@local") => {
                (info.step == nudge::event::Step::Online).then_some(())
            }
            _ => None,
        })
        .await;
    service.hub.challenge_all();
    let line = windows.line().await;
    let text = line.strip_prefix("CHL 0 ").expect("a challenge");
    assert!(text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit()));
    mac.ask("PNG", "QNG 60").await;
}

#[tokio::test]
async fn the_lists_of_adl_rml_and_fqy_have_the_service_s_rules() {
    let mut roster = Roster::shipped().expect("the shipped roster");
    let mut yahoo = nudge::roster::Contact::new("y@yahoo.test", None);
    yahoo.network = 32;
    roster
        .apply(nudge::roster::Edit::Put {
            contact: std::sync::Arc::new(yahoo),
            at: None,
        })
        .expect("is added");
    let mut service = start(roster);
    let mut raw = service.windows("MSNP14").await;
    let one = |attributes: &str| format!("<ml><d n=\"a.b\"><c n=\"x\" {attributes}/></d></ml>");
    for (verb, payload, answer) in [
        ("ADL", "<ml l=\"1\"></ml>".to_owned(), "ADL 5 OK\r\n"),
        ("ADL", "<ml></ml>".into(), "240 5\r\n"),
        ("RML", "<ml></ml>".into(), "240 5\r\n"),
        ("FQY", "<ml></ml>".into(), "240 5\r\n"),
        ("FQY", "<ml><d></d></ml>".into(), "241 5\r\n"),
        ("ADL", "<ml><d n=\"\"><c n=\"x\" l=\"1\" t=\"1\"/></d></ml>".into(), "240 5\r\n"),
        ("ADL", "<ml><d><c n=\"x\" l=\"1\" t=\"1\"/></d></ml>".into(), "241 5\r\n"),
        ("ADL", one("l=\"3\" t=\"256\""), "204 5\r\n"),
        ("ADL", one("l=\"8\" t=\"1\""), "241 5\r\n"),
        ("RML", one("l=\"1\" t=\"1\""), "216 5\r\n"),
        ("ADL", one("l=\"3\" t=\"1\""), "ADL 5 OK\r\n"),
        ("RML", one("l=\"1\" t=\"1\""), "RML 5 OK\r\n"),
        ("RML", "<ml><d n=\"local\"><c n=\"busy\" l=\"1\" t=\"1\"/></d></ml>".into(), "RML 5 OK\r\n"),
        (
            "FQY",
            "<ml><d n=\"local\"><c n=\"busy\"/><c n=\"idle\"/></d><d n=\"yahoo.test\"><c n=\"y\"/></d></ml>".into(),
            "FQY 5 106\r\n<ml><d n=\"local\"><c n=\"busy\" t=\"1\" /><c n=\"idle\" t=\"1\" /></d><d n=\"yahoo.test\"><c n=\"y\" t=\"32\" /></d></ml>",
        ),
    ] {
        raw.send(format!("{verb} 5 {}\r\n{payload}", payload.len())).await;
        raw.expect(answer).await;
    }
    // Taken, with a finding that says what the real service did.
    let many: String = (0..151)
        .map(|n| format!("<c n=\"x{n}\" l=\"1\" t=\"1\"/>"))
        .collect();
    for (id, payload) in [
        ("list-both", one("l=\"6\" t=\"1\"")),
        (
            "list-spaces",
            format!("<ml>\r\n {}", &one("l=\"1\" t=\"1\"")[4..]),
        ),
        ("list-long", format!("<ml><d n=\"a.b\">{many}</d></ml>")),
        (
            "list-long",
            one(&format!("l=\"1\" t=\"1\" f=\"{}\"", "x".repeat(7_500))),
        ),
    ] {
        raw.send(format!("ADL 6 {}\r\n{payload}", payload.len()))
            .await;
        raw.expect("ADL 6 OK\r\n").await;
        service.finding(id).await;
    }
}

#[tokio::test]
async fn who_adds_the_user_or_takes_them_off_is_told_in_each_form() {
    for (dialect, added, removed) in [
        (
            "MSNP9",
            "ADD 0 RL {v} new@local.test New%20One",
            "REM 0 RL {v} new@local.test",
        ),
        (
            "MSNP12",
            "ADC 0 RL N=new@local.test F=New%20One",
            "REM 0 RL new@local.test",
        ),
        (
            "MSNP14",
            "ADL 0 67\r\n<ml><d n=\"local.test\"><c n=\"new\" t=\"1\" l=\"8\" f=\"New One\"/></d></ml>",
            "RML 0 55\r\n<ml><d n=\"local.test\"><c n=\"new\" t=\"1\" l=\"8\"/></d></ml>",
        ),
        (
            "MSNP18",
            "ADL 0 67\r\n<ml><d n=\"local.test\"><c n=\"new\" t=\"1\" l=\"8\" f=\"New One\"/></d></ml>",
            "RML 0 55\r\n<ml><d n=\"local.test\"><c n=\"new\" t=\"1\" l=\"8\"/></d></ml>",
        ),
    ] {
        let mut service = start(Roster::shipped().expect("the shipped roster"));
        service.ignore_events();
        let mut raw = service.windows(dialect).await;
        raw.comes_online().await;
        let contact = nudge::roster::Contact::new("new@local.test", Some("New One".into()));
        let contact = std::sync::Arc::new(contact);
        for (edit, told) in [
            (nudge::roster::Edit::Put { contact, at: None }, added),
            (
                nudge::roster::Edit::Remove("new@local.test".into()),
                removed,
            ),
        ] {
            service.hub.edit(edit, None).expect("is taken");
            let version = service.hub.synchronised("me@local.test").version;
            let told = told.replace("{v}", &version.to_string());
            raw.expect(&told).await;
            if !told.ends_with('>') {
                raw.expect("\r\n").await;
            }
        }
        raw.ask("PNG", "QNG 60").await;
    }
}

const HERE: &str = "{a2fdea28-6985-01ac-5487-2c0d3a6a656f}";
const THERE: &str = "{b3fdea28-6985-01ac-5487-2c0d3a6a656f}";

#[tokio::test]
async fn notes_go_from_one_signed_in_client_to_another() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    let mut me = service.windows_at("MSNP15", "me@local.test", "").await;
    let mut you = service.windows_at("MSNP16", "you@local.test", HERE).await;
    let mut old = service.windows_at("MSNP12", "old@local.test", "").await;
    me.send("UUN 7 you@local.test 3 5\r\nhi\r\n!").await;
    me.expect("UUN 7 OK\r\n").await;
    you.expect("UBN me@local.test 3 5\r\nhi\r\n!").await;
    // From a place to one that has no places, and the reverse.
    you.send("UUN 8 me@local.test 1 0\r\n").await;
    you.expect("UUN 8 OK\r\n").await;
    me.expect("UBN me@local.test 1 0\r\n".replace("me@", "you@").as_str())
        .await;
    // Nobody, a place that is not there, and a dialect that has no notes.
    for to in [
        "nobody@local.test",
        "you@local.test;{00000000-0000-0000-0000-000000000000}",
        "old@local.test",
    ] {
        me.send(format!("UUN 9 {to} 1 2\r\nhi")).await;
        me.expect("217 9\r\n").await;
    }
    me.ask("PNG", "QNG 60").await;
    old.ask("PNG", "QNG 60").await;
}

#[tokio::test]
async fn an_account_is_at_several_places_which_know_of_each_other_and_sign_each_other_out() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    let mut here = service.windows_at("MSNP16", "me@local.test", HERE).await;
    here.send("UUX 5 118\r\n<PrivateEndpointData><EpName>Here &amp; now</EpName><Idle>false</Idle><ClientType>1</ClientType></PrivateEndpointData>")
        .await;
    here.expect("UUX 5 0\r\n").await;
    let mut there = service.windows_at("MSNP18", "me@local.test", THERE).await;
    let place = |id: &str, name: &str, capabilities: &str| {
        format!(
            "<EndpointData id=\"{id}\"><Capabilities>{capabilities}</Capabilities></EndpointData><PrivateEndpointData id=\"{id}\"><EpName>{name}</EpName><Idle>false</Idle><ClientType>1</ClientType><State>NLN</State></PrivateEndpointData>"
        )
    };
    let data = |places: &[String]| {
        let places = places.concat();
        format!("<Data><PSM></PSM><CurrentMedia></CurrentMedia>{places}</Data>")
    };
    let first = [
        place(HERE, "Here &amp; now", "0:0"),
        place(THERE, "", "0:0"),
    ];
    let both = [
        place(HERE, "Here &amp; now", "0:0"),
        place(THERE, "", "2684649508:32"),
    ];
    for (round, list) in [data(&first), data(&both)].into_iter().enumerate() {
        if round == 1 {
            there
                .send("UUX 6 71\r\n<EndpointData><Capabilities>2684649508:32</Capabilities></EndpointData>")
                .await;
            there.expect("UUX 6 0\r\n").await;
        }
        here.expect(&format!("UBX me@local.test 1 {}\r\n{list}", list.len()))
            .await;
        there
            .expect(&format!("UBX 1:me@local.test {}\r\n{list}", list.len()))
            .await;
    }
    // `ignore me` goes to the other places, and no answer comes of it.
    here.send("UUN 7 me@local.test 8 9\r\nignore me").await;
    here.expect("UUN 7 OK\r\n").await;
    there
        .expect(&format!("UBN me@local.test;{HERE} 8 9\r\nignore me"))
        .await;
    here.send(format!(
        "UUN 8 me@local.test;{THERE} 4 14\r\ngoawyplzthxbye"
    ))
    .await;
    here.expect("UUN 8 OK\r\n").await;
    let rest = there.rest().await;
    let note = format!("UBN me@local.test;{HERE} 4 14\r\ngoawyplzthxbyeOUT OTH\r\n");
    assert_eq!(rest, note);
    let left = data(&both[..1]);
    here.expect(&format!("UBX me@local.test 1 {}\r\n{left}", left.len()))
        .await;
    here.ask("PNG", "QNG 60").await;
}

#[tokio::test]
async fn a_client_is_sent_on_first_where_the_operator_wants_it() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    service.hub.set(|settings| settings.dispatch = true);
    let host = service.notification.to_string();
    for (dialect, rest) in [("MSNP8", format!("0 {host}")), ("MSNP15", "U D".into())] {
        for _ in 0..2 {
            let mut raw = service.connect().await;
            raw.send(format!("VER 1 {dialect} CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS me@local.test\r\nUSR 3 TWN I me@local.test\r\n"))
                .await;
            raw.line().await;
            raw.line().await;
            assert_eq!(raw.rest().await, format!("XFR 3 NS {host} {rest}\r\n"));
            // It comes again, and signs in.
            service.windows(dialect).await;
        }
    }
}

/// What a client without cookies asks over HTTP: a path of a host, and a header of its own.
async fn get(whole: &Whole, path: &str, host: &str, header: &str) -> String {
    let mut raw = Raw::connect(whole.door(nudge::event::Service::Http)).await;
    raw.send(format!(
        "GET {path} HTTP/1.0\r\nHost: {host}\r\n{header}\r\n"
    ))
    .await;
    raw.rest().await
}

#[tokio::test]
async fn every_dialect_signs_in_by_twn_through_nexus_and_login_and_sees_its_contacts() {
    let mut whole = whole().await;
    whole.ignore_events();
    for number in Dialect::all().map(Dialect::number) {
        let mut raw = Raw::connect(whole.door(nudge::event::Service::Notification)).await;
        raw.send(format!("VER 1 MSNP{number} CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS me@local.test\r\nUSR 3 TWN I me@local.test\r\n"))
            .await;
        raw.expect(&format!(
            "VER 1 MSNP{number} CVR0\r\nCVR 2 6.0.0602 6.0.0602 6.0.0602 http://"
        ))
        .await;
        raw.line().await;
        let mut line = raw.line().await;
        if let Some(length) = line.strip_prefix("GCF 0 ") {
            assert!(number >= 13, "{number}");
            raw.skip(length.parse().expect("a length")).await;
            line = raw.line().await;
        }
        let parameters = line.strip_prefix("USR 3 TWN S ").expect("parameters");
        let nexus = get(&whole, "/rdr/pprdr.asp", "nexus.passport.com", "").await;
        assert!(nexus.contains("\r\nPassportURLs: "), "{nexus}");
        // As msn-pecan writes it.
        let login = get(
            &whole,
            "/login2.srf",
            "login.passport.com",
            &format!("Authorization: Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=me%40local.test,pwd=secret,{parameters}\r\nUser-Agent: MSMSGS\r\n"),
        )
        .await;
        let begin = login.find("from-PP='").expect("a ticket") + "from-PP='".len();
        let ticket = &login[begin..begin + login[begin..].find('\'').expect("its end")];
        raw.send(format!("USR 4 TWN S {ticket}\r\n")).await;
        let ok = match number {
            8 | 9 => "USR 4 OK me@local.test me%40local.test 1 0\r\n",
            _ => "USR 4 OK me@local.test 1 0\r\n",
        };
        raw.expect(ok).await;
        if number >= 11 {
            raw.expect("SBS 0 null\r\n").await;
        }
        raw.message("text/x-msmsgsprofile").await;
        match number {
            16 | 17 => raw.expect("UBX me@local.test 1 0\r\n").await,
            18 => raw.expect("UBX 1:me@local.test 0\r\n").await,
            _ => {}
        }
        let list = match number {
            8..=12 => "SYN 5 0 0\r\n",
            _ => "ADL 5 58\r\n<ml l=\"1\"><d n=\"local\"><c n=\"phone\" l=\"3\" t=\"1\"/></d></ml>",
        };
        raw.send(format!("{list}BLP 6 AL\r\n")).await;
        let mut listed = 0;
        loop {
            let line = raw.line().await;
            listed += usize::from(line.starts_with("LST "));
            if line.starts_with("BLP 6 ") {
                break;
            }
        }
        assert_eq!(listed, if number <= 12 { 8 } else { 0 }, "MSNP{number}");
        raw.send("CHG 7 NLN 0\r\n").await;
        raw.expect("CHG 7 NLN 0\r\n").await;
        raw.message("text/x-msmsgsinitial").await;
        let presence = match number {
            8 => "ILN 7 BSY busy@local Busy%20User 1085276192",
            9..=12 => "ILN 7 BSY busy@local Busy%20User 1085276192 0",
            13..=15 => "ILN 7 BSY busy@local 1 Busy%20User 1085276192 0",
            16 | 17 => "ILN 7 BSY busy@local 1 Busy%20User 1085276192:131088 0",
            _ => "NLN BSY 1:busy@local Busy%20User 1085276192:131088 0",
        };
        let message = match number {
            8..=10 => None,
            11 | 12 => Some("UBX busy@local 76"),
            13..=17 => Some("UBX busy@local 1 76"),
            _ => Some("UBX 1:busy@local 76"),
        };
        // The first is Online User.
        raw.line().await;
        if message.is_some() {
            raw.line().await;
        }
        assert_eq!(raw.line().await, presence, "MSNP{number}");
        if let Some(message) = message {
            assert_eq!(raw.line().await, message, "MSNP{number}");
        }
        raw.send("OUT\r\n").await;
        raw.rest().await;
    }
}
