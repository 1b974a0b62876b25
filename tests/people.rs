//! Clients that see each other, over real sockets and in literal bytes: whoever has a signed-in account on its forward list
//! sees what that one's clients say, each in its dialect's form; and a contact of the roster that signs in is that client.

mod common;

use common::{Raw, TestService, start};
use nudge::control::Action;
use nudge::event::EventKind;
use nudge::roster::Roster;
use nudge::server::control::carry_out;

const OBJECT: &str = "%3Cmsnobj%20Creator%3D%22bee%40a.test%22%20Size%3D%2221%22%20Type%3D%223%22%20Location%3D%220%22%20Friendly%3D%22AAA%3D%22%20SHA1D%3D%22x%22%20SHA1C%3D%22y%22%2F%3E";
const NOTHING: &str = "<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>";

fn service(roster: Roster) -> TestService {
    let mut service = start(roster);
    service.ignore_events();
    service
}

async fn online(service: &TestService, dialect: &str, account: &str) -> Raw {
    let mut raw = service.windows_at(dialect, account, "").await;
    raw.comes_online().await;
    raw
}

/// ADL or RML of one account of `a.test`.
async fn lists(raw: &mut Raw, verb: &str, user: &str, lists: u8) {
    let xml = format!("<ml><d n=\"a.test\"><c n=\"{user}\" l=\"{lists}\" t=\"1\"/></d></ml>");
    raw.send(format!("{verb} 7 {}\r\n{xml}", xml.len())).await;
    raw.expect(&format!("{verb} 7 OK\r\n")).await;
}

/// Nothing has come: what is asked last is answered next.
async fn quiet(raw: &mut Raw) {
    raw.send("PNG\r\n").await;
    let line = raw.line().await;
    assert!(line.starts_with("QNG"), "{line}");
}

#[tokio::test]
async fn each_dialect_is_told_in_its_form_that_a_client_comes_changes_and_goes() {
    let service = service(Roster::default());
    let mut eight = online(&service, "MSNP8", "eight@a.test").await;
    let mut twelve = online(&service, "MSNP12", "twelve@a.test").await;
    let mut sixteen = online(&service, "MSNP16", "sixteen@a.test").await;
    let mut eighteen = online(&service, "MSNP18", "eighteen@a.test").await;
    // By ADC it stands on the one roster that all have.
    twelve.send("ADC 6 FL N=bee@a.test F=Bee\r\n").await;
    assert!(
        twelve
            .line()
            .await
            .starts_with("ADC 6 FL N=bee@a.test F=Bee C=")
    );
    // Told that it is on the reverse list.
    for raw in [&mut eight, &mut sixteen, &mut eighteen] {
        raw.send("PNG\r\n").await;
        while !raw.line().await.contains("QNG") {}
    }
    let mut bee = service.windows_at("MSNP15", "bee@a.test", "").await;
    bee.send(format!("CHG 5 NLN 1074790412 {OBJECT}\r\nPNG\r\n"))
        .await;
    while !bee.line().await.starts_with("QNG") {}
    let length = NOTHING.len();
    eight
        .expect("NLN NLN bee@a.test bee%40a.test 1074790412\r\n")
        .await;
    twelve.expect(&format!("NLN NLN bee@a.test bee%40a.test 1074790412 {OBJECT}\r\nUBX bee@a.test {length}\r\n{NOTHING}")).await;
    sixteen.expect(&format!("NLN NLN bee@a.test 1 bee%40a.test 1074790412:0 {OBJECT}\r\nUBX bee@a.test 1 {length}\r\n{NOTHING}")).await;
    eighteen.expect(&format!("NLN NLN 1:bee@a.test bee%40a.test 1074790412:0 {OBJECT}\r\nUBX 1:bee@a.test {length}\r\n{NOTHING}")).await;
    bee.send("PRP 6 MFN Bee%20B\r\n").await;
    eight
        .expect("NLN NLN bee@a.test Bee%20B 1074790412\r\n")
        .await;
    twelve
        .expect(&format!(
            "NLN NLN bee@a.test Bee%20B 1074790412 {OBJECT}\r\n"
        ))
        .await;
    let said = "<Data><PSM>buzz</PSM><CurrentMedia></CurrentMedia></Data>";
    bee.send(format!("UUX 7 {}\r\n{said}", said.len())).await;
    twelve
        .expect(&format!("UBX bee@a.test {}\r\n{said}", said.len()))
        .await;
    sixteen
        .expect(&format!(
            "NLN NLN bee@a.test 1 Bee%20B 1074790412:0 {OBJECT}\r\nUBX bee@a.test 1 {}\r\n{said}",
            said.len()
        ))
        .await;
    bee.send("CHG 8 BSY 1074790412 0\r\n").await;
    eight
        .expect("NLN BSY bee@a.test Bee%20B 1074790412\r\n")
        .await;
    twelve
        .expect("NLN BSY bee@a.test Bee%20B 1074790412 0\r\n")
        .await;
    eighteen.expect(&format!("NLN NLN 1:bee@a.test Bee%20B 1074790412:0 {OBJECT}\r\nUBX 1:bee@a.test {}\r\n{said}NLN BSY 1:bee@a.test Bee%20B 1074790412:0 0\r\n", said.len())).await;
    // Hidden is seen as offline, and coming again with all there is.
    bee.send("CHG 9 HDN 1074790412 0\r\n").await;
    eight.expect("FLN bee@a.test\r\n").await;
    twelve.expect("FLN bee@a.test\r\n").await;
    sixteen
        .expect("NLN BSY bee@a.test 1 Bee%20B 1074790412:0 0\r\nFLN bee@a.test 1 0:0\r\n")
        .await;
    eighteen.expect("FLN 1:bee@a.test 1074790412:0\r\n").await;
    bee.send("CHG 10 AWY 1074790412 0\r\n").await;
    eight
        .expect("NLN AWY bee@a.test Bee%20B 1074790412\r\n")
        .await;
    twelve
        .expect(&format!(
            "NLN AWY bee@a.test Bee%20B 1074790412 0\r\nUBX bee@a.test {}\r\n{said}",
            said.len()
        ))
        .await;
    // One that comes meanwhile sees it in its initial list.
    let mut late = service.windows_at("MSNP11", "late@a.test", "").await;
    late.send("CHG 5 NLN 0\r\n").await;
    while !late.line().await.starts_with("MSG") {}
    while late.line().await != "ILN 5 AWY bee@a.test Bee%20B 1074790412 0" {}
    assert!(late.line().await.starts_with("UBX bee@a.test "));
    bee.send("OUT\r\n").await;
    eight.expect("FLN bee@a.test\r\n").await;
    twelve.expect("FLN bee@a.test\r\n").await;
    late.expect("FLN bee@a.test\r\n").await;
}

