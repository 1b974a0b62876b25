//! How large pictures and files may be, and with how many contacts at once: whoever asks for more is told no, and an event
//! tells of it.

use super::*;

#[tokio::test]
async fn a_file_a_picture_and_peers_beyond_the_bound_are_refused() {
    let (mut service, png) = service();
    let mut client = Client::new(&service, "MSNP15").await;
    let id = service.hub.clients().last().expect("a client").id;
    let switchboard = service.service.switchboard().clone();
    client
        .invites(5, FILE, 2, &offer(16 * 1_024 * 1_024 + 1, "big.iso"))
        .await;
    let (_, said) = client.message().await;
    assert!(said.starts_with(b"MSNSLP/1.0 603 Decline\r\n"));
    let no = "is told no: the file is larger than is taken";
    told(&mut service, MessageKind::File, ME, no).await;
    assert_eq!(switchboard.oldest_offer(id), None);

    // A picture that says it is larger than one may be is not asked for.
    let object = own_object(&png);
    let size = format!("Size=\"{}\"", png.len());
    let encoded: String = size.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let large: String = "Size=\"524289\""
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    assert!(object.contains(&encoded), "{object}");
    let object = object.replace(&encoded, &large);
    client
        .notification
        .send(format!("CHG 6 NLN 0{object}\r\nPNG\r\n"))
        .await;
    while !client.notification.line().await.starts_with("QNG") {}
    let later = given::picture(&service.hub, &switchboard, id, None).expect("is begun");
    let refused = later.await.expect_err("is too large");
    assert!(
        refused.contains("has 524289 bytes, more than 524288"),
        "{refused}"
    );

    // Sixteen endpoints of the contact, each with a session, and one more.
    for number in 0..=16 {
        client.ends.1 = format!("busy@local;{{{number}}}");
        client.ends.0 = format!("{ME};{{1}}");
        client.invites(7, FILE, 2, &offer(3, "a.txt")).await;
    }
    let (_, text) = service.finding("peer-to-peer").await;
    assert!(
        text.contains("more than 16 peer-to-peer sessions at once"),
        "{text}"
    );
}
