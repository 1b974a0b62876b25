//! The ladder without a screen: what became of each client's sign-in, in lines of text. Times of day are local ones, as in the console.

use super::ladder::{CauseId, Kind, Ladder, Ladders, Row, Stall, State, StepId, who};
use super::{Numbered, Page, Tone, Watch, watched};
use crate::event::{ClientId, Event, EventKind, Finding, FindingId, Sentence, Severity, zone};
use crate::msnp::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

/// The most findings of a kind that are written out; the others are counted.
const MOST: usize = 20;
/// The most characters that are kept of one.
const LONGEST: usize = 1_000;
/// What all of them may take, in bytes, and what one takes beside its text.
const MAX_BYTES: usize = 32 * 1024 * 1024;
const A_FINDING: usize = 256;
/// The most clients whose findings are written out.
const MAX_CLIENTS: usize = 4096;

/// A recording without that client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recording has no client {0}")]
pub struct NoSuchClient(pub ClientId);

/// What became of the sign-ins in these events: for each client (or this one) its ladder, why it stopped where it
/// did, and its findings; with `width`, its sequence diagram too, that many columns wide. `watch` is one of a
/// recording.
///
/// # Errors
/// [`NoSuchClient`]: the one that is asked for is not there.
pub fn report(
    events: impl Iterator<Item = Event>,
    client: Option<ClientId>,
    width: Option<usize>,
    mut watch: Watch,
) -> Result<Page, NoSuchClient> {
    let mut seen = Seen::default();
    for one in watched(events, &mut watch) {
        seen.take(one, client);
    }
    seen.often(&watch.findings.ladders);
    seen.write(&watch, client, width)
}

/// A finding out of a recording may be of any length.
fn bound(sentence: &mut Sentence) {
    let text = sentence.to_mut();
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
        text.shrink_to_fit();
    }
}

#[derive(Default)]
struct Seen {
    stalls: BTreeMap<ClientId, Vec<Stall>>,
    findings: BTreeMap<Option<ClientId>, BTreeMap<FindingId, Vec<Finding>>>,
    /// What they take, in bytes, about.
    bytes: usize,
    left_out: u64,
}

impl Seen {
    fn take(&mut self, one: Numbered, only: Option<ClientId>) {
        if let Some(stall) = one.stall {
            if self.stalls.len() >= MAX_CLIENTS && !self.stalls.contains_key(&stall.client) {
                return;
            }
            let of = self.stalls.entry(stall.client).or_default();
            if stall.kind == Kind::Resumed {
                // Withdrawn.
                of.retain(|held| held.step != stall.step);
                return;
            }
            // Of a step what was made of it last.
            of.retain(|held| held.step != stall.step || held.online != stall.online || held.online);
            if of.len() < MOST {
                of.push(*stall);
            }
            return;
        }
        let Event { client, kind, .. } = one.event;
        let EventKind::Finding(mut finding) = kind else {
            return;
        };
        if only.is_some() && client.is_some() && client != only {
            return;
        }
        let one_more = self.findings.len() >= MAX_CLIENTS && !self.findings.contains_key(&client);
        if one_more || self.bytes >= MAX_BYTES {
            self.left_out += 1;
            return;
        }
        let of = self.findings.entry(client).or_default();
        let of = of.entry(finding.id.clone()).or_default();
        if of.len() < MOST {
            bound(&mut finding.field);
            bound(&mut finding.text);
            self.bytes += A_FINDING + finding.field.len() + finding.text.len();
            of.push(*finding);
        } else {
            self.left_out += 1;
        }
    }

    /// An address that left so again and again did not do so by chance: of its first tries too that is said last.
    fn often(&mut self, ladders: &Ladders) {
        let place = |ladder: &Ladder| ladder.address();
        let mut last: BTreeMap<(IpAddr, StepId), ClientId> = BTreeMap::new();
        for ladder in ladders.iter() {
            let stalls = self.stalls.get(&ladder.client).into_iter().flatten();
            for stall in stalls.filter(|stall| stall.is_often()) {
                last.insert((place(ladder), stall.step), ladder.client);
            }
        }
        for ladder in ladders.iter() {
            for stall in self.stalls.get_mut(&ladder.client).into_iter().flatten() {
                let again = last.get(&(place(ladder), stall.step));
                let chance = stall.causes.first().map(|cause| cause.id) == Some(CauseId::GivenUp);
                if chance && again.is_some_and(|later| *later > ladder.client) {
                    stall.causes.rotate_left(1);
                }
            }
        }
    }

