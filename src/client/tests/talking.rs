//! Conversations, with the bytes of watched ones.

use super::fake;
use crate::client::{Config, Method, Order, Part, Saw, Summary, Talk, play};
use crate::msnp::Family;
use std::net::SocketAddr;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const TYPING: &str = "MSG online@local.test Online%20User 90\r\nMIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: online@local.test\r\n\r\n\r\n";
const HELLO: &str = "MSG online@local.test Online%20User 143\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nhello from the fake server";

/// BitlBee 1.0's conversation at MSNP8, as the built-in client says it, up to the ping.
fn at_8(after_ping: &str) -> Vec<(String, Vec<u8>)> {
    [
        ("VER 1 MSNP8 CVR0\r\n", "VER 1 MSNP8 CVR0\r\n"),
        (
            "CVR 2 0x0409 winnt 5.1 i386 MSMSGS 5.0.0544 MSMSGS me@local.test\r\n",
            "CVR 2 1.0.0000 1.0.0000 1.0.0000 http://127.0.0.1/dl http://127.0.0.1/info\r\n",
        ),
        (
            "USR 3 TWN I me@local.test\r\n",
            "USR 3 TWN S lc=1033,id=507,tw=40\r\n",
        ),
        (
            "USR 4 TWN S a=HENLO\r\n",
            "USR 4 OK me@local.test Me%20Myself 1 0\r\nMSG Hotmail Hotmail 57\r\nMIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile\r\n\r\n",
        ),
        (
            "SYN 5 0\r\n",
            "SYN 5 5 2 1\r\nGTC A\r\nBLP AL\r\nPRP PHH 01\r\nPRP PHM 02\r\nLSG 0 Friends 0\r\nLST online@local.test Online%20User 11 0\r\nLST busy@local.test Busy%20User 11 0\r\n",
        ),
        (
            "CHG 6 NLN 0\r\n",
            "CHG 6 NLN 0\r\nILN 6 NLN online@local.test Online%20User 268435508\r\nILN 6 BSY busy@local.test Busy%20User 268435508\r\nCHL 0 22210219642164014968\r\n",
        ),
    ]
    .into_iter()
    .map(|(said, answer)| (said.to_owned(), answer.as_bytes().to_vec()))
    // The ping goes out before the challenge is read.
    .chain([
        ("PNG 7\r\n".to_owned(), after_ping.as_bytes().to_vec()),
        (
            "QRY 8 msmsgs@msnmsgr.com 32\r\needf627f65e76d031255a605f5841204".to_owned(),
            b"QRY 8\r\n".to_vec(),
        ),
    ])
    .collect()
}

async fn plays(notification: SocketAddr, part: Part, dialect: &str) -> (Summary, Vec<Saw>) {
    let (web, _) = fake::web(None, fake::services).await;
    let config = Config {
        family: Family::Windows,
        method: Method::Twn,
        dialect: Some(dialect.parse().expect("a dialect")),
        account: "me@local.test".into(),
        ..fake::config(notification, web)
    };
    let (sender, mut seen) = mpsc::channel(16);
    let listening = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(saw) = seen.recv().await {
            all.push(saw);
        }
        all
    });
    let summary = play(config, part, sender, CancellationToken::new()).await;
    let all = listening.await.expect("listens");
    let summary = summary.unwrap_or_else(|error| {
        let all: Vec<String> = all.iter().map(Saw::to_string).collect();
        panic!("{error}: {all:#?}")
    });
    (summary, all)
}

fn script(text: &str) -> Vec<Order> {
    crate::client::read_script("script", text).expect("a script")
}

