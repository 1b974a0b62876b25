//! What clients show of their own in conversations: emoticons and winks, which a contact asks them for.

use super::*;

/// The object of something of the client's. `more` stands behind what every object has.
fn object(kind: u32, location: &str, friendly: &str, data: &[u8], more: &str) -> String {
    let sha1 = |data: &[u8]| BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, data));
    let (size, sha1d) = (data.len(), sha1(data));
    let fields =
        format!("Creator{ME}Size{size}Type{kind}Location{location}Friendly{friendly}SHA1D{sha1d}");
    let sha1c = sha1(fields.as_bytes());
    format!(
        "<msnobj Creator=\"{ME}\" Size=\"{size}\" Type=\"{kind}\" Location=\"{location}\" Friendly=\"{friendly}\" SHA1D=\"{sha1d}\" SHA1C=\"{sha1c}\"{more}/>"
    )
}

/// The client says exactly this, and waits until it is carried.
async fn shows(client: &mut Client, payload: &str) {
    client.sent += 1;
    let (number, length) = (client.sent, payload.len());
    client
        .board
        .send(format!("MSG {number} A {length}\r\n{payload}"))
        .await;
    client.board.expect(&format!("ACK {number}\r\n")).await;
}

/// The text of an emoticon message, as the wiki has it: two icons, a tab behind each field.
fn emoticons(kind: &str, tux: &str, baaha: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-mms-{kind}\r\n\r\n(tux)\t{tux}\t(baaha)\t{baaha}\t"
    )
}

async fn leaves(mut client: Client) {
    client.board.send("OUT\r\n").await;
    client.board.rest().await;
    client.notification.send("OUT\r\n").await;
    client.notification.rest().await;
}

#[tokio::test]
async fn an_emoticon_that_a_client_has_shown_is_fetched_by_its_shortcut_and_saved_where_a_file_is_named()
 {
    let (mut service, png) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let gif = [b"GIF89a", &[7; 3_000][..]].concat();
    for (dialect, kind) in [
        ("MSNP9", "emoticon"),
        ("MSNP12", "animemoticon"),
        ("MSNP15", "emoticon"),
        ("MSNP18", "animemoticon"),
    ] {
        let mut client = Client::new(&service, dialect).await;
        let id = service.hub.clients().last().expect("a client").id;
        let switchboard = service.service.switchboard().clone();
        let fetch = |name: &str, file: Option<String>| {
            given::object(&switchboard, id, name.to_owned(), file)
        };
        let refused = fetch("(tux)", None).err().expect("nothing is shown yet");
        assert_eq!(
            refused,
            format!("client {id} has shown no emoticon and no wink")
        );
        let tux = object(2, "TFRC5.dat", "AAA=", &png, "");
        let baaha = object(2, "TFR3FA.dat", "AAA=", &gif, "");
        shows(&mut client, &emoticons(kind, &tux, &baaha)).await;
        told(&mut service, MessageKind::Emoticon, ME, "(tux) (baaha)").await;

        let refused = given::object(&switchboard, id, "(no)".into(), None);
        assert_eq!(
            refused.err().expect("it was not shown"),
            format!("client {id} has not shown (no); it has shown (tux), (baaha)")
        );
        let fetch = |name: &str, file: Option<String>| {
            given::object(&switchboard, id, name.to_owned(), file)
        };
        let later = fetch("(tux)", None).expect("is asked");
        assert_eq!(gives(&mut client, &png, 11).await, tux);
        let (text, data) = later.await.expect("an emoticon");
        let size = png.len();
        assert_eq!(
            text,
            format!("client {id} gives its custom emoticon (tux), {size} bytes")
        );
        let came = ReplyData::Object(id, "(tux)".into(), png.clone().into());
        assert_eq!(data, came);

        let later = fetch("(baaha)", Some(folder.path().display().to_string()));
        let later = later.expect("is asked");
        assert_eq!(gives(&mut client, &gif, 11).await, baaha);
        let (text, _) = later.await.expect("an emoticon");
        let saved = folder.path().join("TFR3FA.dat");
        assert!(
            text.ends_with(&format!("; saved {}", saved.display())),
            "{text}"
        );
        assert_eq!(std::fs::read(&saved).expect("a file"), gif);
        std::fs::remove_file(saved).expect("is removed");
        let asks = "asks for the custom emoticon";
        told(&mut service, MessageKind::Picture, "busy@local", asks).await;
        let gives = format!("gives its custom emoticon, {size} bytes");
        told(&mut service, MessageKind::Picture, ME, &gives).await;

        // Something else than the object tells of; and one that the client does not give.
        let fetch = |name: &str| given::object(&switchboard, id, name.to_owned(), None);
        let later = fetch("(tux)").expect("is asked");
        super::shown::gives(&mut client, &[7; 500], 11).await;
        let text = later.await.expect_err("something else");
        assert!(
            text.ends_with("which are not those that its object tells of"),
            "{text}"
        );
        leaves(client).await;
        // What a client showed goes with it.
        while service.hub.client(id).is_some() {
            tokio::task::yield_now().await;
        }
        assert_eq!(switchboard.shown(id, "(tux)"), Err(Vec::new()));
    }
}

