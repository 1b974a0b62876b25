//! Tests of the list of clients.

use super::*;

fn told(clients: &mut Clients, id: u64, kind: EventKind) {
    clients.event(&Event {
        time: Timestamp(id),
        connection: Some(ConnectionId(id)),
        client: Some(ClientId(id)),
        kind,
    });
}

fn came_and_went(clients: &mut Clients, id: u64) {
    let (service, peer) = (Service::Notification, SocketAddr::from(([127, 0, 0, 1], 9)));
    let connected = EventKind::Connected {
        service,
        peer,
        local: peer,
    };
    told(clients, id, connected);
    let gone = EventKind::Disconnected {
        service,
        reason: Ending::Closed,
        bytes_in: 0,
        bytes_out: 0,
    };
    told(clients, id, gone);
}

fn listed(clients: &Clients) -> Vec<u64> {
    let ids = clients.iter().filter_map(|(_, client)| client.id);
    ids.map(|id| id.0).collect()
}

#[test]
fn those_that_went_last_stay_listed_and_the_one_that_is_looked_at() {
    let mut clients = Clients::default();
    came_and_went(&mut clients, 1);
    clients.go(0);
    clients.toggle_mark();
    for id in 2..=50 {
        came_and_went(&mut clients, id);
    }
    let all = listed(&clients);
    assert!((GONE..=GONE + GONE / SLACK + 1).contains(&all.len()));
    assert_eq!((all[0], all[all.len() - 1]), (1, 50));
    assert!(
        all[1] > 2,
        "the first of the others have made room: {all:?}"
    );
    assert!(clients.is_marked(Who::Client(ClientId(1))));
    clients.select(Who::Client(ClientId(50)));
    clients.toggle_mark();
    for id in 51..=60 {
        came_and_went(&mut clients, id);
    }
    assert!(!listed(&clients).contains(&1));
    assert!(clients.is_marked(Who::Client(ClientId(50))));
    assert!(!clients.is_marked(Who::Client(ClientId(1))));
}

fn came(clients: &mut Clients, id: u64) {
    let (service, peer) = (Service::Notification, SocketAddr::from(([127, 0, 0, 1], 9)));
    let local = peer;
    told(
        clients,
        id,
        EventKind::Connected {
            service,
            peer,
            local,
        },
    );
}

fn sent(clients: &mut Clients, id: u64, line: &str) {
    let frame = FrameEvent {
        service: crate::event::Service::Notification,
        direction: Direction::In,
        frame: crate::msnp::Frame::from_wire(bytes::Bytes::copy_from_slice(line.as_bytes())),
        secrets: crate::event::Secrets::default(),
        injected: false,
    };
    told(clients, id, EventKind::Frame(frame));
}

fn selected(clients: &Clients) -> Option<u64> {
    clients.selected_id().map(|id| id.0)
}

#[test]
fn those_that_have_gone_are_one_row_below_those_that_are_there_until_it_is_unfolded() {
    let mut clients = Clients::default();
    for id in 1..=7 {
        came_and_went(&mut clients, id);
    }
    came(&mut clients, 8);
    let newest = Row::One(Who::Client(ClientId(8)));
    let last = Row::One(Who::Client(ClientId(7)));
    assert_eq!(clients.rows(), [newest, last, Row::Gone]);
    assert_eq!((clients.folded(), selected(&clients)), (6, Some(8)));
    clients.step(2);
    assert!(clients.fold());
    assert_eq!(clients.rows().len(), 9);
    clients.step(1);
    assert_eq!(clients.forget_gone(), 1);
    assert_eq!(clients.gone(), 6);
    clients.go(0);
    assert_eq!(clients.forget_gone(), 6);
    assert_eq!(clients.rows(), [newest]);
    assert_eq!(listed(&clients), [8]);
}

#[test]
fn a_browser_that_checked_the_port_is_no_client_that_has_gone() {
    let mut clients = Clients::default();
    came(&mut clients, 1);
    let gone = EventKind::Disconnected {
        service: Service::Notification,
        reason: Ending::Checked,
        bytes_in: 60,
        bytes_out: 600,
    };
    told(&mut clients, 1, gone);
    assert!(clients.is_empty() && clients.rows().is_empty());
}

