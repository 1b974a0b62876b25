//! How much memory an event takes, and how an event that is too large for the journal is cut.

use crate::event::{ClientInfo, Event, EventKind, Masked, ReplyData, Secrets};
use crate::roster::Contact;
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

/// About how many bytes of memory an allocation takes. Sizes are rounded up to a multiple of sixteen, and a sixth is
/// lost to size classes and holes (measured on a recording of sign-ins, which makes many small allocations).
fn allocated(bytes: usize) -> usize {
    (bytes + bytes / 6).next_multiple_of(16)
}

fn text(text: &str) -> usize {
    allocated(text.len())
}

fn maybe(text: &Option<String>) -> usize {
    text.as_deref().map_or(0, self::text)
}

/// The memory of a request's or an answer's bytes, which may share one allocation with others.
fn masked(masked: &Masked) -> usize {
    allocated(masked.bytes.len()) + allocated(masked.secrets.0.len() * size_of::<Range<u32>>())
}

/// Estimated bytes that an event other than a frame takes, beside its own struct.
pub(super) fn weight(event: &Event) -> usize {
    match &event.kind {
        EventKind::Http(http) => {
            allocated(size_of_val(&**http))
                + text(&http.method)
                + text(&http.target)
                + text(&http.action)
                + maybe(&http.host)
                + maybe(&http.account)
                + masked(&http.request)
                + masked(&http.response)
        }
        EventKind::Tls(tls) => {
            allocated(size_of_val(&**tls))
                + maybe(&tls.version)
                + maybe(&tls.cipher)
                + maybe(&tls.sni)
                + tls.failure.as_ref().map_or(0, |f| text(&f.text))
        }
        EventKind::SignedIn { account, .. } => text(account),
        EventKind::SignedOut { account, reason } => text(account) + text(reason),
        EventKind::Contact(change) => allocated(size_of_val(&**change)) + contact(&change.contact),
        EventKind::Conversation(change) => {
            allocated(size_of_val(&**change))
                + text(&change.account)
                + maybe(&change.reason)
                + change
                    .members
                    .iter()
                    .map(|m| text(m) + size_of::<String>())
                    .sum::<usize>()
        }
        EventKind::Message(said) => {
            allocated(size_of_val(&**said))
                + text(&said.from)
                + text(&said.text)
                + maybe(&said.format)
                + said
                    .to
                    .iter()
                    .map(|m| text(m) + size_of::<String>())
                    .sum::<usize>()
        }
        EventKind::Finding(finding) => {
            allocated(size_of_val(&**finding)) + text(&finding.field) + text(&finding.text)
        }
        EventKind::Disconnected { reason, .. } => text(reason),
        EventKind::Reply(reply) => {
            allocated(size_of_val(&**reply))
                + text(&reply.text)
                + match &reply.data {
                    ReplyData::None => 0,
                    ReplyData::Clients(clients) => clients.iter().map(client).sum(),
                    ReplyData::Contacts(all) => all.iter().map(|c| 8 + contact(c)).sum(),
                    ReplyData::Lines(lines) => lines.iter().map(|l| 24 + text(l)).sum(),
                    ReplyData::Picture(_, file) => allocated(file.len()),
                }
        }
        EventKind::Notice { text: notice, .. } => text(notice),
        EventKind::Frame(_)
        | EventKind::Roster(_)
        | EventKind::Client(_)
        | EventKind::Listening { .. }
        | EventKind::Connected { .. } => 0,
    }
}

fn client(info: &ClientInfo) -> usize {
    size_of::<ClientInfo>()
        + maybe(&info.account)
        + info.software.as_ref().map_or(0, |software| {
            text(&software.name) + text(&software.version) + text(&software.system)
        })
        + maybe(&info.name)
        + maybe(&info.personal_message)
        + maybe(&info.media)
        + maybe(&info.capabilities)
        + maybe(&info.endpoint)
        + maybe(&info.machine)
}

fn contact(contact: &Contact) -> usize {
    allocated(size_of::<Contact>())
        + text(&contact.id)
        + text(&contact.account)
        + text(&contact.name)
        + text(&contact.personal.message)
        + text(&contact.personal.media)
        + text(&contact.msnobj)
        + contact.groups.iter().map(|g| 24 + text(g)).sum::<usize>()
}