#[tokio::test]
async fn only_who_lists_an_account_sees_it_and_a_block_hides() {
    let service = service(Roster::default());
    let mut ant = online(&service, "MSNP16", "ant@a.test").await;
    let mut bee = online(&service, "MSNP18", "bee@a.test").await;
    quiet(&mut ant).await;
    let length = NOTHING.len();
    let comes = format!(
        "NLN NLN 1:ant@a.test ant%40a.test 0:0 0\r\nUBX 1:ant@a.test {length}\r\n{NOTHING}"
    );
    lists(&mut bee, "ADL", "ant", 3).await;
    bee.expect(&comes).await;
    quiet(&mut ant).await;
    lists(&mut ant, "ADL", "bee", 4).await;
    bee.expect("FLN 1:ant@a.test 0:0\r\n").await;
    ant.send("CHG 8 BSY 0\r\n").await;
    ant.expect("CHG 8 BSY 0\r\n").await;
    quiet(&mut bee).await;
    lists(&mut ant, "RML", "bee", 4).await;
    let busy = comes.replace("NLN NLN", "NLN BSY");
    bee.expect(&busy).await;
    // Whoever is on no list of an account whose default is to block does not see it.
    ant.send("BLP 9 BL\r\n").await;
    ant.expect("BLP 9 BL\r\n").await;
    bee.expect("FLN 1:ant@a.test 0:0\r\n").await;
    lists(&mut ant, "ADL", "bee", 2).await;
    bee.expect(&busy).await;
    lists(&mut bee, "RML", "ant", 1).await;
    bee.expect("FLN 1:ant@a.test 0:0\r\n").await;
    ant.send("OUT\r\n").await;
    quiet(&mut bee).await;
}

