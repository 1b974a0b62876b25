//! Offline messages: documents as clients write them, after the NINA wiki's "Offline IM".

use super::*;
use crate::event::FindingId;
use crate::msnp::challenge;
use crate::server::hub::Hub;
use crate::server::offline::{MOST, MOST_BYTES, MOST_OF_ONE, Waiting};

/// A message that a client leaves, with its lock key.
fn left(stage: &Stage, to: &str, key: &str) -> String {
    let ticket = stage
        .site
        .config
        .tickets
        .issue("me@local", Some(ClientId(3)));
    let ticket = ticket.replace('&', "&amp;");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>\
         <From memberName=\"me@local\" friendlyName=\"=?utf-8?B?TWU=?=\" xml:lang=\"en-US\" proxy=\"MSNMSGR\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\" msnpVer=\"MSNP15\" buildVer=\"8.5.1288\"/>\
         <To memberName=\"{to}\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\"/>\
         <Ticket passport=\"{ticket}\" appid=\"PROD0119GSJUC$18\" lockkey=\"{key}\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\"/>\
         <Sequence xmlns=\"http://schemas.xmlsoap.org/ws/2003/03/rm\"><Identifier xmlns=\"http://schemas.xmlsoap.org/ws/2002/07/utility\">http://messenger.msn.com</Identifier><MessageNumber>1</MessageNumber></Sequence>\
         </soap:Header><soap:Body><MessageType xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">text</MessageType>\
         <Content xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\nX-OIM-Message-Type: OfflineMessage\r\nX-OIM-Run-Id: {{3A3BE82C-684D-4F4F-8005-CBE8D4F82BAD}}\r\nX-OIM-Sequence-Num: 1\r\n\r\nSGVsbG8=</Content></soap:Body></soap:Envelope>"
    );
    post(
        "SOAPAction: \"http://messenger.msn.com/ws/2004/09/oim/Store\"\r\n",
        &body,
    )
    .replace("/abservice/abservice.asmx", "/OimWS/oim.asmx")
}

/// An action of the service that reads them; the ticket is in two halves.
fn reading(stage: &Stage, account: &str, action: &str, inside: &str) -> String {
    let ticket = stage.site.config.tickets.issue(account, Some(ClientId(3)));
    let (first, second) = ticket.split_once("&p=").expect("two halves");
    let first = first.strip_prefix("t=").expect("its beginning");
    let space = "http://www.hotmail.msn.com/ws/2004/09/oim/rsi";
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><PassportCookie xmlns=\"{space}\"><t>{first}</t><p>{second}</p></PassportCookie></soap:Header>\
         <soap:Body><{action} xmlns=\"{space}\">{inside}</{action}></soap:Body></soap:Envelope>"
    );
    post(&format!("SOAPAction: \"{space}/{action}\"\r\n"), &body)
        .replace("/abservice/abservice.asmx", "/rsi/rsi.asmx")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).expect("its beginning").1;
    rest.split_once(to).expect("its end").0
}

/// The key that answers the question in a refusal.
fn key(refusal: &str) -> String {
    let begin = "<LockKeyChallenge xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">";
    let question = between(refusal, begin, "<");
    challenge::newer(question, "PROD0119GSJUC$18", "ILTXC!4IXB5FB*PX")
}

