//! The rules: what is not as it should be, one file each, and a row of `RULES`. A rule has no state of its own; what it needs to
//! know of the past is in its [`Context`].

mod adl_unknown;
mod argument_count;
mod argument_encoding;
mod argument_value;
mod book_unlisted;
mod capability_form;
mod challenge_unanswered;
mod challenge_wrong;
mod closed_after;
pub mod context;
mod http_host;
mod injected_framing;
mod injected_unknown;
mod long_message;
mod long_name;
mod no_msnobj;
mod other_dialect;
mod payload_length;
mod presence_form;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
mod transaction_reused;
mod transaction_unanswered;
mod unread_contact;

pub use context::Context;

use super::{Seen, Told};
use crate::event::{
    ClientId, ConnectionId, Event, EventId, EventKind, Finding, FindingId, Service, Severity,
    Timestamp,
};
use crate::msnp::Direction;
pub(in crate::findings) use adl_unknown::elsewhere;
use context::{Late, Memory};
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The field it is about.
    pub field: String,
    /// What was seen.
    pub text: String,
    /// The event that shows it, where that is not the one at hand.
    pub evidence: Option<EventId>,
    /// How much it matters, where that is another than the rule's.
    pub severity: Option<Severity>,
}

impl Hit {
    fn new(field: impl Into<String>, text: impl Into<String>) -> Option<Self> {
        Some(Self {
            field: field.into(),
            text: text.into(),
            evidence: None,
            severity: None,
        })
    }

    /// It is worth knowing, and no more.
    fn informing(self) -> Self {
        Self {
            severity: Some(Severity::Info),
            ..self
        }
    }

    fn at(self, event: EventId) -> Self {
        Self {
            evidence: Some(event),
            ..self
        }
    }
}

/// The events of which a rule is asked: most are frames, and half of the rules have nothing to say of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// A frame of the client's.
    Heard,
    /// A frame that was sent to it.
    Sent,
    /// Frames of both.
    Frames,
    /// A TLS handshake.
    Handshake,
    /// A request over HTTP.
    Request,
    /// The end of a connection.
    End,
    /// None of them: it is asked of what did not come, see [`Look::Late`].
    Nothing,
}

impl On {
    /// Which this event is; `None` where no rule is asked.
    fn of(event: &Event) -> Option<Self> {
        Some(match &event.kind {
            // Nothing is said of the pieces of a line that was too long to be read.
            // They know the notification connection; what is wrong at the switchboard it says itself.
            EventKind::Frame(frame) if frame.service == Service::Switchboard => return None,
            EventKind::Frame(frame) if frame.direction == Direction::In => {
                frame.frame.is_whole().then_some(On::Heard)?
            }
            EventKind::Frame(_) => On::Sent,
            EventKind::Tls(_) => On::Handshake,
            EventKind::Http(_) => On::Request,
            EventKind::Disconnected { .. } => On::End,
            _ => return None,
        })
    }
}