/// The client gives what it is asked for, with this number behind each piece. Gives back the object that was asked for.
async fn gives(client: &mut Client, data: &[u8], footer: u32) -> String {
    let invitation = invited(client, footer).await;
    let (session, call) = (
        field(&invitation, "SessionID: "),
        field(&invitation, "Call-ID: "),
    );
    agrees(client, &session, &call).await;
    let session = session.parse().expect("a number");
    client.gives(session, 0, &[0; 4], footer).await;
    client.gives(session, 0x20, data, footer).await;
    let (_, bye) = client.message().await;
    assert!(bye.starts_with(b"BYE MSNMSGR:me@local.test MSNSLP/1.0\r\n"));
    let context = BASE64.decode(field(&invitation, "Context: "));
    let context = String::from_utf8(context.expect("base64")).expect("text");
    context.strip_suffix('\0').expect("a zero").to_owned()
}

/// The contact invites the client to an object of this application.
async fn invited(client: &mut Client, application: u32) -> String {
    let (session, invitation) = client.message().await;
    assert_eq!(session, 0);
    let invitation = String::from_utf8_lossy(&invitation).into_owned();
    for part in [
        "INVITE MSNMSGR:me@local.test MSNSLP/1.0\r\n".to_owned(),
        format!("EUF-GUID: {OBJECT}\r\n"),
        format!("AppID: {application}\r\n"),
    ] {
        assert!(invitation.contains(&part), "{invitation}");
    }
    invitation
}