#[tokio::test]
async fn a_message_is_left_with_the_lock_key_and_read_and_deleted_by_whom_it_is_for() {
    let mut stage = Stage::new();
    let without = left(&stage, "lunch@local", "");
    let (status, body) = send(&mut stage, &without).await;
    assert_eq!(status, 500);
    assert!(
        body.contains("q0:AuthenticationFailed</faultcode>"),
        "{body}"
    );
    let key = key(&body);

    let wrong = left(&stage, "lunch@local", &"0".repeat(32));
    assert_eq!(send(&mut stage, &wrong).await.0, 500);
    assert!(stage.site.config.hub.offline().of("lunch@local").is_empty());

    let with = left(&stage, "lunch@local", &key);
    let (status, body) = send(&mut stage, &with).await;
    assert_eq!(status, 200, "{body}");
    assert!(
        body.contains(
            "<SequenceAcknowledgment xmlns=\"http://schemas.xmlsoap.org/ws/2003/03/rm\">"
        ),
        "{body}"
    );
    assert_eq!(
        stage.site.config.hub.offline().of("lunch@local")[0].text(),
        "Hello"
    );

    let asked = reading(&stage, "lunch@local", "GetMetadata", "");
    let (status, body) = send(&mut stage, &asked).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("<GetMetadataResponse xmlns=\"http://www.hotmail.msn.com/ws/2004/09/oim/rsi\"><MD><E><I>0</I><IU>0</IU><O>1</O><OU>1</OU></E>"), "{body}");
    assert!(body.contains("<E>me@local</E>"), "{body}");
    let id = between(&body, "<I>", "</I><F>")
        .rsplit("<I>")
        .next()
        .expect("an id")
        .to_owned();

    let message = format!("<messageId>{id}</messageId><alsoMarkAsRead>false</alsoMarkAsRead>");
    let asked = reading(&stage, "lunch@local", "GetMessage", &message);
    let (status, body) = send(&mut stage, &asked).await;
    assert_eq!(status, 200, "{body}");
    let mail = between(&body, "<GetMessageResult>", "</GetMessageResult>");
    assert!(
        mail.contains("From: =?utf-8?B?TWU=?= &lt;me@local&gt;"),
        "{mail}"
    );
    assert!(
        mail.contains("X-OIM-Run-Id: {3A3BE82C-684D-4F4F-8005-CBE8D4F82BAD}")
            && mail.ends_with("SGVsbG8="),
        "{mail}"
    );

    // Somebody else has nothing to read or to delete.
    let ids = format!("<messageIds><messageId>{id}</messageId></messageIds>");
    let asked = reading(&stage, "busy@local", "GetMessage", &message);
    assert_eq!(send(&mut stage, &asked).await.0, 500);
    let asked = reading(&stage, "busy@local", "DeleteMessages", &ids);
    assert_eq!(send(&mut stage, &asked).await.0, 200);
    assert_eq!(stage.site.config.hub.offline().of("lunch@local").len(), 1);

    let asked = reading(&stage, "lunch@local", "DeleteMessages", &ids);
    let (status, body) = send(&mut stage, &asked).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("<DeleteMessagesResponse"), "{body}");
    assert!(stage.site.config.hub.offline().of("lunch@local").is_empty());
}

#[tokio::test]
async fn one_too_many_a_bad_account_and_a_bad_ticket_are_refused() {
    let mut stage = Stage::new();
    let first = left(&stage, "lunch@local", "");
    let (_, body) = send(&mut stage, &first).await;
    let key = key(&body);
    let bad = left(&stage, "nobody", &key);
    assert!(
        send(&mut stage, &bad)
            .await
            .1
            .contains("q0:InvalidParameter")
    );
    let foreign = left(&stage, "lunch@local", &key).replace("passport=\"t=", "passport=\"t=x");
    assert!(
        send(&mut stage, &foreign)
            .await
            .1
            .contains("<TweenerChallenge ")
    );
}

#[tokio::test]
async fn messages_are_so_long_and_so_many_and_an_event_says_which() {
    let mut stage = Stage::new();
    let without = left(&stage, "lunch@local", "");
    let (_, body) = send(&mut stage, &without).await;
    let begins = "<LockKeyChallenge xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">";
    let question = between(&body, begins, "<").to_owned();
    let key = challenge::newer(&question, "PROD0119GSJUC$18", "ILTXC!4IXB5FB*PX");
    let hello = left(&stage, "lunch@local", &key);
    let long = hello.replace("SGVsbG8=", &"x".repeat(MOST_BYTES));
    let keep = |hub: &Hub, to: String| {
        let message = Waiting {
            id: "1".into(),
            from: "a@b.c".into(),
            name: String::new(),
            to,
            received: String::new(),
            content: String::new(),
        };
        hub.leave_message(message).expect("kept");
    };
    let hub = stage.site.config.hub.clone();
    for (request, why) in [
        (&long, "longer than 8192 bytes"),
        (&hello, "100 messages wait for that account already"),
        (&hello, "2000 messages wait already"),
    ] {
        stage.events();
        let (_, body) = send(&mut stage, request).await;
        assert!(body.contains("q0:SenderThrottleLimitExceeded"), "{body}");
        let (_, findings) = stage.told();
        assert_eq!(findings[0].id, FindingId::OfflineRefused);
        assert!(findings[0].text.contains(why), "{}", findings[0].text);
        match hub.offline().of("lunch@local").len() {
            0 => (0..MOST_OF_ONE).for_each(|_| keep(&hub, "lunch@local".into())),
            // Of others.
            _ => (MOST_OF_ONE..MOST)
                .take_while(|_| why.starts_with("100"))
                .for_each(|n| keep(&hub, format!("{}@b.test", n / 50))),
        }
    }
}
