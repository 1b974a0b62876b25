//! Asks a filter of a whole block of lines: columns first, bytes last. So bytes are read only of lines that pass all the
//! other tests.
//!
//! A text is searched in a block as one run of bytes, since calling the matcher for each line costs more than the
//! search. Lines with secrets, lines with a `%`, and requests (whose bodies are not in the arena) are searched one by
//! one.

use super::mask::{BLOCK, Mask};
use super::segment::{Segment, flag, severity_bits};
use crate::event::{Event, EventKind, Kind, Secrets};
use crate::filter::Filter;
use crate::filter::encoded::{decode_into, is_decoded_in};
use crate::filter::node::{DAY, Node, WITH_STATUS, has_finding, has_status};
use crate::filter::text::{Needle, Text};

/// Matches across the end of a line after which the block is searched line by line: an expression that reaches over many
/// lines would be slow otherwise.
const MAX_CROSSINGS: usize = 32;

/// The rows that a filter lets through, of the `n` rows from `base` on. `n` is at most [`BLOCK`].
pub(super) fn scan(filter: &Filter, segment: &Segment, base: usize, n: usize) -> Mask {
    debug_assert!(n <= BLOCK && base + n <= segment.len());
    let all = Mask::first(n);
    match filter.node() {
        Some(of) if n > 0 => node(of, segment, base, n, &all),
        _ => all,
    }
}

/// The rows of `want` for which the node holds, in the block of `n` rows that starts at row `base`.
fn node(of: &Node, segment: &Segment, base: usize, n: usize, want: &Mask) -> Mask {
    let rows = base..base + n;
    let any_of = |column: &[u32], values: &[u32]| match values {
        // Most filters name few values. Each of them is compared with many rows at once.
        [one] => Mask::of(&column[rows.clone()], |v| v == *one),
        [a, more @ ..] if more.len() < 4 => {
            let of = |at: usize| *more.get(at).unwrap_or(a);
            let (a, b, c, d) = (*a, of(0), of(1), of(2));
            let test = |v| (v == a) | (v == b) | (v == c) | (v == d);
            Mask::of(&column[rows.clone()], test)
        }
        many => Mask::of(&column[rows.clone()], |v| many.contains(&v)),
    };
    let flags = |bits: u16, is: u16| Mask::of(&segment.flags[rows.clone()], |f| f & bits == is);
    let kinds = |set: u16| Mask::of(&segment.kinds[rows.clone()], |k| set >> k & 1 == 1);
    let found = match of {
        Node::All(nodes) => {
            let mut left = *want;
            for node in nodes {
                if left.is_empty() {
                    break;
                }
                left = self::node(node, segment, base, n, &left);
            }
            left
        }
        Node::Any(nodes) => {
            let (mut found, mut left) = (Mask::NONE, *want);
            for node in nodes {
                if left.is_empty() {
                    break;
                }
                let more = self::node(node, segment, base, n, &left);
                found = found.or(&more);
                left = left.without(&more);
            }
            found
        }
        Node::Not(node) => want.without(&self::node(node, segment, base, n, want)),
        Node::Verb(codes) => any_of(&segment.verbs, codes),
        Node::Client(numbers) => any_of(&segment.clients, numbers),
        Node::Connection(numbers) => any_of(&segment.connections, numbers),
        Node::Transaction(ids) => {
            any_of(&segment.transactions, ids).and(&flags(flag::TRANSACTION, flag::TRANSACTION))
        }
        Node::Direction(out) => {
            let is = if *out { flag::OUT } else { 0 };
            flags(flag::OUT, is).and(&kinds(1 << Kind::Frame as u16))
        }
        Node::Kind(set) => kinds(*set),
        Node::Injected => flags(flag::INJECTED, flag::INJECTED),
        Node::Error => flags(flag::ERROR, flag::ERROR),
        Node::Severity(least) => {
            let least = severity_bits(*least);
            Mask::of(&segment.flags[rows], |f| {
                (f & flag::SEVERITY) >> flag::SEVERITY_SHIFT >= least
            })
        }
        Node::Time { from, to, offset } => Mask::of(&segment.times[rows], |time| {
            let of_day = time.wrapping_add(*offset) % DAY;
            (*from..*to).contains(&of_day)
        }),
        Node::Status(values) => keep(&kinds(WITH_STATUS).and(want), |at| {
            let (event, row) = (segment.event_of(base + at), base + at);
            let line = &segment.bytes_of(row)[..segment.line_lengths[row] as usize];
            has_status(event, line, values)
        }),
        Node::Finding(ids) => keep(&kinds(1 << Kind::Finding as u16).and(want), |at| {
            has_finding(segment.event_of(base + at), ids)
        }),
        Node::Text(text) => self::text(text, segment, base, n, want),
    };
    found.and(want)
}

fn keep(of: &Mask, test: impl Fn(usize) -> bool) -> Mask {
    let mut found = Mask::NONE;
    for at in of.iter().filter(|at| test(*at)) {
        found.set(at);
    }
    found
}