#[tokio::test]
async fn a_contact_that_signs_in_is_that_client_while_it_is_there() {
    let service = service(Roster::shipped().expect("the shipped roster"));
    let mut me = online(&service, "MSNP8", "me@local").await;
    me.send("XFR 9 SB\r\n").await;
    let line = me.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    let (address, cookie) = (words[3].parse().expect("an address"), words[5]);
    let mut mine = Raw::connect(address).await;
    mine.send(&format!("USR 1 me@local {cookie}\r\nCAL 2 busy@local\r\n"))
        .await;
    mine.expect(
        "USR 1 OK me@local me%40local\r\nCAL 2 RINGING 1\r\nJOI busy@local Busy%20User\r\n",
    )
    .await;

    let mut real = online(&service, "MSNP18", "busy@local").await;
    me.expect("NLN NLN busy@local busy%40local 0\r\n").await;
    // It is played no more.
    mine.expect("BYE busy@local\r\n").await;
    let said = service.run("status busy lunch").expect("is kept");
    assert!(
        said.contains("busy@local is signed in as client 2"),
        "{said}"
    );
    let mut edited = service
        .hub
        .roster()
        .get("busy@local")
        .expect("it")
        .as_ref()
        .clone();
    edited.personal.message = "back at one".into();
    let edit = Action::Replace(Box::new(edited));
    let (said, _) = carry_out(&service.hub, service.service.switchboard(), edit).expect("is kept");
    assert!(
        said.contains("busy@local is signed in as client 2"),
        "{said}"
    );
    quiet(&mut me).await;
    let refused = service
        .run("say busy 1 it is me")
        .expect_err("it speaks for itself");
    assert!(refused.contains("speaks for itself"), "{refused}");
    let refused = service.run("say away 77 hi").expect_err("there is none");
    assert!(
        refused.starts_with("there is no client 77; connected: "),
        "{refused}"
    );
    mine.send("CAL 3 busy@local\r\n").await;
    mine.expect("CAL 3 RINGING 1\r\n").await;
    let line = loop {
        let line = real.line().await;
        if line.starts_with("RNG") {
            break line;
        }
    };
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(
        words[5..],
        ["me@local", "me%40local", "U", "messenger.msn.com", "1"]
    );
    let mut its = Raw::connect(words[2].parse().expect("an address")).await;
    its.send(&format!("ANS 1 busy@local {} 1\r\n", words[4]))
        .await;
    its.expect("IRO 1 1 1 me@local me%40local 0:0\r\nANS 1 OK\r\n")
        .await;
    mine.expect("JOI busy@local busy%40local\r\n").await;
    its.send("MSG 2 A 2\r\nhi").await;
    its.expect("ACK 2\r\n").await;
    mine.expect("MSG busy@local busy%40local 2\r\nhi").await;

    real.send("CHG 6 HDN 0\r\n").await;
    me.expect("FLN busy@local\r\n").await;
    real.send("OUT\r\n").await;
    me.expect("NLN LUN busy@local Busy%20User 1085276192\r\n")
        .await;
    its.send("OUT\r\n").await;
    mine.expect("BYE busy@local\r\n").await;
    mine.send("CAL 4 busy@local\r\n").await;
    mine.expect("CAL 4 RINGING 1\r\nJOI busy@local Busy%20User\r\n")
        .await;
}

#[tokio::test]
async fn what_concerns_two_at_once_is_told_once() {
    let service = service(Roster::shipped().expect("the shipped roster"));
    let mut busy = online(&service, "MSNP12", "busy@local").await;
    let mut away = online(&service, "MSNP12", "away@local").await;
    quiet_after(&mut busy).await;
    for (order, gone) in [("remove busy,away", true), ("undo", false)] {
        service.run(order).expect("is done");
        for raw in [&mut busy, &mut away] {
            let told = quiet_after(raw).await;
            for account in ["busy@local", "away@local"] {
                let of = |verb: &str| {
                    let is_it = |line: &&String| line.starts_with(verb) && line.contains(account);
                    told.iter().filter(is_it).count()
                };
                let (goes, comes) = (of("FLN "), of("NLN "));
                assert_eq!(
                    (goes, comes),
                    if gone { (1, 0) } else { (0, 1) },
                    "{told:?}"
                );
            }
        }
    }
}

/// What has come up to now.
async fn quiet_after(raw: &mut Raw) -> Vec<String> {
    raw.send("PNG\r\n").await;
    let mut told = Vec::new();
    loop {
        let line = raw.line().await;
        if line.ends_with("QNG 60") {
            return told;
        }
        told.push(line);
    }
}

