//! How much memory an event takes, and how an event that is too large for the journal is cut.

use crate::event::table::Texts;
use crate::event::{Event, EventKind, HttpAction, HttpExchange, Masked, ReplyData, Secrets};
use bytes::Bytes;
use std::sync::Arc;

/// Bytes of memory that an allocation of this size takes, about. Sizes are rounded up to a multiple of sixteen, and a
/// sixth is lost to size classes and holes (measured on a recording of sign-ins, which makes many small allocations).
fn allocated(bytes: usize) -> usize {
    (bytes + bytes / 6).next_multiple_of(16)
}

/// Bytes that an event takes beside its own struct, about. The bytes of a frame are not counted: the segment copies them.
pub(super) fn weight(event: &Event) -> usize {
    event.kind.heap(allocated)
}

/// Cuts an event that takes more than `most` bytes, and returns the number of bytes left out. The segment cuts frames as
/// it copies them.
pub(super) fn cut(event: &mut Event, most: usize) -> u64 {
    if weight(event) <= most {
        return 0;
    }
    let part = most / 4;
    if let EventKind::Http(http) = &mut event.kind {
        return cut_http(http, part);
    }
    let held = event.kind.heap(|bytes| bytes);
    match &mut event.kind {
        EventKind::Reply(reply) => reply.data = ReplyData::None,
        EventKind::Conversation(change) => change.members = Vec::new(),
        EventKind::Message(said) => said.to = Vec::new(),
        // The roster bounds its texts, well below the smallest budget. It does not bound the number of its groups.
        EventKind::Contact(change) => Arc::make_mut(&mut change.contact).groups = Vec::new(),
        _ => {}
    }
    event.kind.texts(&mut Cutting(part / 4));
    (held - event.kind.heap(|bytes| bytes)) as u64
}

/// Cuts each text that it is given to this many bytes.
struct Cutting(usize);

impl Texts for Cutting {
    fn text(&mut self, text: &mut String) {
        cut_text(text, self.0);
    }

    /// Only frames and requests have bytes, and those are cut elsewhere.
    fn bytes(&mut self, _: &[u8], _: &mut Secrets) {}
}

fn cut_http(http: &mut HttpExchange, part: usize) -> u64 {
    // The length of the method says where the target stands in the request, and so which bytes of it are secret.
    let target = if http.method.len() > part / 8 {
        cut_text(&mut http.target, 0)
    } else {
        0
    };
    let action = match &mut http.action {
        HttpAction::Other(name) => Some(name),
        _ => None,
    };
    let texts = [
        Some(&mut http.method),
        Some(&mut http.target),
        action,
        http.host.as_mut(),
        http.account.as_mut(),
    ];
    let texts = texts.into_iter().flatten();
    cut_masked(&mut http.request, part)
        + cut_masked(&mut http.response, part)
        + texts.map(|text| cut_text(text, part / 8)).sum::<u64>()
        + target
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

/// Bytes that secret ranges may take. Where they take more, one range that covers them all replaces them.
fn join_secrets(masked: &mut Masked, most: usize) {
    let ranges = &masked.secrets.0;
    if size_of_val(&ranges[..]) > most
        && let (Some(first), Some(last)) = (ranges.first(), ranges.last())
    {
        masked.secrets = Secrets::one(first.start as usize, last.end as usize);
    }
}

fn cut_text(text: &mut String, most: usize) -> u64 {
    let before = text.len();
    if before > most {
        text.truncate(text.floor_char_boundary(most));
        text.shrink_to_fit();
    }
    (before - text.len()) as u64
}
