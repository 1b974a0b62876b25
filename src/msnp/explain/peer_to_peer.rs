//! Explains a peer-to-peer message: its binary header, and the invitation or the answer in it.

use super::super::mime::Mime;
use super::super::p2p::{self, offer::Offer, slp::Slp, v1, v2};
use super::super::pretty::bounded;

/// Adds what there is to say of a message, if it is peer-to-peer.
pub(super) fn notes(payload: &[u8], notes: &mut Vec<String>) {
    let message = Mime::read(payload);
    let media = message.media_type().unwrap_or_default();
    if media.eq_ignore_ascii_case(p2p::MEDIA_TYPE) {
        peer_to_peer(&message, notes);
    }
}

fn peer_to_peer(message: &Mime<'_>, notes: &mut Vec<String>) {
    if p2p::is_later(message) {
        match v2::Packet::read(message.body) {
            Ok(packet) => of_later(&packet, notes),
            Err(error) => notes.push(format!("its header (TLP 2): {error}")),
        }
    } else {
        match v1::Packet::read(message.body) {
            Ok(packet) => of_first(&packet, notes),
            Err(error) => notes.push(format!("its header (MSNC1): {error}")),
        }
    }
}

fn of_first(packet: &v1::Packet<'_>, notes: &mut Vec<String>) {
    let header = &packet.header;
    notes.push(format!(
        "header (MSNC1): session {}, identifier {}, bytes {} to {} of {}, {}",
        header.session,
        header.identifier,
        header.offset,
        header.offset.saturating_add(u64::from(header.length)),
        header.total,
        flags(
            v1::FLAGS
                .iter()
                .filter(|row| header.flags & row.0 != 0)
                .map(|row| row.1)
        ),
    ));
    if header.flags & v1::ACK != 0 {
        notes.push(format!(
            "it acknowledges {} bytes of the message {}",
            header.ack_total, header.ack_identifier
        ));
    }
    of_data(header.session, packet.data, packet.footer, notes);
}

fn of_later(packet: &v2::Packet<'_>, notes: &mut Vec<String>) {
    notes.push(format!(
        "header (TLP 2): from byte {}, {}",
        packet.base,
        flags(
            v2::OPERATIONS
                .iter()
                .filter(|row| packet.operation & row.0 != 0)
                .map(|row| row.1)
        ),
    ));
    if let Some(ack) = packet.ack {
        notes.push(format!("it acknowledges all up to byte {ack}"));
    }
    if let Some(nak) = packet.nak {
        notes.push(format!("it misses what begins at byte {nak}"));
    }
    if let Some(data) = &packet.data {
        let remaining = match data.remaining {
            Some(remaining) => format!("{remaining} bytes to come"),
            None => "the last piece".to_owned(),
        };
        notes.push(format!(
            "data: session {}, package {}, {} bytes, {remaining}",
            data.session,
            data.package,
            data.piece.len()
        ));
        of_data(data.session, data.piece, packet.footer, notes);
    }
}

fn flags(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        "no flags".to_owned()
    } else {
        words.join(", ")
    }
}

fn of_data(session: u32, data: &[u8], footer: u32, notes: &mut Vec<String>) {
    match p2p::application(footer) {
        Some("session") => {}
        Some(name) => notes.push(format!("footer {footer}: {name}")),
        None => notes.push(format!("footer {footer}: unknown")),
    }
    if session != 0 || data.is_empty() {
        return;
    }
    // A piece of a longer text is no whole text, and is shown as it came.
    if let Ok(slp) = Slp::read(data) {
        notes.push(bounded(slp.to_string().as_bytes()));
        if let Some(offer) = slp.field("Context").and_then(Offer::read)
            && slp
                .field("EUF-GUID")
                .is_some_and(|guid| guid.eq_ignore_ascii_case(p2p::slp::FILE))
        {
            notes.push(format!(
                "the file {}, {} bytes",
                bounded(offer.name.as_bytes()),
                offer.size
            ));
        }
    }
}
