//! Files that a client offers and takes back: before the operator has answered, and half-way.

use super::*;

/// The client ends a session.
async fn ends(client: &mut Client, session: u32) {
    let bye = request("BYE", session, "sessionclosebody", "\r\n\0");
    client.says(&bye).await;
    // Acknowledged.
    client.packet().await;
}

#[tokio::test]
async fn a_file_that_is_cancelled_is_not_taken_and_leaves_nothing_behind() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    for dialect in ["MSNP9", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        if dialect == "MSNP18" {
            client = client.later();
        }
        let id = service.hub.clients().last().expect("a client").id;
        let switchboard = service.service.switchboard().clone();
        let here = || Some(folder.path().display().to_string());

        // Before the operator has answered.
        client.invites(5, FILE, 2, &offer(5_000, "cat.png")).await;
        client.packet().await;
        let offers = "offers the file cat.png, 5000 bytes";
        told(&mut service, MessageKind::File, ME, offers).await;
        ends(&mut client, 5).await;
        let ended = "ends a file before it is done";
        told(&mut service, MessageKind::File, ME, ended).await;
        for refused in [
            given::accept(&switchboard, id, here()).err(),
            given::refuse(&switchboard, id).err(),
        ] {
            assert_eq!(refused, Some(format!("client {id} offers no file")));
        }

        // Half-way. Another one waits meanwhile, and is still there.
        client.invites(6, FILE, 2, &offer(5_000, "dog.png")).await;
        client.packet().await;
        let later = given::accept(&switchboard, id, here()).expect("is accepted");
        let (_, ok) = client.message().await;
        assert!(ok.starts_with(b"MSNSLP/1.0 200 OK\r\n"));
        client.invites(7, FILE, 2, &offer(3, "a.txt")).await;
        client.packet().await;
        let half = match client.is_later() {
            false => first(6, 50, (0, 5_000), 0x0100_0030, (9, 0, 0), &[1; 1_202], 2),
            true => packets::later(6, true, 3_798, &[1; 1_202]),
        };
        client.send(&half).await;
        ends(&mut client, 6).await;
        let text = later.await.expect_err("it does not come");
        assert!(text.contains("nothing was saved"), "{text}");
        let found = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(found, 0, "{dialect}");
        let (text, _) = given::refuse(&switchboard, id).expect("is refused");
        assert_eq!(text, format!("busy@local refuses a.txt of client {id}"));
        let (_, said) = client.message().await;
        assert!(said.starts_with(b"MSNSLP/1.0 603 Decline\r\n"));
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
    }
}