/// Cuts an event that takes more than `most` bytes, and returns the number of bytes left out.
/// A frame is cut by the segment as it copies it.
pub(super) fn cut(event: &mut Event, most: usize) -> u64 {
    if weight(event) <= most {
        return 0;
    }
    let part = most / 4;
    match &mut event.kind {
        EventKind::Http(http) => {
            // Where the target stands in the request, and what of it is secret, is found by the method's length.
            let target = if http.method.len() > part / 8 {
                cut_text(&mut http.target, 0)
            } else {
                0
            };
            let texts = [
                Some(&mut http.method),
                Some(&mut http.target),
                Some(&mut http.action),
                http.host.as_mut(),
                http.account.as_mut(),
            ];
            cut_masked(&mut http.request, part)
                + cut_masked(&mut http.response, part)
                + cut_texts(texts, part / 8)
                + target
        }
        EventKind::Reply(reply) => {
            let before = reply.text.len() as u64;
            let lost = match std::mem::replace(&mut reply.data, ReplyData::None) {
                ReplyData::None => 0,
                ReplyData::Clients(all) => all.iter().map(|c| client(c) as u64).sum(),
                ReplyData::Contacts(all) => all.iter().map(|c| contact(c) as u64).sum(),
                ReplyData::Lines(lines) => lines.iter().map(|l| l.len() as u64).sum(),
                ReplyData::Picture(_, file) => file.len() as u64,
            };
            cut_text(&mut reply.text, part);
            lost + before - reply.text.len() as u64
        }
        EventKind::Finding(finding) => {
            cut_text(&mut finding.field, part) + cut_text(&mut finding.text, part)
        }
        EventKind::SignedOut { account, reason } => {
            cut_text(account, part) + cut_text(reason, part)
        }
        EventKind::SignedIn { account, .. } => cut_text(account, part),
        EventKind::Disconnected { reason, .. } => cut_text(reason, part),
        EventKind::Notice { text, .. } => cut_text(text, part),
        EventKind::Tls(tls) => {
            let texts = [
                tls.version.as_mut(),
                tls.cipher.as_mut(),
                tls.sni.as_mut(),
                tls.failure.as_mut().map(|failure| &mut failure.text),
            ];
            cut_texts(texts, part / 4)
        }
        // Its texts are bounded by the roster, well below the least budget; how many groups it is in is not.
        EventKind::Contact(change) => {
            let groups = std::mem::take(&mut Arc::make_mut(&mut change.contact).groups);
            groups.iter().map(|group| group.len() as u64).sum()
        }
        _ => 0,
    }
}

fn cut_masked(masked: &mut Masked, most: usize) -> u64 {
    join_secrets(masked, most / 4);
    let Some(lost) = masked
        .bytes
        .len()
        .checked_sub(most)
        .filter(|lost| *lost > 0)
    else {
        return 0;
    };
    // A copy: a slice would keep all of it alive.
    masked.bytes = Bytes::copy_from_slice(&masked.bytes[..most]);
    let end = most as u32;
    let kept = masked.secrets.0.iter().filter(|r| r.start < end);
    masked.secrets = Secrets(kept.map(|r| r.start..r.end.min(end)).collect());
    lost as u64
}

/// The most bytes that secret ranges may take. Beyond it, one range that covers them all replaces them.
fn join_secrets(masked: &mut Masked, most: usize) {
    let ranges = &masked.secrets.0;
    if size_of_val(&ranges[..]) > most
        && let (Some(first), Some(last)) = (ranges.first(), ranges.last())
    {
        masked.secrets = Secrets::one(first.start as usize, last.end as usize);
    }
}

fn cut_texts<const N: usize>(texts: [Option<&mut String>; N], most: usize) -> u64 {
    let texts = texts.into_iter().flatten();
    texts.map(|text| cut_text(text, most)).sum()
}

fn cut_text(text: &mut String, most: usize) -> u64 {
    let before = text.len();
    if before > most {
        text.truncate(text.floor_char_boundary(most));
        text.shrink_to_fit();
    }
    (before - text.len()) as u64
}