#[tokio::test]
async fn what_a_client_lists_is_bounded_and_the_operator_is_told_who_has_become_a_client() {
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    let _real = online(&service, "MSNP12", "away@local").await;
    let text = service
        .event(|kind| match kind {
            EventKind::Notice { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(
        text,
        "away@local is client 1 now, and shows what that one says"
    );
    let id = service.hub.clients()[0].id;
    let entries = 0..nudge::server::hub::MOST_LISTED + 1;
    let entries: Vec<_> = entries
        .map(|n| (format!("{n}@a.test"), nudge::msnp::adl::Lists::FORWARD))
        .collect();
    service.hub.listed(id, &entries, true);
    let last = nudge::server::hub::MOST_LISTED;
    assert!(service.hub.has_listed(id, &format!("{}@a.test", last - 1)));
    assert!(!service.hub.has_listed(id, &format!("{last}@a.test")));
}

#[tokio::test]
async fn a_message_to_another_network_and_one_by_its_headers_come_to_who_is_there() {
    let mut roster = Roster::default();
    let mut yahoo = nudge::roster::Contact::new("yoo@a.test", None);
    (yahoo.network, yahoo.status) = (32, nudge::msnp::Status::Online);
    let put = nudge::roster::Edit::Put {
        contact: yahoo.into(),
        at: None,
    };
    roster.apply(put).expect("is added");
    let mut service = start(roster);
    let mut ant = online(&service, "MSNP15", "ant@a.test").await;
    let mut bee = online(&service, "MSNP18", "bee@a.test").await;
    let mut cat = online(&service, "MSNP18", "cat@a.test").await;
    let mut told = async |from: &str| {
        service
            .event(|kind| match kind {
                EventKind::Message(said) if said.from == from => Some(format!(
                    "{} {} {} {}",
                    said.conversation, said.to[0], said.kind, said.text
                )),
                _ => None,
            })
            .await
    };
    let hello = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhello";
    let length = hello.len();
    ant.send(format!("UUM 7 bee@a.test 1 1 {length}\r\n{hello}"))
        .await;
    bee.expect(&format!("UBM ant@a.test 1 1 {length}\r\n{hello}"))
        .await;
    assert_eq!(told("ant@a.test").await, "0 bee@a.test text hello");
    ant.send(format!("UUM 8 yoo@a.test 32 1 {length}\r\n{hello}"))
        .await;
    assert_eq!(told("ant@a.test").await, "0 yoo@a.test text hello");
    ant.send(format!("UUM 9 nobody@a.test 32 1 {length}\r\n{hello}"))
        .await;
    ant.expect("509 9 0\r\n").await;
    let by_headers = "Routing: 1.0\r\nTo: 1:cat@a.test\r\nFrom: 1:bee@a.test\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhi ca";
    let length = by_headers.len();
    bee.send(format!("SDG 7 {length}\r\n{by_headers}")).await;
    cat.expect(&format!("SDG 0 {length}\r\n{by_headers}")).await;
    assert_eq!(told("bee@a.test").await, "0 cat@a.test text hi ca");
    // MSNP15 has no SDG.
    let to_ant = by_headers.replace("cat@a.test", "ant@a.test");
    bee.send(format!("SDG 8 {length}\r\n{to_ant}SDG 9 4\r\nTo: "))
        .await;
    bee.expect("217 8\r\n200 9\r\n").await;
    // The operator speaks as somebody of another network.
    let said = service.run("say yoo 1 and to you").expect("is said");
    assert!(said.contains("UBM"), "{said}");
    let words = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nand to you";
    ant.expect(&format!("UBM yoo@a.test 32 1 {}\r\n{words}", words.len()))
        .await;
}

#[tokio::test]
async fn a_contact_shows_and_says_things_by_time() {
    let service = service(Roster::shipped().expect("the shipped roster"));
    let mut me = online(&service, "MSNP12", "me@local").await;
    me.send("XFR 9 SB\r\n").await;
    let line = me.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    let mut mine = Raw::connect(words[3].parse().expect("an address")).await;
    mine.send(&format!(
        "USR 1 me@local {}\r\nCAL 2 busy@local\r\n",
        words[5]
    ))
    .await;
    mine.expect("USR 1 OK me@local me%40local\r\nCAL 2 RINGING 1\r\nJOI busy@local Busy%20User 1085276192\r\n").await;
    let wrong = service
        .run("behave busy schedule noon lunch")
        .expect_err("no time");
    assert!(wrong.contains("begins with no time"), "{wrong}");
    service
        .run("behave busy schedule +0 lunch; +0 message Soup; +1 say Back soon; +2 online")
        .expect("is told");
    let soup = "<Data><PSM>Soup</PSM><CurrentMedia></CurrentMedia></Data>";
    me.expect(&format!("NLN LUN busy@local Busy%20User 1085276192 0\r\nUBX busy@local {}\r\n{soup}NLN NLN busy@local Busy%20User 1085276192 0\r\n", soup.len())).await;
    let said = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nBack soon";
    mine.expect(&format!(
        "MSG busy@local Busy%20User {}\r\n{said}",
        said.len()
    ))
    .await;
    // It does them by itself: what the operator takes back is that it was told to.
    assert!(service.run("undo").is_ok());
    assert_eq!(
        service
            .hub
            .roster()
            .get("busy@local")
            .expect("is there")
            .manner,
        nudge::roster::Manner::Silent
    );
}

#[tokio::test]
async fn messages_that_wait_are_counted_with_the_first_chg_and_told_of() {
    let service = service(Roster::default());
    for n in 0..2 {
        let left = nudge::server::offline::Waiting {
            id: n.to_string(),
            from: "ant@a.test".into(),
            name: "=?utf-8?B?QQ==?=".into(),
            to: "bee@a.test".into(),
            received: "2008-01-01T00:00:00.000Z".into(),
            content: "MIME-Version: 1.0\r\n\r\nhello".into(),
        };
        service.hub.leave_message(left).expect("is kept");
    }
    let mut bee = service.windows_at("MSNP15", "bee@a.test", "").await;
    bee.send("CHG 5 NLN 0\r\n").await;
    bee.expect("CHG 5 NLN 0\r\n").await;
    let counted = bee.message("text/x-msmsgsinitialmdatanotification").await;
    assert!(
        counted.contains("Mail-Data: <MD><E><I>0</I><IU>0</IU><O>2</O><OU>2</OU></E>"),
        "{counted}"
    );
    let told = bee.message("text/x-msmsgsoimnotification").await;
    assert_eq!(told.matches("<E>ant@a.test</E>").count(), 2, "{told}");
}

/// A message that its headers address, as the wiki has it.
fn directed(to: &str, from: &str, kind: &str, words: &str) -> String {
    let payload = format!(
        "Routing: 1.0\r\nTo: 1:{to}\r\nFrom: 1:{from}\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: {kind}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: {}\r\n\r\n{words}",
        words.len()
    );
    format!("{}\r\n{payload}", payload.len())
}

#[tokio::test]
async fn contacts_answer_by_sdg_what_comes_by_it() {
    const BEE: &str = "bee@a.test";
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    for line in ["behave online echo", "behave busy reply I heard"] {
        service.run(line).expect("is done");
    }
    let mut bee = online(&service, "MSNP18", BEE).await;
    for (contact, kind, words, answer) in [
        ("online@local", "Text", "C:\\hello", "C:\\hello"),
        ("online@local", "Nudge", "", ""),
        ("busy@local", "Text", "hello", "I heard"),
    ] {
        let asked = directed(contact, BEE, kind, words);
        bee.send(format!("SDG 7 {asked}")).await;
        let answered = directed(BEE, contact, kind, answer);
        bee.expect(&format!("SDG 0 {answered}")).await;
        let told = service
            .event(|kind| match kind {
                EventKind::Message(said) if said.played => Some(said.clone()),
                _ => None,
            })
            .await;
        assert_eq!((told.conversation.0, &*told.from), (0, contact));
        assert_eq!(told.kind.name(), kind.to_lowercase());
    }
    service.ignore_events();
    let said = service.run("say online 1 and you?").expect("is said");
    assert_eq!(said, "online@local says it to client 1 (SDG)");
    let asked = directed(BEE, "online@local", "Text", "and you?");
    bee.expect(&format!("SDG 0 {asked}")).await;
    service.run("typing online 1").expect("is done");
    let typing = directed(BEE, "online@local", "Control/Typing", "");
    bee.expect(&format!("SDG 0 {typing}")).await;
    // By the verb by which it was written to last.
    let hello = "Content-Type: text/plain\r\n\r\nhi";
    bee.send(format!("UUM 8 online@local 1 1 {}\r\n{hello}", hello.len()))
        .await;
    assert!(bee.line().await.starts_with("UBM online@local 1 1 "));
}

#[tokio::test]
async fn contacts_answer_by_ubm_what_comes_by_uum_in_each_dialect_that_has_it() {
    const HELLO: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhello";
    const NUDGE: &str =
        "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
    const TYPING: &str = "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: bee@a.test\r\n\r\n\r\n";
    let says = |account: &str, words: &str| {
        let payload = format!(
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\n{words}"
        );
        format!("UBM {account} 1 1 {}\r\n{payload}", payload.len())
    };
    for dialect in ["MSNP14", "MSNP15", "MSNP16", "MSNP17", "MSNP18"] {
        let mut service = start(Roster::shipped().expect("the shipped roster"));
        for line in [
            "behave online echo",
            "behave busy away Gone fishing",
            "behave away reply I heard",
        ] {
            service.run(line).expect("is done");
        }
        let mut bee = online(&service, dialect, "bee@a.test").await;
        let uum = |account: &str, kind: u8, payload: &str| {
            format!("UUM 7 {account} 1 {kind} {}\r\n{payload}", payload.len())
        };
        bee.send(uum("online@local", 1, HELLO)).await;
        bee.expect(&says("online@local", "hello")).await;
        bee.send(uum("online@local", 3, NUDGE)).await;
        bee.expect(&format!("UBM online@local 1 3 {}\r\n{NUDGE}", NUDGE.len()))
            .await;
        bee.send(uum("online@local", 2, TYPING)).await;
        quiet(&mut bee).await;
        bee.send(uum("busy@local", 1, HELLO)).await;
        bee.expect(&says("busy@local", "Gone fishing")).await;
        bee.send(uum("busy@local", 1, HELLO)).await;
        quiet(&mut bee).await;
        bee.send(uum("away@local", 1, HELLO)).await;
        bee.expect(&says("away@local", "I heard")).await;
        // It answers after a while, and is seen typing until then.
        bee.send(uum("lunch@local", 1, HELLO)).await;
        bee.expect("UBM lunch@local 1 2 84\r\nMIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: lunch@local\r\n\r\n\r\n").await;
        bee.expect(&says(
            "lunch@local",
            "Hello! I am at lunch, but I can type.",
        ))
        .await;
        // Who is not seen hears nothing.
        bee.send(uum("hidden@local", 1, HELLO)).await;
        bee.expect("509 7 0\r\n").await;

        // The operator answers as it was written to.
        let said = service.run("say online 1 and you?").expect("is said");
        assert_eq!(said, "online@local says it to client 1 (UBM)");
        bee.expect(&says("online@local", "and you?")).await;
        service.run("nudge online 1").expect("is done");
        bee.expect(&format!("UBM online@local 1 3 {}\r\n{NUDGE}", NUDGE.len()))
            .await;
        // Whom it has not written to rings, and in a conversation it is said there.
        service.run("say phone 1 hello").expect("is said");
        assert!(bee.line().await.starts_with("RNG 1 "));
        service.run("ring online 1").expect("rings");
        let line = bee.line().await;
        let words: Vec<&str> = line.split(' ').collect();
        let mut board = Raw::connect(words[2].parse().expect("an address")).await;
        board
            .send(format!("ANS 1 bee@a.test {} {}\r\n", words[4], words[1]))
            .await;
        while board.line().await != "ANS 1 OK" {}
        service.run("say online 1 here").expect("is said");
        assert!(board.line().await.starts_with("MSG online@local "));
        quiet(&mut bee).await;
        board.send("OUT\r\n").await;
        board.rest().await;

        // Each is told as a message of no conversation, between these two.
        let mut told = Vec::new();
        while told.len() < 4 {
            let said = service
                .event(|kind| match kind {
                    EventKind::Message(said) => Some(said.clone()),
                    _ => None,
                })
                .await;
            assert_eq!((said.conversation.0, said.others), (0, 1));
            told.push(format!(
                "{} {} {} {} {}",
                said.from, said.to[0], said.played, said.kind, said.text
            ));
        }
        assert_eq!(
            told,
            [
                "bee@a.test online@local false text hello",
                "online@local bee@a.test true text hello",
                "bee@a.test online@local false nudge ",
                "online@local bee@a.test true nudge ",
            ]
        );
    }
}