    fn write(
        &self,
        watch: &Watch,
        only: Option<ClientId>,
        width: Option<usize>,
    ) -> Result<Page, NoSuchClient> {
        let mut out = Page::default();
        // Whoever only looked whether the port is open is no client.
        let wanted = |ladder: &&Ladder| {
            only.is_none_or(|only| ladder.client == only) && (!ladder.is_probe() || only.is_some())
        };
        for ladder in watch.findings.ladders.iter().filter(wanted) {
            one(&mut out, ladder, watch.utc_offset);
            for stall in self.stalls.get(&ladder.client).into_iter().flatten() {
                out.gap();
                // Reasons and causes quote what clients and recordings say.
                out.titled(&escape::safe_lines(&stall.to_string()));
            }
            self.findings_of(&mut out, Some(ladder.client));
            if let Some(width) = width {
                out.gap();
                out.titled(&ladder.sequence(width).join("\n"));
            }
            out.gap();
        }
        if !out.is_empty() {
            let text = format!("Times of day: {}", zone(watch.utc_offset));
            out.put(Tone::Plain, text);
        }
        let nobody = self.findings.get(&None);
        let stands = nobody.and_then(|of| of.get(&FindingId::Stalled));
        if out.is_empty() {
            if let Some(client) = only {
                return Err(NoSuchClient(client));
            }
            out.put(Tone::Title, "no client reached the notification service");
        }
        for finding in stands.into_iter().flatten() {
            out.gap();
            out.put(Tone::Title, escape::safe(&finding.text));
        }
        self.findings_of(&mut out, None);
        if self.left_out > 0 {
            out.put(Tone::Plain, format!("{} findings more", self.left_out));
        }
        Ok(out)
    }

    fn findings_of(&self, out: &mut Page, client: Option<ClientId>) {
        let Some(findings) = self.findings.get(&client) else {
            return;
        };
        out.gap();
        let title = match client {
            Some(_) => "Findings",
            None => "Findings of no known client",
        };
        out.put(Tone::Title, title);
        // What stands has been written above.
        let stands = |finding: &&Finding| finding.id == FindingId::Stalled;
        for finding in findings.values().flatten().filter(|f| !stands(f)) {
            let field = if finding.field.is_empty() {
                String::new()
            } else {
                format!(" ({})", finding.field)
            };
            let shown_by = finding
                .evidence
                .map_or_else(String::new, |n| format!("  (line {n})"));
            let text = format!(
                "  {} {}{field}: {}{shown_by}",
                finding.severity.name(),
                finding.id,
                finding.text
            );
            let tone = match finding.severity {
                Severity::Info => Tone::Plain,
                Severity::Warning => Tone::Doubt,
                Severity::Error => Tone::Wrong,
            };
            out.put(tone, escape::safe(&text));
        }
    }
}

fn one(out: &mut Page, ladder: &Ladder, utc_offset: i32) {
    let account = ladder.account.as_deref().unwrap_or("no account");
    let shape = ladder.shape.map(|s| format!(" {s}")).unwrap_or_default();
    let head = format!(
        "Client {} {account}{shape} from {}",
        ladder.client, ladder.peer
    );
    out.put(Tone::Title, escape::safe(&head));
    if ladder.late {
        let text =
            "  (recorded from the middle of it: of the steps with – it is not known how they went)";
        out.put(Tone::Plain, text);
    }
    for row in ladder.rows() {
        let tone = match row.state {
            State::Done => Tone::Good,
            State::Now => Tone::Doubt,
            State::Failed => Tone::Wrong,
            State::Due | State::Skipped => Tone::Plain,
        };
        out.put(tone, line(row, utc_offset));
    }
    let end = match (&ladder.gone, ladder.current(), ladder.failed_at()) {
        (Some(reason), ..) => format!("  ended: {reason}"),
        (None, Some(row), _) => format!(
            "  {} owes {}, since {}",
            who(row.owes),
            ladder.expects(row.step, row.owes),
            ladder.since().time_of_day(utc_offset)
        ),
        (None, None, Some(row)) => format!("  it went wrong at {}", row.name),
        (None, None, None) => "  nobody owes a move".to_owned(),
    };
    out.put(Tone::Plain, escape::safe(&end));
}

