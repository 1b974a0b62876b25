//! What contacts send beside words: emoticons, winks, ink, out of files of the operator's.

use super::*;
use nudge::control::{Talk, Target};
use nudge::server::gifts;

/// The object that a file of this name is, by the protocol's page.
fn object(kind: u32, location: &str, friendly: &str, data: &[u8]) -> String {
    let sha1 = |data: &[u8]| BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, data));
    let (size, sha1d) = (data.len(), sha1(data));
    let fields = format!(
        "Creatorbusy@localSize{size}Type{kind}Location{location}Friendly{friendly}SHA1D{sha1d}"
    );
    let sha1c = sha1(fields.as_bytes());
    format!(
        "<msnobj Creator=\"busy@local\" Size=\"{size}\" Type=\"{kind}\" Location=\"{location}\" Friendly=\"{friendly}\" SHA1D=\"{sha1d}\" SHA1C=\"{sha1c}\"/>"
    )
}

/// The operator has busy@local send something to the newest client. Gives back what the console would show.
async fn gives(service: &TestService, what: Talk) -> Result<String, String> {
    let id = service.hub.clients().last().expect("a client").id;
    let (hub, switchboard) = (service.hub.clone(), service.service.switchboard().clone());
    let to = Target::Clients(vec![id]);
    let given = gifts::give(hub, switchboard, "busy".into(), to, what).await;
    given.map(|(text, _)| text)
}

/// Busy says exactly this.
async fn says(client: &mut Client, payload: &str) {
    let line = format!("{}{}\r\n{payload}", client.named, payload.len());
    client.board.expect(&line).await;
}

/// The client asks for an object and gets it.
async fn fetches(client: &mut Client, session: u32, object: &str) -> Vec<u8> {
    let context = BASE64.encode(object.to_owned() + "\0");
    client.invites(session, OBJECT, 12, &context).await;
    let (_, ok) = client.message().await;
    assert!(ok.starts_with(b"MSNSLP/1.0 200 OK\r\n"));
    assert_eq!(client.message().await, (session, vec![0; 4]));
    let (of, data) = client.message().await;
    assert_eq!(of, session);
    let bye = request("BYE", session, "sessionclosebody", "\r\n\0");
    client.says(&bye).await;
    client.packet().await;
    data
}

#[tokio::test]
async fn an_emoticon_stands_for_its_shortcut_and_is_served_to_who_asks() {
    let (mut service, png) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let named = |name: &str, data: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, data).expect("written");
        path.display().to_string()
    };
    let gif = [b"GIF89a", &[7; 3_000][..]].concat();
    for dialect in ["MSNP9", "MSNP12", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        let cat = Talk::Emoticon {
            shortcut: ":cat:".into(),
            file: named("cat.png", &png),
            words: Some("Look, :cat:".into()),
        };
        let text = gives(&service, cat).await.expect("is sent");
        assert!(
            text.starts_with("busy@local shows the emoticon to client "),
            "{text}"
        );
        let cat = object(2, "cat.png", "AAA=", &png);
        says(
            &mut client,
            &format!(
                "MIME-Version: 1.0\r\nContent-Type: text/x-mms-emoticon\r\n\r\n:cat:\t{cat}\t"
            ),
        )
        .await;
        says(&mut client, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nLook, :cat:").await;
        told(&mut service, MessageKind::Emoticon, "busy@local", ":cat:").await;

        let dance = Talk::Emoticon {
            shortcut: "(d)".into(),
            file: named("dance.gif", &gif),
            words: None,
        };
        gives(&service, dance).await.expect("is sent");
        let dance = object(2, "dance.gif", "AAA=", &gif);
        says(
            &mut client,
            &format!(
                "MIME-Version: 1.0\r\nContent-Type: text/x-mms-animemoticon\r\n\r\n(d)\t{dance}\t"
            ),
        )
        .await;
        says(&mut client, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\n(d)").await;

        // Both, and the picture, which is of another type.
        assert_eq!(fetches(&mut client, 3, &dance).await, gif);
        assert_eq!(fetches(&mut client, 4, &cat).await, png);
        let asks = format!("asks for the custom emoticon, and gets {} bytes", png.len());
        told(&mut service, MessageKind::Picture, ME, &asks).await;
        told(
            &mut service,
            MessageKind::Picture,
            ME,
            "has the custom emoticon",
        )
        .await;
        is_served(&mut client, &png).await;
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
        client.notification.send("OUT\r\n").await;
        client.notification.rest().await;
    }
    let mut client = Client::new(&service, "MSNP15").await;
    let path = folder.path().display().to_string();
    for (shortcut, file, words, wrong) in [
        (
            ":a:",
            named("a.txt", b"text"),
            None,
            "is no PNG, GIF or JPEG",
        ),
        (":a:", named("empty", b""), None, "is empty"),
        (":a:", format!("{path}/none.png"), None, "cannot be read"),
        (":a:", path, None, "is no file"),
        (
            ":a:",
            named("huge.png", &[0; 512 * 1_024 + 1]),
            None,
            "has more than 524288 bytes",
        ),
        (
            ":a:",
            named("cat.png", &png),
            Some("no cat"),
            "does not have :a: in it",
        ),
        (
            &*"a".repeat(51),
            named("cat.png", &png),
            None,
            "at most 50 bytes",
        ),
    ] {
        let what = Talk::Emoticon {
            shortcut: shortcut.into(),
            file,
            words: words.map(str::to_owned),
        };
        let refused = gives(&service, what).await.expect_err("is refused");
        assert!(refused.contains(wrong), "{refused}");
    }
    client.board.ask("PNG", "QNG 60").await;
}

#[tokio::test]
async fn a_wink_names_its_object_which_is_served_as_the_file_is() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dancer.cab");
    let cab = [b"MSCF", &[9; 5_000][..]].concat();
    std::fs::write(&file, &cab).expect("written");
    for dialect in ["MSNP11", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        if dialect == "MSNP18" {
            client = client.later();
        }
        let wink = Talk::Wink(file.display().to_string());
        let text = gives(&service, wink).await.expect("is sent");
        assert!(
            text.ends_with("; its capabilities do not say that it takes winks"),
            "{text}"
        );
        // UTF-16, little-endian, with a zero: printf 'dancer\0' | iconv -t UTF-16LE | base64
        let dancer = object(8, "dancer.cab", "ZABhAG4AYwBlAHIAAAA=", &cab);
        says(&mut client, &format!("MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 2\r\nData: {dancer}\r\n\r\n")).await;
        assert_eq!(fetches(&mut client, 5, &dancer).await, cab);
        told(&mut service, MessageKind::Picture, ME, "has the wink").await;
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
        client.notification.send("OUT\r\n").await;
        client.notification.rest().await;
    }
}