/// The rules that are asked of an event, in their order.
fn asked(event: &Event) -> &'static [&'static Rule] {
    type Asked = [Vec<&'static Rule>; On::Nothing as usize];
    static ASKED: LazyLock<Asked> = LazyLock::new(|| {
        let mut asked = Asked::default();
        for rule in RULES {
            match rule.on {
                On::Nothing => {}
                On::Frames => {
                    asked[On::Heard as usize].push(rule);
                    asked[On::Sent as usize].push(rule);
                }
                on => asked[on as usize].push(rule),
            }
        }
        asked
    });
    On::of(event).map_or(&[], |on| &ASKED[on as usize])
}

/// A rule.
#[derive(Debug)]
struct Rule {
    /// What it finds.
    id: FindingId,
    /// Of which events it is asked.
    on: On,
    look: Look,
}

/// How a rule looks.
#[derive(Debug)]
enum Look {
    /// At an event. The context is as it was before it.
    Take(fn(&Context<'_>) -> Option<Hit>),
    /// At a command that has had no answer in time, or a challenge.
    Late(fn(&Late) -> Option<Hit>),
}

impl Rule {
    const fn on(on: On, id: FindingId, take: fn(&Context<'_>) -> Option<Hit>) -> Self {
        let look = Look::Take(take);
        Self { id, on, look }
    }

    const fn late(id: FindingId, late: fn(&Late) -> Option<Hit>) -> Self {
        let (on, look) = (On::Nothing, Look::Late(late));
        Self { id, on, look }
    }

    fn take(&self, context: &Context<'_>) -> Option<Hit> {
        match self.look {
            Look::Take(take) => take(context),
            Look::Late(_) => None,
        }
    }
}

/// Every rule.
static RULES: &[Rule] = &[
    Rule::on(
        On::Heard,
        FindingId::TransactionReused,
        transaction_reused::take,
    ),
    Rule::late(
        FindingId::TransactionUnanswered,
        transaction_unanswered::late,
    ),
    Rule::on(
        On::Heard,
        FindingId::ArgumentEncoding,
        argument_encoding::take,
    ),
    Rule::on(On::Heard, FindingId::WrongCount, argument_count::take),
    Rule::on(On::Heard, FindingId::ArgumentValue, argument_value::take),
    Rule::on(On::Heard, FindingId::PayloadLength, payload_length::take),
    Rule::on(On::Heard, FindingId::VerbDialect, other_dialect::take),
    Rule::on(On::Sent, FindingId::NoMsnobj, no_msnobj::take),
    Rule::on(On::Frames, FindingId::CapabilityForm, capability_form::take),
    Rule::on(On::Sent, FindingId::PresenceForm, presence_form::take),
    Rule::on(On::Heard, FindingId::ListedNotInBook, adl_unknown::take),
    Rule::on(On::Heard, FindingId::InBookNotListed, book_unlisted::take),
    Rule::on(On::Sent, FindingId::UnreadContact, unread_contact::take),
    Rule::on(On::End, FindingId::ClosedAfter, closed_after::take),
    Rule::on(On::Frames, FindingId::LongName, long_name::take),
    Rule::on(On::Frames, FindingId::LongMessage, long_message::take),
    Rule::on(On::Sent, FindingId::InjectedUnknown, injected_unknown::take),
    Rule::on(On::Sent, FindingId::InjectedFraming, injected_framing::take),
    Rule::late(FindingId::ChallengeUnanswered, challenge_unanswered::late),
    Rule::on(On::Heard, FindingId::ChallengeWrong, challenge_wrong::take),
    Rule::on(On::Handshake, FindingId::TlsVersion, |c| {
        tls::take(FindingId::TlsVersion, c)
    }),
    Rule::on(On::Handshake, FindingId::TlsCipher, |c| {
        tls::take(FindingId::TlsCipher, c)
    }),
    Rule::on(On::Handshake, FindingId::TlsAlert, |c| {
        tls::take(FindingId::TlsAlert, c)
    }),
    Rule::on(On::Handshake, FindingId::TlsClosed, |c| {
        tls::take(FindingId::TlsClosed, c)
    }),
    Rule::on(On::Handshake, FindingId::TlsFailed, |c| {
        tls::take(FindingId::TlsFailed, c)
    }),
    Rule::on(On::Request, FindingId::UnknownHost, http_host::take),
];

/// The same is not told again of the same client for this long; it is counted all the same.
const SILENCE: Duration = Duration::from_secs(60);
/// The most clients and addresses of which is remembered what was told.
const MAX_SCOPES: usize = 4096;
/// The most different findings that are told apart of one of them.
const MAX_TOLD: usize = 64;

/// The most findings that are counted: more than there are here.
const MAX_COUNTED: usize = 1_024;

/// Of whom something was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    Client(ClientId),
    Peer(IpAddr),
    Connection(Option<ConnectionId>),
}

/// How often a finding was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How often.
    pub times: u64,
    /// The event of the first.
    pub first: EventId,
    /// The event of the last.
    pub last: EventId,
}

/// Every rule at work.
#[derive(Debug, Default)]
pub struct Rules {
    memory: Memory,
    counts: BTreeMap<FindingId, Count>,
    told: HashMap<Scope, Vec<(u64, Timestamp)>>,
}

impl Rules {
    /// With nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often each id was found, those that the service itself told of included.
    pub fn counts(&self) -> impl Iterator<Item = (&FindingId, Count)> {
        self.counts.iter().map(|(id, count)| (id, *count))
    }

    /// Takes an event; `id` is its number in the journal. Gives back what is found and was not told of the same
    /// client within the last minute.
    pub fn take(&mut self, event: &Event, id: EventId) -> Vec<Told> {
        self.look(&Seen::new(event, id))
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Vec<Told> {
        let Seen { event, id, .. } = *seen;
        if let EventKind::Finding(finding) = &event.kind {
            if finding.id.is_services() {
                self.count(&finding.id, finding.evidence.unwrap_or(id));
            }
            return Vec::new();
        }
        let mut hits = Vec::new();
        {
            let context = self.memory.context(seen);
            for rule in asked(event) {
                if let Some(hit) = rule.take(&context) {
                    hits.push((rule.id.clone(), hit));
                }
            }
        }
        let ends = matches!(event.kind, EventKind::Disconnected { .. });
        if hits.is_empty() && !ends {
            // So it is with nearly every event.
            self.memory.take(seen);
            return Vec::new();
        }
        let scope = self.scope(event.client, event.connection);
        let mut found: Vec<Told> = hits
            .into_iter()
            .filter_map(|(rule, hit)| self.tell(rule, hit, scope, event, id))
            .collect();
        if let Some(client) = event.client.filter(|_| ends) {
            let late = self.memory.unanswered(client, event.time);
            found.extend(self.late(late.into_iter().collect()));
        }
        self.memory.take(seen);
        if ends && let Scope::Client(_) | Scope::Connection(_) = scope {
            self.told.remove(&scope);
        }
        found
    }

    /// Whether no client is there, so that time alone brings nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.memory.is_empty()
    }

    /// The program itself stood still for so long (Ctrl-Z): nobody is late because of that.
    pub fn paused(&mut self, gap: Duration) {
        self.memory.paused(gap);
    }

    /// What has not come in time; `patience` is as many times the usual.
    pub fn tick(&mut self, now: Timestamp, patience: f64) -> Vec<Told> {
        let late = self.memory.late(now, patience);
        self.late(late)
    }

    /// The events end here: what was not answered until then, though there was time.
    pub(super) fn end(&mut self, last: Timestamp) -> Vec<Told> {
        let clients = self.memory.clients().into_iter();
        let late = clients.filter_map(|client| self.memory.unanswered(client, last));
        let late = late.collect();
        self.late(late)
    }

    fn late(&mut self, late: Vec<Late>) -> Vec<Told> {
        let mut found = Vec::new();
        for late in late {
            for rule in RULES {
                let Look::Late(look) = rule.look else {
                    continue;
                };
                let Some(hit) = look(&late) else {
                    continue;
                };
                self.count(&rule.id, hit.evidence.unwrap_or(late.event));
                found.push(Told {
                    finding: finding(rule.id.clone(), hit, late.event),
                    client: Some(late.client),
                    connection: late.connection,
                    stall: None,
                });
            }
        }
        found
    }

    fn scope(&self, client: Option<ClientId>, connection: Option<ConnectionId>) -> Scope {
        match client {
            Some(client) => Scope::Client(client),
            None => match connection.and_then(|c| self.memory.peer(c)) {
                Some(peer) => Scope::Peer(peer),
                None => Scope::Connection(connection),
            },
        }
    }

    fn count(&mut self, id: &FindingId, event: EventId) {
        // A recording may name findings of its own without end.
        if self.counts.len() >= MAX_COUNTED && !self.counts.contains_key(id) {
            return;
        }
        let count = self.counts.entry(id.clone()).or_insert(Count {
            times: 0,
            first: event,
            last: event,
        });
        count.times += 1;
        count.last = event;
    }

    fn tell(
        &mut self,
        rule: FindingId,
        hit: Hit,
        scope: Scope,
        event: &Event,
        id: EventId,
    ) -> Option<Told> {
        self.count(&rule, hit.evidence.unwrap_or(id));
        let mut hasher = DefaultHasher::new();
        (&rule, &hit.field).hash(&mut hasher);
        let key = hasher.finish();
        if self.told.len() >= MAX_SCOPES && !self.told.contains_key(&scope) {
            // Forgetting only means that something may be told once more.
            self.told.clear();
        }
        let told = self.told.entry(scope).or_default();
        match told.iter_mut().find(|(held, _)| *held == key) {
            Some((_, last)) if event.time.since(*last) < SILENCE => return None,
            Some((_, last)) => *last = event.time,
            None => {
                if told.len() == MAX_TOLD {
                    told.remove(0);
                }
                told.push((key, event.time));
            }
        }
        Some(Told {
            finding: finding(rule, hit, id),
            client: event.client,
            connection: event.connection,
            stall: None,
        })
    }
}

/// `event` shows it, unless the rule named another.
fn finding(rule: FindingId, hit: Hit, event: EventId) -> Finding {
    let found = Finding {
        evidence: Some(hit.evidence.unwrap_or(event)),
        ..Finding::new(rule, hit.field, hit.text)
    };
    match hit.severity {
        Some(severity) => found.weighing(severity),
        None => found,
    }
}

/// The first problem of one of these sorts with a line that the client sent, unless it is one of these verbs.
fn problem(
    context: &Context<'_>,
    wrong: &[crate::msnp::dictionary::Wrong],
    except: &[&str],
) -> Option<Hit> {
    let frame = context.frame()?;
    // One that ends in CR CR LF is told of as such.
    if frame.frame.line().ends_with(b"\r") {
        return None;
    }
    let mut problems = context.problems().iter();
    let found = problems.find(|p| wrong.contains(&p.wrong))?;
    let verb = frame.frame.verb();
    if except.iter().any(|e| e.as_bytes() == verb) {
        return None;
    }
    Hit::new(super::ladder::shown(verb), found.text.clone())
}

/// One of these faults in presence that was sent to a client.
fn presence_hit(
    context: &Context<'_>,
    faults: &[super::presence::Fault],
    field: &str,
) -> Option<Hit> {
    let frame = context.frame()?;
    if frame.direction != crate::msnp::Direction::Out {
        return None;
    }
    let (verb, shape) = (frame.frame.verb(), context.shape()?);
    if !matches!(verb, b"ILN" | b"NLN") {
        return None;
    }
    let found = context.presence_faults();
    let fault = found.iter().find(|fault| faults.contains(fault))?;
    Hit::new(
        format!("{} {field}", super::ladder::shown(verb)),
        format!(
            "{}: {shape} will drop the line, or misread it",
            fault.name()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::testing::{ids, told};
    use super::*;
    use crate::event::{FINDINGS, Teller};
    use crate::findings::story::Story;

    #[test]
    fn the_articles_conversation_has_no_finding() {
        let mut story = Story::article();
        assert_eq!(ids(&story), Vec::<&str>::new());
        assert_eq!(testing::late_ids(&mut story, 3600), Vec::<&str>::new());
    }

    #[test]
    fn there_is_one_rule_for_each_finding_that_is_a_rules() {
        let listed = FINDINGS.iter().filter(|about| about.teller == Teller::Rule);
        let listed: Vec<_> = listed.map(|about| about.id.clone()).collect();
        let rules: Vec<_> = RULES.iter().map(|rule| rule.id.clone()).collect();
        assert_eq!(rules, listed);
    }

    #[test]
    fn the_same_is_told_once_a_minute_and_counted_each_time() {
        let mut story = Story::new();
        story.with_lists();
        for n in 0..5 {
            story.c(&format!("BLP {n} AL BL\r\n"));
            story.wait(20);
        }
        let told = told(&story);
        assert_eq!(
            told.iter()
                .filter(|t| t.finding.id == FindingId::WrongCount)
                .count(),
            2
        );
        let mut rules = Rules::new();
        for (id, event) in story.events.iter().enumerate() {
            rules.take(event, EventId(id as u64));
        }
        let count = rules.counts().find(|(id, _)| **id == FindingId::WrongCount);
        assert_eq!(count.map(|(_, count)| count.times), Some(5));
    }

    #[test]
    fn the_pieces_of_a_line_that_was_too_long_are_taken_for_no_command() {
        let mut story = Story::new();
        story.greeted();
        let piece = format!("USR 3 TWN S t={}", "x".repeat(9_000));
        story.own(EventKind::Frame(crate::event::FrameEvent {
            service: crate::event::Service::Notification,
            direction: Direction::In,
            frame: crate::msnp::Frame::from_wire(piece.into()),
            secrets: Default::default(),
            injected: false,
        }));
        assert_eq!(ids(&story), [""; 0]);
        let mut findings = crate::findings::Findings::new();
        for (id, event) in (0..).zip(&story.events) {
            findings.take(event, EventId(id));
        }
        let ladder = findings.ladders.ladder(story.client).expect("a ladder");
        let row = ladder.row(crate::findings::ladder::StepId::Ticket);
        assert_eq!(row.map(|row| row.count), Some(0));
        assert_ne!(row.map(|row| row.owes), Some(crate::event::Turn::Server));
        // It is seen all the same.
        let drawn = ladder.sequence(120).join("\n");
        assert!(drawn.contains("USR 3 TWN S"), "{drawn}");
    }

    #[test]
    fn a_hostile_client_takes_a_bounded_room() {
        let mut story = Story::new();
        story.greeted();
        for n in 0..2_000u32 {
            story
                .c(&format!("X{n} {n} a\r\n"))
                .c(&format!("URL {n} A B C D\r\n"));
        }
        let mut rules = Rules::new();
        for (id, event) in story.events.iter().enumerate() {
            rules.take(event, EventId(id as u64));
        }
        assert!(rules.told.values().all(|told| told.len() <= MAX_TOLD));
        assert!(rules.tick(story.wait(60), 1.0).len() <= 33);
    }

    proptest::proptest! {
        #[test]
        fn any_lines_are_taken_without_panic(
            lines in proptest::collection::vec((proptest::bool::ANY, proptest::bool::ANY, "[ -~]{0,60}"), 0..40)
        ) {
            let mut story = Story::new();
            story.greeted();
            for (inward, injected, line) in lines {
                let frame = crate::msnp::Frame::from_wire(format!("{line}\r\n").into());
                let direction = if inward { crate::msnp::Direction::In } else { crate::msnp::Direction::Out };
                story.own(EventKind::Frame(crate::event::FrameEvent { service: crate::event::Service::Notification, direction, frame, secrets: Default::default(), injected }));
            }
            told(&story);
        }
    }
}