/// The wink that was watched had attributes more, `stamp` among them: so much of a signature that the message goes in pieces.
#[tokio::test]
async fn a_wink_that_came_in_pieces_is_fetched_by_the_words_in_which_it_was_shown() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let cab = [b"MSCF", &[9; 5_000][..]].concat();
    for dialect in ["MSNP11", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        let id = service.hub.clients().last().expect("a client").id;
        let switchboard = service.service.switchboard().clone();
        // UTF-16, little-endian, with a zero: printf 'dancer\0' | iconv -t UTF-16LE | base64
        let friendly = "ZABhAG4AYwBlAHIAAAA=";
        let short = object(8, "dancer.cab", friendly, &cab, "");
        shows(&mut client, &format!("MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 2\r\nData: {short}\r\n\r\n")).await;
        told(&mut service, MessageKind::Wink, ME, "dancer").await;

        let stamp = "MIIIngYJKoZIhvcNAQcCoIIIjzCCCIsCAQExCzAJBgUrDgMCGgUAMCwGCSqGSIb3DQEHAaAfBB0"
            .repeat(30);
        let more = format!(" contenttype=\"D\" contentid=\"1\" stamp=\"{stamp}\"");
        let long = object(8, "TFR8.tmp", friendly, &cab, &more);
        let body = format!("ID: 2\r\nData: {long}\r\n\r\n");
        let pieces: Vec<&str> = (0..body.len().div_ceil(1_202))
            .map(|at| &body[at * 1_202..body.len().min((at + 1) * 1_202)])
            .collect();
        let name = "{879ED7A5-DF1C-BEAA-6D8B-65F6137734C5}";
        for (number, piece) in pieces.iter().enumerate() {
            let head = match number {
                0 => format!(
                    "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\nMessage-ID: {name}\r\nChunks: {}",
                    pieces.len()
                ),
                _ => format!("Message-ID: {name}\r\nChunk: {number}"),
            };
            shows(&mut client, &format!("{head}\r\n\r\n{piece}")).await;
        }
        let file = folder.path().join(format!("{dialect}.cab"));
        let named = Some(file.display().to_string());
        let later = given::object(&switchboard, id, "wink".into(), named);
        let later = later.expect("is asked");
        assert_eq!(gives(&mut client, &cab, 12).await, long);
        let (text, _) = later.await.expect("a wink");
        assert_eq!(
            text,
            format!(
                "client {id} gives its wink, {} bytes; saved {}",
                cab.len(),
                file.display()
            )
        );
        assert_eq!(std::fs::read(file).expect("a file"), cab);

        // A client that answers no.
        let later = given::object(&switchboard, id, "wink".into(), None);
        let later = later.expect("is asked");
        let invitation = invited(&mut client, 12).await;
        let (session, call) = (
            field(&invitation, "SessionID: "),
            field(&invitation, "Call-ID: "),
        );
        refuses(&mut client, &session, &call).await;
        let text = later.await.expect_err("it does not give it");
        assert_eq!(
            text,
            format!("client {id} does not give its wink: it answers 603")
        );
        leaves(client).await;
    }
}

#[tokio::test]
async fn what_is_shown_is_bounded_in_size_and_number_and_an_event_tells_of_it() {
    let (mut service, png) = service();
    let mut client = Client::new(&service, "MSNP15").await;
    let id = service.hub.clients().last().expect("a client").id;
    let switchboard = service.service.switchboard().clone();
    let tux = object(2, "TFRC5.dat", "AAA=", &png, "");
    // Not an object, one without bytes, one that is too long, and one that is larger than is fetched.
    let none = tux.replace(&format!("Size=\"{}\"", png.len()), "Size=\"0\"");
    let long = object(2, &"x".repeat(5_000), "AAA=", &png, "");
    let large = tux.replace(&format!("Size=\"{}\"", png.len()), "Size=\"524289\"");
    let body = format!("a\tno object\tb\t{none}\tc\t{long}\td\t{large}\t");
    shows(
        &mut client,
        &format!("MIME-Version: 1.0\r\nContent-Type: text/x-mms-emoticon\r\n\r\n{body}"),
    )
    .await;
    assert_eq!(
        switchboard.shown(id, "a").expect_err("none of it"),
        ["d".to_owned()]
    );
    let later = given::object(&switchboard, id, "d".into(), None);
    let text = later.expect("is begun").await.expect_err("is too large");
    assert!(
        text.contains("has 524289 bytes, more than 524288"),
        "{text}"
    );

    for number in 0..64 {
        let payload = format!(
            "MIME-Version: 1.0\r\nContent-Type: text/x-mms-emoticon\r\n\r\n:{number}:\t{tux}\t"
        );
        shows(&mut client, &payload).await;
    }
    let (_, text) = service.finding("too-many-shown").await;
    assert!(text.contains("64 of each at the most"), "{text}");
    let names = switchboard.shown(id, "d").expect_err("it was the first");
    assert_eq!((names.len(), names[0].as_str()), (64, ":0:"));
    client.board.ask("PNG", "QNG 60").await;
}
