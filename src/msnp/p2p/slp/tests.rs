use super::*;
use proptest::prelude::*;

/// The invitation of aMSN 0.99b for a display picture, as watched, with another context.
const WATCHED: &[u8] = b"INVITE MSNMSGR:online@local.test MSNSLP/1.0\r\nTo: <msnmsgr:online@local.test>\r\nFrom: <msnmsgr:me@local.test>\r\nVia: MSNSLP/1.0/TLP ;branch={34BA2EE5-607E-C657-E277-A82CDF2C4908}\r\nCSeq: 0\r\nCall-ID: {EAF3A003-5047-D2F2-30F6-AEE73AA7626A}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: 143\r\n\r\nEUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 1053223645\r\nSChannelState: 0\r\nCapabilities-Flags: 1\r\nAppID: 12\r\nContext: PG0A\r\n\r\n\0";

#[test]
fn a_watched_invitation_is_read_and_taken() {
    let invitation = Slp::read(WATCHED).expect("an invitation");
    assert_eq!(invitation.start, Start::Invite);
    assert_eq!(invitation.to, "online@local.test");
    assert_eq!(invitation.from, "me@local.test");
    assert_eq!(invitation.branch, "{34BA2EE5-607E-C657-E277-A82CDF2C4908}");
    assert_eq!(invitation.call, "{EAF3A003-5047-D2F2-30F6-AEE73AA7626A}");
    assert_eq!(invitation.number("SessionID"), Some(1_053_223_645));
    assert_eq!(invitation.number("AppID"), Some(12));
    assert_eq!(invitation.field("Context"), Some("PG0A"));
    assert_eq!(
        invitation.field("EUF-GUID").and_then(purpose),
        Some("object")
    );
    assert_eq!(invitation.to_string(), "INVITE, session 1053223645, object");
    let taken = invitation.answer(200, "OK", &[("SessionID", "1053223645")]);
    assert_eq!(
        taken.to_bytes(),
        b"MSNSLP/1.0 200 OK\r\nTo: <msnmsgr:me@local.test>\r\nFrom: <msnmsgr:online@local.test>\r\nVia: MSNSLP/1.0/TLP ;branch={34BA2EE5-607E-C657-E277-A82CDF2C4908}\r\nCSeq: 1 \r\nCall-ID: {EAF3A003-5047-D2F2-30F6-AEE73AA7626A}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: 26\r\n\r\nSessionID: 1053223645\r\n\r\n\0".as_slice()
    );
    assert_eq!(Slp::read(&taken.to_bytes()), Ok(taken));
}

#[test]
fn a_bye_has_a_blank_body() {
    let bye = b"BYE MSNMSGR:a@b.c;{1} MSNSLP/1.0\r\nTo: <msnmsgr:a@b.c;{1}>\r\nFrom: <msnmsgr:d@e.f;{2}>\r\nVia: MSNSLP/1.0/TLP ;branch={3}\r\nCSeq: 0 \r\nCall-ID: {4}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionclosebody\r\nContent-Length: 3\r\n\r\n\r\n\0";
    let read = Slp::read(bye).expect("a bye");
    assert_eq!((&read.start, read.fields.len()), (&Start::Bye, 0));
    assert_eq!(
        (read.to.as_str(), read.from.as_str()),
        ("a@b.c;{1}", "d@e.f;{2}")
    );
    assert_eq!(read.to_bytes(), bye);
}

#[test]
fn what_could_not_be_answered_is_refused() {
    let text = std::str::from_utf8(WATCHED).expect("text");
    for (change, error) in [
        (
            text.replace("MSNSLP/1.0\r\nTo", "HTTP/1.0\r\nTo"),
            SlpError::Start,
        ),
        (
            text.replace("Call-ID", "Call"),
            SlpError::Missing("Call-ID"),
        ),
        (text.replace("Via:", "Vie:"), SlpError::Missing("Via")),
        (
            text.replace("143", "999"),
            SlpError::Body {
                says: 999,
                has: 143,
            },
        ),
        ("x".into(), SlpError::Start),
        ("x".repeat(MOST + 1), SlpError::Long(MOST + 1)),
    ] {
        assert_eq!(Slp::read(change.as_bytes()), Err(error));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(cut in 0..WATCHED.len(), at in 0..WATCHED.len(), with: u8, more: Vec<u8>) {
        let _ = Slp::read(&WATCHED[..cut]);
        let mut changed = WATCHED.to_vec();
        changed[at] = with;
        let _ = Slp::read(&changed);
        changed.splice(at..at, more);
        if let Ok(read) = Slp::read(&changed) {
            // What it is answered with can be read in any case.
            let answer = read.answer(603, "Decline", &[("SessionID", "1")]);
            let written = answer.to_bytes();
            if let Ok(back) = Slp::read(&written) {
                prop_assert_eq!(back.field("SessionID"), Some("1"));
            }
        }
    }
}
