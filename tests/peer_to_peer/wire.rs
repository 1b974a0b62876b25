//! What a client sends of pictures and files, written by hand: objects and MSNSLP.

use super::*;

/// The object of a client's own picture, behind a space and percent-encoded.
pub fn own_object(png: &[u8]) -> String {
    let hash = BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, png));
    let object = format!(
        "<msnobj Creator=\"{ME}\" Size=\"{}\" Type=\"3\" Location=\"me.png\" Friendly=\"AAA=\" SHA1D=\"{hash}\"/>",
        png.len()
    );
    let encode = |byte: u8| format!("%{byte:02X}");
    object
        .bytes()
        .fold(" ".to_owned(), |out, byte| out + &encode(byte))
}

pub fn request(method: &str, session: u32, content: &str, body: &str) -> String {
    format!(
        "{method} MSNMSGR:{{busy}} MSNSLP/1.0\r\nTo: <msnmsgr:{{busy}}>\r\nFrom: <msnmsgr:{{me}}>\r\nVia: MSNSLP/1.0/TLP ;branch={{34BA2EE5-607E-C657-E277-A82CDF2C4908}}\r\nCSeq: 0\r\nCall-ID: {{EAF3A003-5047-D2F2-30F6-{session:012}}}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-{content}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Percent-encoding undone.
pub fn plain(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_at(2);
        out.push(char::from(
            u8::from_str_radix(code, 16).expect("two digits"),
        ));
        out.push_str(rest);
    }
    out
}

/// A field of an invitation.
pub fn field(invitation: &str, name: &str) -> String {
    let (_, after) = invitation.split_once(name).expect("the field");
    after.split("\r\n").next().expect("a line").to_owned()
}

/// The client agrees to what it was invited to.
pub async fn agrees(client: &mut Client, session: &str, call: &str) {
    answers(client, "200 OK", session, call).await;
}

/// The client does not give what it was invited to.
pub async fn refuses(client: &mut Client, session: &str, call: &str) {
    answers(client, "603 Decline", session, call).await;
}

async fn answers(client: &mut Client, status: &str, session: &str, call: &str) {
    let body = format!("SessionID: {session}\r\n\r\n\0");
    client.says(&format!("MSNSLP/1.0 {status}\r\nTo: <msnmsgr:{{busy}}>\r\nFrom: <msnmsgr:{{me}}>\r\nVia: MSNSLP/1.0/TLP ;branch={{1}}\r\nCSeq: 1 \r\nCall-ID: {call}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: {}\r\n\r\n{body}", body.len())).await;
}
