//! The whole sign-in, byte for byte.

use super::fake::{self, ARTICLE};
use crate::client::{
    Client, ClientError, Config, Own, Part, Saw, Transport, Trust, play, print_run,
};
use crate::msnp::{Frame, Status};
use std::sync::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const LOGIN: &str = "POST /login2.srf HTTP/1.1";

/// Method, path and the header lines that the article names, of each request.
fn requests(heard: &fake::Heard) -> Vec<String> {
    let kept = ["Host:", "SOAPAction:", "Authorization:", "Content-Length:"];
    heard
        .lock()
        .expect("unpoisoned")
        .iter()
        .map(|request| {
            let head = request.split("\r\n\r\n").next().unwrap_or_default();
            head.split("\r\n")
                .enumerate()
                .filter(|(n, line)| *n == 0 || kept.iter().any(|k| line.starts_with(k)))
                .map(|(_, line)| line)
                .filter(|line| !line.starts_with("Content-Length: ") || line.ends_with(": 0"))
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect()
}

#[tokio::test]
async fn the_articles_sign_in_over_tls_1_0_byte_for_byte() {
    let (context, root) = fake::certificate();
    let (web, asked) = fake::web(Some(context), fake::services).await;
    let (notification, said) = fake::notification(fake::article()).await;
    let config = Config {
        transport: Transport::Tls,
        trust: Trust::Roots(root),
        pings: Some(1),
        ..fake::config(notification, web)
    };
    let mut out = Vec::new();
    let summary = print_run(config, Part::default(), &mut out, CancellationToken::new())
        .await
        .expect("a sign-in");

    let login = format!(
        "{LOGIN}|Host: loginnet.passport.com:8443|Authorization: Passport1.4 fake=1,OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in=me%40local,pwd=asdf|Content-Length: 0"
    );
    assert_eq!(
        requests(&asked),
        [
            "GET /rdr/pprdr.asp HTTP/1.1|Host: nexus.passport.com",
            &login,
            &login,
            "POST /abservice/SharingService.asmx HTTP/1.1|Host: byrdr.omega.contacts.msn.com|SOAPAction: http://www.msn.com/webservices/AddressBook/FindMembership",
            &login,
            "POST /abservice/abservice.asmx HTTP/1.1|Host: byrdr.omega.contacts.msn.com|SOAPAction: http://www.msn.com/webservices/AddressBook/ABFindAll",
        ]
    );
    for request in [3, 5] {
        assert!(
            asked.lock().expect("unpoisoned")[request]
                .contains("<TicketToken>a=HENLO</TicketToken>")
        );
    }
    let mut expected: Vec<&str> = ARTICLE.iter().map(|(said, _)| *said).collect();
    expected.push("OUT\r\n");
    // The fake hears the goodbye after the client is done with it.
    fake::heard(&said, expected.len()).await;
    assert_eq!(*said.lock().expect("unpoisoned"), expected);

    assert_eq!(summary.pings, 1);
    assert_eq!(summary.dropped, 0);
    let shown: Vec<_> = summary
        .contacts
        .iter()
        .map(|c| (c.account.as_str(), c.status, c.name.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("away@local", Status::Away, "Away User"),
            ("brb@local", Status::BeRightBack, "Brb User"),
            ("busy@local", Status::Busy, "Busy User"),
            ("hidden@local", Status::Offline, "hidden@local"),
            ("idle@local", Status::Idle, "Idle User"),
            ("lunch@local", Status::OutToLunch, "Lunch User"),
            ("online@local", Status::Online, "Online User"),
            ("phone@local", Status::OnThePhone, "Phone User"),
        ]
    );
    let busy = &summary.contacts[2].personal;
    assert_eq!(busy.message, "72b6dca4-811b-4c6a-8b2a-c87cfa6e3299");

    let out = String::from_utf8(out).expect("text");
    assert_eq!(out.matches(": TLSv1 AES128-SHA").count(), 6, "{out}");
    assert!(
        out.contains("signed in as me@local: 7 contacts seen"),
        "{out}"
    );
    assert!(out.contains("C: USR 4 TWN S *** 235411cb"), "{out}");
    assert!(!out.contains("HENLO") && !out.contains("asdf"), "{out}");
}

#[tokio::test]
async fn a_certificate_that_no_root_vouches_for_is_named() {
    let (context, _) = fake::certificate();
    let (_, other_root) = fake::certificate();
    let (web, asked) = fake::web(Some(context), fake::services).await;
    let (notification, _) = fake::notification(fake::article()).await;
    let config = Config {
        transport: Transport::Tls,
        trust: Trust::Roots(other_root),
        ..fake::config(notification, web)
    };
    let mut client = Client::connect(config).await.expect("a connection");
    let error = client.sign_in().await.expect_err("no trust");
    assert!(matches!(&error, ClientError::Tls { .. }), "{error}");
    assert!(error.to_string().contains("not trusted"), "{error}");
    assert!(asked.lock().expect("unpoisoned").is_empty());
}

#[tokio::test]
async fn answers_of_other_servers_are_taken_too() {
    let mut script = fake::article();
    script[2].1 = b"GCF 0 5\r\n<P/>\nUSR 3 TWN S lc=1033,id=507 rest\r\n".to_vec();
    script[3].1 =
        b"USR 4 OK me@local 1 0\r\nSBS 0 null\r\nMSG Hotmail Hotmail 3\r\na: UBX 1:me@local 0\r\n"
            .to_vec();
    script[5].1 = b"PRP 6 MFN Me%20Myself\r\n".to_vec();
    script[6].1 = b"BLP 7 AL\r\n".to_vec();
    for (n, answer) in [
        (8, "UUX 9 0\r\n"),
        (9, "UUX 10 0\r\n"),
        (10, "UUX 11 0\r\n"),
    ] {
        script[n].1 = answer.into();
    }
    script[11].1 = b"URL 12 http://a http://b 2\r\n".to_vec();
    script[14].1 = b"UUN 15 OK\r\n".to_vec();
    script[15].1 =
        b"CHL 0 22210219642164014968\r\nNLN AWY busy@local 1 Busy 1 %3Cmsnobj%2F%3E\r\nQNG 47\r\n"
            .to_vec();
    // The published answer.
    let proof = "QRY 17 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102c";
    script.push((proof.into(), b"QRY 17\r\n".to_vec()));
    let (notification, said) = fake::notification(script).await;
    let (web, asked) = fake::web(None, fake::services).await;
    let mut client = Client::connect(fake::config(notification, web))
        .await
        .expect("a connection");
    client.sign_in().await.expect("a sign-in");
    assert_eq!(client.ping().await.expect("a pong"), Some(47));
    let busy = client.contacts().find(|c| c.account == "busy@local");
    assert_eq!(busy.map(|c| c.status), Some(Status::Away));
    assert_eq!(client.dropped(), 1);
    fake::heard(&said, ARTICLE.len() + 1).await;
    assert!(
        requests(&asked)[1].contains("Passport1.4 lc=1033,id=507 rest,OrgVerb=GET"),
        "the parameters are handed on as they came"
    );
}

#[tokio::test]
async fn a_referral_is_followed_once() {
    let (second, said) = fake::notification(fake::article()).await;
    let mut script = fake::article();
    script.truncate(3);
    script[2].1 = format!("XFR 3 NS {second} U D\r\n").into_bytes();
    let (first, _) = fake::notification(script.clone()).await;
    let (web, _) = fake::web(None, fake::services).await;
    let mut client = Client::connect(fake::config(first, web))
        .await
        .expect("a connection");
    client.sign_in().await.expect("a sign-in");
    client.ping().await.expect("a pong");
    assert_eq!(said.lock().expect("unpoisoned").len(), ARTICLE.len());

    let (again, _) = fake::notification(script.clone()).await;
    script[2].1 = format!("XFR 3 NS {again} U D\r\n").into_bytes();
    let (first, _) = fake::notification(script).await;
    let mut client = Client::connect(fake::config(first, web))
        .await
        .expect("a connection");
    let error = client.sign_in().await.expect_err("two referrals");
    assert!(error.to_string().contains("no second referral"), "{error}");
}

#[tokio::test]
async fn a_login_server_may_refer_to_another() {
    let (web, asked) = fake::web(None, |request| {
        if request.contains("Host: loginnet.passport.com") {
            return fake::reply(
                "302 Found",
                "Location: https://login.live.com/login2.srf?lc=1033\r\n",
                "",
            );
        }
        if request.starts_with("POST /login2.srf?lc=1033 ") {
            return fake::services("POST /login2.srf ");
        }
        fake::services(request)
    })
    .await;
    let (notification, _) = fake::notification(fake::article()).await;
    let mut client = Client::connect(fake::config(notification, web))
        .await
        .expect("a connection");
    client.sign_in().await.expect("a sign-in");
    assert!(requests(&asked)[2].contains("Host: login.live.com"));
}

#[tokio::test]
async fn out_ends_a_run_with_its_reason() {
    let mut script = fake::article();
    script[15].1 = b"QNG 60\r\nOUT OTH\r\n".to_vec();
    let (notification, _) = fake::notification(script).await;
    let (web, _) = fake::web(None, fake::services).await;
    let (sender, mut seen) = mpsc::channel(1024);
    let config = fake::config(notification, web);
    let summary = play(config, Part::default(), sender, CancellationToken::new())
        .await
        .expect("an end");
    assert!(summary.ended.contains("OTH"), "{}", summary.ended);
    let mut last = None;
    while let Some(saw) = seen.recv().await {
        last = Some(saw);
    }
    assert_eq!(last, Some(Saw::Finished { why: summary.ended }));
}

#[tokio::test]
async fn a_run_that_is_stopped_says_goodbye_and_one_without_listeners_goes_on() {
    let (notification, said) = fake::notification(fake::article()).await;
    let (web, _) = fake::web(None, fake::services).await;
    let (sender, seen) = mpsc::channel(1);
    drop(seen);
    let stop = CancellationToken::new();
    let running = tokio::spawn(play(
        fake::config(notification, web),
        Part::default(),
        sender,
        stop.clone(),
    ));
    fake::heard(&said, ARTICLE.len()).await;
    stop.cancel();
    let summary = running.await.expect("no panic").expect("an end");
    assert_eq!(summary.ended, "stopped");
    fake::heard(&said, ARTICLE.len() + 1).await;
    let last = said.lock().expect("unpoisoned").last().cloned();
    assert_eq!(last.as_deref(), Some("OUT\r\n"));
}

/// Whatever a server says back, and whatever is typed.
#[test]
fn a_clients_own_password_and_ticket_are_hidden_wherever_they_come_back() {
    let own = Own::of("hunter22");
    let frame = |wire: &'static str| Frame::from_wire(wire.into());
    let sent = |wire| own.line(&Saw::Sent(frame(wire)));
    let received = |wire| own.line(&Saw::Received(frame(wire)));
    assert_eq!(sent("PRP 5 MFN hunter22\r\n"), "C: PRP 5 MFN ***");
    assert_eq!(received("911 4 x%68unter22\r\n"), "S: 911 4 x***");
    assert_eq!(
        sent("USR 4 TWN S t=AbCdEfGh12345&p=\r\n"),
        "C: USR 4 TWN S ***"
    );
    assert_eq!(
        received("NLN NLN a@b 1 AbCdEfGh12345\r\n"),
        "S: NLN NLN a@b 1 ***"
    );
    assert_eq!(own.hidden_in("got hunter22".into()), "got ***");
}

#[tokio::test]
async fn a_closed_output_is_no_error_and_another_failure_is() {
    struct Closed(std::io::ErrorKind);
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (web, _) = fake::web(None, fake::services).await;
    for kind in [
        std::io::ErrorKind::BrokenPipe,
        std::io::ErrorKind::StorageFull,
    ] {
        let (notification, _) = fake::notification(fake::article()).await;
        let config = fake::config(notification, web);
        let result = print_run(
            config,
            Part::default(),
            Closed(kind),
            CancellationToken::new(),
        )
        .await;
        match result {
            Ok(_) => assert_eq!(kind, std::io::ErrorKind::BrokenPipe),
            Err(error) => {
                assert!(matches!(error, ClientError::Output(_)), "{error}");
                assert_eq!(kind, std::io::ErrorKind::StorageFull);
            }
        }
    }
}

#[tokio::test]
async fn a_configuration_that_would_break_a_line_is_refused() {
    let nowhere = "127.0.0.1:1".parse().expect("an address");
    for change in [
        |c: &mut Config| c.account = "me@local\r\nOUT".into(),
        |c: &mut Config| c.account = String::new(),
        |c: &mut Config| c.machine_guid = "short".into(),
        |c: &mut Config| c.status = Status::Offline,
    ] {
        let mut config = fake::config(nowhere, nowhere);
        change(&mut config);
        let error = Client::connect(config).await.err().expect("a mistake");
        assert!(matches!(error, ClientError::Config(_)), "{error}");
    }
}

/// Rarely needed, but a spawned run must be possible.
#[test]
fn a_run_can_be_moved_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    let (sender, _seen) = mpsc::channel(1);
    is_send(&play(
        Config::default(),
        Part::default(),
        sender,
        CancellationToken::new(),
    ));
    let out: Mutex<Vec<u8>> = Mutex::default();
    is_send(&out);
}