fn talks(all: &[Saw]) -> Vec<&Talk> {
    all.iter()
        .filter_map(|saw| match saw {
            Saw::Talk { talk, .. } => Some(talk),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn it_is_rung_answers_and_echoes() {
    let echo = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0\r\n\r\necho: hello from the fake server";
    let again =
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\necho: echo: hello";
    let (switchboard, said) = fake::notification(vec![
        (
            "ANS 1 me@local.test 1795328195.1.815 11000002\r\n".into(),
            format!("IRO 1 1 1 online@local.test Online%20User\r\nANS 1 OK\r\n{TYPING}{HELLO}")
                .into_bytes(),
        ),
        (
            format!("MSG 2 A {}\r\n{echo}", echo.len()),
            format!(
                "ACK 2\r\nMSG online@local.test O {}\r\n{again}BYE online@local.test\r\n",
                again.len()
            )
            .into_bytes(),
        ),
    ])
    .await;
    let ring = format!(
        "QNG\r\nRNG 11000002 {switchboard} CKI 1795328195.1.815 online@local.test Online%20User\r\n"
    );
    let (notification, _) = fake::notification(at_8(&ring)).await;
    let part = Part {
        script: script("until BYE\nout"),
        echo: true,
        ..Part::default()
    };
    let (summary, all) = plays(notification, part, "8").await;
    assert_eq!(summary.ended, "the script signed out");
    let account = || "online@local.test".to_owned();
    assert_eq!(
        talks(&all)[..4],
        [
            &Talk::Open {
                host: switchboard.to_string()
            },
            &Talk::Joined { account: account() },
            &Talk::Said {
                account: account(),
                text: "hello from the fake server".into()
            },
            // An echo is not echoed.
            &Talk::Said {
                account: account(),
                text: "echo: echo: hello".into()
            },
        ]
    );
    fake::heard(&said, 3).await;
    assert_eq!(said.lock().expect("unpoisoned")[2], "OUT\r\n");
}

#[tokio::test]
async fn it_calls_whom_it_has_something_to_say_and_answers_no_stranger() {
    let head = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0\r\n\r\n";
    let first = format!("{head}how are you?");
    let second = format!("{head}and now?");
    let nudge = "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
    let (switchboard, said) = fake::notification(vec![
        (
            "USR 1 me@local.test 1795328192.1.4711\r\n".into(),
            b"USR 1 OK me@local.test Me%20Myself\r\n".to_vec(),
        ),
        (
            "CAL 2 online@local.test\r\n".into(),
            b"CAL 2 RINGING 11752013\r\nJOI online@local.test Online%20User\r\n".to_vec(),
        ),
        (
            format!("MSG 3 A {}\r\n{first}", first.len()),
            format!(
                "ACK 3\r\nMSG online@local.test O {}\r\n{nudge}",
                nudge.len()
            )
            .into_bytes(),
        ),
        (
            format!("MSG 4 A {}\r\n{second}", second.len()),
            b"ACK 4\r\n".to_vec(),
        ),
    ])
    .await;
    let mut conversation = at_8("QNG\r\n");
    conversation.push(("PNG 9\r\n".into(), b"QNG\r\n".to_vec()));
    conversation.push((
        "XFR 10 SB\r\n".into(),
        format!("RNG 1 login.live.com:1863 CKI 1.1 evil@local.test Evil\r\nXFR 10 SB {switchboard} CKI 1795328192.1.4711\r\n").into_bytes(),
    ));
    conversation.push(("XFR 11 SB\r\n".into(), b"913 11\r\n".to_vec()));
    let (notification, _) = fake::notification(conversation).await;
    let part = Part {
        script: script(
            "until QNG\nsay online@local.test how are you?\nuntil MSG\nsay Online@Local.test and now?\nuntil ACK\n\
             say busy@local.test hidden\nuntil 913\nout",
        ),
        ..Part::default()
    };
    let (summary, all) = plays(notification, part, "8").await;
    assert_eq!(summary.ended, "the script signed out");
    let account = || "online@local.test".to_owned();
    assert_eq!(
        talks(&all)[..3],
        [
            &Talk::Open {
                host: switchboard.to_string()
            },
            &Talk::Joined { account: account() },
            &Talk::Nudged { account: account() },
        ]
    );
    fake::heard(&said, 5).await;
    assert_eq!(said.lock().expect("unpoisoned")[4], "OUT\r\n");
    let remarks: Vec<&str> = all
        .iter()
        .filter_map(|saw| match saw {
            Saw::Remark { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        remarks,
        [
            "login.live.com is a real host, and this client was not told to go to real hosts",
            "no switchboard for busy@local.test: the server answered 913 (not allowed while hidden)",
        ]
    );
}

#[tokio::test]
async fn another_place_of_the_account_signs_it_out() {
    let away = "QNG\r\nUBN me@local.test 1 3\r\n<a>UBN me@local.test 4 14\r\ngoawyplzthxbye";
    let (notification, _) = fake::notification(at_8(away)).await;
    let (summary, _) = plays(notification, Part::default(), "8").await;
    assert!(
        summary.elsewhere && summary.ended.contains("another place"),
        "{summary:?}"
    );
}