/// The rows of `want` that contain a text, in the block that starts at row `base`.
fn text(of: &Text, segment: &Segment, base: usize, n: usize, want: &Mask) -> Mask {
    let mut scratch = Vec::new();
    let mut found = Mask::NONE;
    // Where few lines are asked for, one call for each is faster.
    if of.line_by_line || want.count() * 4 < n {
        for at in want.iter() {
            if in_row(of, segment, base + at, &mut scratch) {
                found.set(at);
            }
        }
        return found;
    }
    let rows = base..base + n;
    let flags = &segment.flags[rows.clone()];
    let (starts, end) = (&segment.starts[rows], segment.span(base + n - 1).end);
    let run = &segment.arena[segment.starts[base] as usize..end];
    let lower = of.needle.is_folded().then(|| run.to_ascii_lowercase());
    let run = lower.as_deref().unwrap_or(run);
    scan_run(of, run, starts, &mut |at, is| {
        if is && flags[at] & flag::ALONE == 0 {
            found.set(at);
        }
    });
    let mut found = found.and(want);
    let (mut decoded, mut starts, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for at in want.without(&found).iter() {
        if flags[at] & flag::ALONE != 0 {
            if in_row(of, segment, base + at, &mut scratch) {
                found.set(at);
            }
        } else if of.wire_only || flags[at] & flag::PERCENT == 0 {
        } else if let Needle::Literal(finder) | Needle::Folded(finder) = &of.needle {
            let bytes = segment.bytes_of(base + at);
            if is_decoded_in(finder.needle(), bytes, of.needle.is_folded()) {
                found.set(at);
            }
        } else {
            starts.push(decoded.len() as u32);
            rows.push(at);
            decode_into(segment.bytes_of(base + at), &mut decoded);
        }
    }
    scan_run(of, &decoded, &starts, &mut |at, is| {
        if is {
            found.set(rows[at]);
        }
    });
    found
}

/// Searches consecutive lines as one run of bytes that begins with the first line, and reports the lines that
/// have a match. It may report a line that has none.
fn scan_run(of: &Text, bytes: &[u8], starts: &[u32], tell: &mut dyn FnMut(usize, bool)) {
    let origin = starts.first().map_or(0, |s| *s as usize);
    let start_of = |row: usize| {
        starts
            .get(row)
            .map_or(bytes.len(), |s| *s as usize - origin)
    };
    let mut at = 0;
    let (mut row, mut crossings) = (0, 0);
    while let Some(hit) = of.needle.find(&bytes[at..]) {
        let start = at + hit.start;
        row += starts[row..]
            .partition_point(|s| *s as usize - origin <= start)
            .saturating_sub(1);
        let span = start_of(row)..start_of(row + 1);
        if at + hit.end <= span.end {
            tell(row, true);
        } else {
            // No match begins before `start`, so one within this line may still begin here.
            tell(row, of.needle.is_in(&bytes[span.clone()]));
            crossings += 1;
            if crossings > MAX_CROSSINGS {
                break;
            }
        }
        at = span.end;
    }
    if crossings > MAX_CROSSINGS {
        for row in row + 1..starts.len() {
            tell(
                row,
                of.needle.is_in(&bytes[start_of(row)..start_of(row + 1)]),
            );
        }
    }
}

pub(super) fn in_row(of: &Text, segment: &Segment, row: usize, scratch: &mut Vec<u8>) -> bool {
    let flags = segment.flags[row];
    let bytes = segment.bytes_of(row);
    if flags & flag::ALONE == 0 {
        return of.is_raw_in(bytes, scratch)
            || (flags & flag::PERCENT != 0 && of.is_decoded_in(bytes, scratch));
    }
    if segment.kinds[row] == Kind::Http as u8 {
        let bodies = match segment.event_of(row) {
            Some(Event {
                kind: EventKind::Http(http),
                ..
            }) => [Some(&http.request), Some(&http.response)],
            _ => [None, None],
        };
        let mut found = of.is_in_either(bytes, scratch);
        for body in bodies.into_iter().flatten() {
            found = found || of.is_in_either(&body.shown(false), scratch);
        }
        return found;
    }
    let secrets = Secrets(segment.secrets_of(row).to_vec());
    of.is_in_either(&secrets.mask(bytes, 0, bytes.len(), false), scratch)
}

#[cfg(test)]
// Secrets are given as ranges, and one range is what most lines have.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::filter::Look;
    use crate::journal::sample::*;
    use crate::journal::{DEFAULT_BYTES, Journal};
    use crate::msnp::Direction;
    use proptest::prelude::*;

    proptest! {
        /// Lines are searched as one run of bytes; it must be as if each were searched alone.
        #[test]
        fn a_block_finds_what_each_line_alone_would(
            lines in proptest::collection::vec("[ab%4\u{e9}]{0,6}(\r\n|[ab]{0,2})", 1..60),
            pattern in "(a|b|%|4|\u{e9}|[ab]|[^a]|a\\*|\\.\\*b|\\(\\?s\\)\\.\\*a|\\^a|b\\$|a\\{2\\}|aé){1,3}",
            secret in 0u32..8,
            wire_only: bool,
            caseless: bool,
        ) {
            let mut journal = Journal::new(DEFAULT_BYTES);
            for (n, line) in lines.iter().enumerate() {
                let secrets = if n % 7 == 3 { vec![secret..secret + 2] } else { vec![] };
                if n % 5 == 4 {
                    journal.append(notice(0, crate::event::Severity::Info, line));
                } else {
                    journal.append(frame_of(0, 1, Direction::In, line, Secrets(secrets)));
                }
            }
            let look = Look { caseless, wire_only };
            let mut texts = vec![Text::literal(&pattern, look).expect("builds")];
            let unescaped = pattern.replace('\\', "");
            texts.extend(Text::regex(&unescaped, look));
            for text in texts {
                for (segment, rows) in journal.runs(journal.first(), journal.next()) {
                    let found = super::text(&text, segment, rows.start, rows.len(), &Mask::first(rows.len()));
                    for row in rows {
                        let alone = in_row(&text, segment, row, &mut Vec::new());
                        prop_assert_eq!(found.has(row), alone, "{} in {:?}", pattern, segment.bytes_of(row));
                    }
                }
            }
        }
    }
}