/// Ink of Windows Live Messenger, as it was watched.
const WATCHED: &str = "AGIcA4CABB0D0AQOAwRIEUVkGRQyCACAHgIAAHBCMwgA4BICAABIQhWrqtNBq6rTQQAAAD4AgOq+HgMBBnwKJBqGyNkeAQUDFQNdQwFRN1EhguDhI+DhYGBIAIL8UfikDNEoAA==";

#[tokio::test]
async fn ink_goes_in_the_message_and_long_ink_in_pieces() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let written = |name: &str, data: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, data).expect("written");
        Talk::Ink(path.display().to_string())
    };
    let mut client = Client::new(&service, "MSNP15").await;
    let isf = BASE64.decode(WATCHED).expect("base64");
    gives(&service, written("hello.isf", &isf))
        .await
        .expect("is sent");
    says(
        &mut client,
        &format!("MIME-Version: 1.0\r\nContent-Type: application/x-ms-ink\r\n\r\nbase64:{WATCHED}"),
    )
    .await;

    let gif = [b"GIF89a", &[7; 2_000][..]].concat();
    let text = gives(&service, written("hello.gif", &gif))
        .await
        .expect("is sent");
    assert!(
        text.contains("do not say that it takes ink as GIF"),
        "{text}"
    );
    let body = format!("base64:{}", BASE64.encode(&gif));
    let mut whole = String::new();
    let mut id = String::new();
    for number in 0..3 {
        let line = client.board.line().await;
        let length = line.strip_prefix(&client.named).expect("a message");
        let piece = client.board.take(length.parse().expect("a length")).await;
        let (head, part) = piece.split_once("\r\n\r\n").expect("headers");
        if number == 0 {
            let given =
                head.strip_prefix("MIME-Version: 1.0\r\nContent-Type: image/gif\r\nMessage-ID: ");
            id = given
                .expect("the first")
                .strip_suffix("\r\nChunks: 3")
                .expect("three")
                .to_owned();
        } else {
            assert_eq!(head, format!("Message-ID: {id}\r\nChunk: {number}"));
        }
        assert!(part.len() <= 1_202);
        whole += part;
        told(
            &mut service,
            MessageKind::Ink,
            "busy@local",
            if number == 0 { "image/gif" } else { "" },
        )
        .await;
    }
    assert_eq!(whole, body);
    let refused = gives(&service, written("a.txt", b"text")).await;
    assert!(
        refused
            .expect_err("is refused")
            .contains("is no GIF, and no ink")
    );

    // A contact that echoes writes what it was written, in as many pieces; one that replies does so once.
    service.run("behave busy echo").expect("is done");
    let pieces = [
        format!(
            "MIME-Version: 1.0\r\nContent-Type: image/gif\r\nMessage-ID: {{1}}\r\nChunks: 2\r\n\r\n{}",
            &body[..1_202]
        ),
        format!(
            "Message-ID: {{1}}\r\nChunk: 1\r\n\r\n{}",
            &body[1_202..2_404]
        ),
    ];
    for piece in &pieces {
        client
            .board
            .send(format!("MSG 9 U {}\r\n{piece}", piece.len()))
            .await;
        says(&mut client, piece).await;
    }
    let long = [
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nMessage-ID: {2}\r\nChunks: 2\r\n\r\nso long ",
        "Message-ID: {2}\r\nChunk: 1\r\n\r\na text",
    ];
    service.run("behave busy reply I heard").expect("is done");
    for piece in long {
        client
            .board
            .send(format!("MSG 9 U {}\r\n{piece}", piece.len()))
            .await;
    }
    says(&mut client, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nI heard").await;
    client.board.ask("PNG", "QNG 60").await;
}