#[test]
fn the_cursor_follows_whoever_acts_until_the_operator_chooses() {
    let mut clients = Clients::default();
    came(&mut clients, 1);
    came(&mut clients, 2);
    assert_eq!(selected(&clients), Some(2));
    sent(&mut clients, 1, "VER 1 MSNP16 CVR0\r\n");
    assert_eq!(selected(&clients), Some(1));
    // That somebody is still there is nothing to look at.
    sent(&mut clients, 2, "PNG\r\n");
    assert_eq!(selected(&clients), Some(1));
    clients.select(Who::Client(ClientId(2)));
    sent(&mut clients, 1, "CVR 2 0x0409 mac\r\n");
    assert_eq!(selected(&clients), Some(2));
    assert!(clients.follow());
    sent(&mut clients, 1, "USR 3 TWN I me@local\r\n");
    assert_eq!(selected(&clients), Some(1));
    // To begin to write to one is to choose it.
    clients.stay();
    came(&mut clients, 3);
    assert_eq!(selected(&clients), Some(1));
}

#[test]
fn over_a_recording_that_says_of_nobody_that_he_has_gone_the_first_make_room() {
    let mut clients = Clients::default();
    clients.keep_all();
    let (service, peer) = (Service::Notification, SocketAddr::from(([127, 0, 0, 1], 9)));
    let connected = EventKind::Connected {
        service,
        peer,
        local: peer,
    };
    let all = ALL_OF_RECORDING as u64;
    for id in 1..=all * 3 {
        told(&mut clients, id, connected.clone());
    }
    assert!((all..=all + all / 8).contains(&(clients.len() as u64)));
    assert!(clients.get(ClientId(all * 3)).is_some());
    assert!(
        clients.selected().is_some(),
        "the cursor is on one that is there"
    );
    came_and_went(&mut clients, all * 3);
}

#[test]
fn of_long_texts_the_beginning_is_kept() {
    let mut clients = Clients::default();
    let long = "é".repeat(60_000);
    let peer = SocketAddr::from(([127, 0, 0, 1], 9));
    let mut info = ClientInfo::new(ClientId(1), peer, Timestamp(1));
    (info.account, info.personal_message) = (Some(long.clone()), Some(long.clone()));
    told(&mut clients, 1, EventKind::Client(Box::new(info)));
    let gone = EventKind::Disconnected {
        service: Service::Notification,
        reason: Ending::other(long.clone()),
        bytes_in: 0,
        bytes_out: 0,
    };
    told(&mut clients, 1, gone);
    let client = clients.get(ClientId(1)).expect("is listed");
    let kept = Some(&long[..ClientInfo::KEPT]);
    let info = client.info.as_ref().expect("is known");
    assert_eq!(info.account.as_deref(), kept);
    assert_eq!(info.personal_message.as_deref(), kept);
    let kept = kept.map(|kept| Ending::other(kept.to_owned()));
    assert_eq!(client.gone, kept);
}

#[test]
fn over_a_recording_a_thousand_stay_listed_and_no_more_than_an_eighth_beyond() {
    let mut clients = Clients::default();
    clients.keep_all();
    let keep = GONE_OF_RECORDING as u64;
    for id in 1..=keep * 3 {
        came_and_went(&mut clients, id);
        let count = clients.len() as u64;
        assert!(count >= id.min(keep) && count <= keep + keep / 8 + 1);
    }
    let listed = listed(&clients);
    assert_eq!(listed.last(), Some(&(keep * 3)));
    // Without a gap, but for the one under the cursor.
    assert!(listed[1..].windows(2).all(|two| two[1] == two[0] + 1));
    // Begun once more, it counts from nothing.
    clients.forget();
    for id in 1..=keep {
        came_and_went(&mut clients, id);
    }
    assert_eq!(clients.len() as u64, keep);
}