/// `✓ VER             MSNP16                        0.4ms  12:04:31.207  line 1`; what is still to come says what is
/// expected, and of whom.
fn line(row: &Row, utc_offset: i32) -> String {
    let mark = match row.state {
        State::Done => '✓',
        State::Now => '▸',
        State::Due => '·',
        State::Skipped => '–',
        State::Failed => '✗',
    };
    let mut detail = row.detail.clone();
    if detail.is_empty() && matches!(row.state, State::Now | State::Due) {
        detail = format!("{}: {}", who(row.owes), row.expects);
    }
    if row.count > 1 && row.state == State::Done {
        detail = format!("{detail} ×{}", row.count);
    }
    if !row.open.is_empty() {
        detail = format!("{detail} ({})", row.whose());
    }
    let mut text = format!("  {mark} {:<16}{:<36}", row.name, detail.trim());
    if let (Some(time), Some(event)) = (row.time, row.event) {
        let took = row
            .took
            .map(|took| format!("{:.1}ms", took.as_secs_f64() * 1000.0));
        let took = took.unwrap_or_default();
        let _ = write!(
            text,
            "{took:>12}  {}  line {event}",
            time.time_of_day(utc_offset)
        );
    }
    escape::safe(text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::story::Story;

    fn of(story: Story, width: Option<usize>) -> String {
        report(
            story.events.into_iter(),
            None,
            width,
            Watch::of_recording(1.0),
        )
        .expect("a report")
        .to_string()
    }

    #[test]
    fn what_is_shown_in_colour_says_how_it_is_meant() {
        let mut story = Story::new();
        story.online("").c("BLP 9 AL BL\r\n").s("ACK 9 BLP\r\n");
        let watch = Watch::of_recording(1.0);
        let page = report(story.events.into_iter(), None, None, watch).expect("a report");
        let tone = |what: &str| {
            let mut lines = page.lines();
            let found = lines.find(|(_, line)| line.contains(what));
            found.map(|(tone, _)| tone)
        };
        assert_eq!(tone("Client 1 "), Some(Tone::Title));
        assert_eq!(tone(" VER "), Some(Tone::Good));
        assert_eq!(tone("no-msnobj"), Some(Tone::Wrong));
        assert_eq!(tone("wrong-count"), Some(Tone::Doubt));
    }

    #[test]
    fn a_good_sign_in_is_a_ladder_of_ticks_and_no_more() {
        let text = of(Story::article(), None);
        assert_eq!(text.matches('✓').count(), 19, "{text}");
        assert!(
            text.contains("Client 1 me@local MSNP16/mac from 10.0.0.7:4000"),
            "{text}"
        );
        assert!(text.contains("✓ presence        7 of 7 contacts"), "{text}");
        assert!(text.contains("nobody owes a move"), "{text}");
        assert!(!text.contains("Findings"), "{text}");
    }

    #[test]
    fn each_step_says_when_it_was_how_long_after_the_one_before_and_which_line_it_came_from() {
        let mut story = Story::new();
        story.greeted();
        let text = of(story, None);
        let row = |name: &str| {
            let found = text.lines().find(|line| line.contains(name));
            found.expect("a row").to_owned()
        };
        // A millisecond an event: VER is the second line that the console has, and its answer the third.
        let version = row("✓ VER");
        assert!(version.contains("2.0ms  22:13:20.004  line 1"), "{version}");
        assert!(
            row("▸ TLS").contains("the client: a TLS connection to port 443"),
            "{text}"
        );
        assert!(
            row("· presence").contains("the service: ILN and UBX"),
            "{text}"
        );
        assert!(
            row("· ADL").ends_with("the client: ADL with its contacts"),
            "{text}"
        );
        assert!(
            text.contains("  the client owes a TLS connection to port 443, since 22:13:20.0"),
            "{text}"
        );
    }

    #[test]
    fn a_request_that_may_be_of_either_of_two_clients_says_1_or_2() {
        let mut story = Story::new();
        story.greeted();
        story.connect(2);
        story
            .greeted()
            .http("nexus", 200, crate::findings::story::NEXUS, false);
        let text = of(story, None);
        let open = text.lines().filter(|line| line.contains("✓ nexus"));
        assert!(
            open.clone().count() == 2 && open.clone().all(|line| line.contains("(1 or 2)")),
            "{text}"
        );
    }

    #[test]
    fn where_it_stopped_the_causes_follow_in_order_with_what_to_check() {
        let mut story = Story::new();
        story.greeted();
        let text = of(story, Some(80));
        assert!(text.contains("▸ TLS"), "{text}");
        assert!(
            text.contains("it ends at TLS: the client owes a TLS connection to port 443"),
            "{text}"
        );
        assert!(
            text.contains("  1. the client looks for nexus.passport.com elsewhere"),
            "{text}"
        );
        assert!(text.contains("     check: the hosts file"), "{text}");
        assert!(text.contains("│── VER 1 MSNP16"), "{text}");
    }

    #[test]
    fn findings_stand_with_their_client_and_nothing_of_a_client_reaches_the_screen_raw() {
        let mut story = Story::new();
        story
            .online("")
            .c("PRP 9 MFN \u{1b}[2J\r\n")
            .c("BLP 10 AL \u{1b}]0;x\u{7}\r\n");
        let text = of(story, Some(60));
        assert!(text.contains("error no-msnobj (ILN msnobj)"), "{text}");
        assert!(text.contains("[msnobj-missing]"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'));
    }

    #[test]
    fn the_golden_recording_is_a_good_sign_in() {
        let text = report(
            crate::recording::golden::messenger_mac_8_0_1().into_iter(),
            None,
            None,
            Watch::of_recording(1.0),
        )
        .expect("a report")
        .to_string();
        assert_eq!(text.matches('✓').count(), 19, "{text}");
        assert!(
            !text.contains("Findings") && !text.contains("check:"),
            "{text}"
        );
    }

    #[test]
    fn findings_of_a_recording_are_bounded_and_escaped_however_many_and_long_they_are() {
        let mut story = Story::new();
        story.greeted();
        let mut one = story.events.last().expect("one").clone();
        let hostile = "\u{1b}]0;x\u{7}\u{202e}".repeat(5_000);
        for client in 0..2_000 {
            one.client = Some(ClientId(1 + client % 9));
            one.kind = EventKind::Finding(Box::new(crate::event::Finding {
                id: FindingId::read("hostile").expect("a name"),
                severity: crate::event::Severity::Error,
                field: hostile.clone().into(),
                text: hostile.clone().into(),
                evidence: None,
            }));
            story.events.push(one.clone());
        }
        story.bye(&hostile);
        let text = of(story, None);
        assert!(text.len() < 10_000_000, "{}", text.len());
        assert!(text.contains("findings more"));
        let raw = |c: char| c != '\n' && escape::is_unsafe_on_screen(c);
        assert!(!text.contains(raw));
    }

    #[test]
    fn a_recording_that_begins_in_the_middle_says_so() {
        let mut story = Story::new();
        story.info("16/mac", crate::event::Step::Online);
        assert!(of(story, None).contains("recorded from the middle"));
        assert!(!of(Story::article(), None).contains("recorded from the middle"));
    }

    #[test]
    fn without_a_client_it_says_so() {
        let text = report(std::iter::empty(), None, None, Watch::of_recording(1.0));
        assert!(text.is_ok_and(|text| text.to_string().contains("no client")));
        let nine = report(
            Story::article().events.into_iter(),
            Some(ClientId(9)),
            None,
            Watch::of_recording(1.0),
        );
        assert_eq!(nine, Err(NoSuchClient(ClientId(9))));
    }
}
