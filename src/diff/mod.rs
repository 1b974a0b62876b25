//! Two sign-ins compared step by step: what the one has that the other lacks.

mod align;
pub mod normal;

use align::{Part, align};
use normal::{Lane, Step};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;

/// The most lines of one step's difference that are shown.
const MOST_LINES: usize = 40;
/// The most differences that are shown; the others are counted.
const MOST_SHOWN: usize = 500;
/// The most steps that are named which never came.
const MOST_NAMES: usize = 12;
/// The most characters of a line that are shown.
const LONGEST: usize = 1_000;
const TAIL: usize = 60;

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The first has this step, the second does not.
    Lacks(Step),
    /// The second has this step, the first does not.
    More(Step),
    /// Both have the step, and it is not the same.
    Differs {
        /// As it is in the first.
        name: String,
        /// The lines that only the first has.
        lacks: Vec<String>,
        /// The lines that only the second has.
        more: Vec<String>,
    },
}

/// What two sign-ins have and have not in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many steps are the same in both.
    pub same: usize,
    /// The last of the steps with which both begin alike on the notification connection.
    pub alike_up_to: Option<String>,
    /// What is not: first the notification connection, then the web, each in order.
    pub differences: Vec<Difference>,
    /// What the client of the first went on to say and ask, and what it was told then, where that of the second did
    /// not: most often this only follows from the differences.
    pub never_came: Vec<Step>,
}

/// Compares these steps.
pub fn compare(first: &[Step], second: &[Step]) -> Comparison {
    let mut result = Comparison::default();
    let lane = Lane::Notification;
    result.notification(&of(first, lane), &of(second, lane));
    // Request by request of the same kind: in which order two kinds come is chance.
    result.pair(&of(first, Lane::Web), &of(second, Lane::Web));
    result
}

fn of(steps: &[Step], lane: Lane) -> Vec<&Step> {
    steps.iter().filter(|step| step.lane == lane).collect()
}

/// Where in the first and where in the second stands what one side says alike in both, in the same order.
fn one_side<'a>(first: &[&'a Step], second: &[&'a Step], server: bool) -> BTreeMap<usize, usize> {
    let its = |steps: &[&Step]| -> Vec<usize> {
        let all = steps.iter().enumerate();
        all.filter(|(_, step)| step.is_answer == server)
            .map(|(at, _)| at)
            .collect()
    };
    let (a, b) = (its(first), its(second));
    let of = |steps: &[&'a Step], at: &[usize]| at.iter().map(|at| steps[*at]).collect();
    let (left, right): (Vec<&Step>, Vec<&Step>) = (of(first, &a), of(second, &b));
    let same = align(&left, &right)
        .into_iter()
        .filter_map(|part| match part {
            Part::Same(x, y) => Some(x.zip(y)),
            Part::Other(..) => None,
        });
    same.flatten().map(|(x, y)| (a[x], b[y])).collect()
}

impl Comparison {
    /// Whether there is nothing that one has and the other lacks.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty() && self.never_came.is_empty()
    }

    /// In the order in which they were sent: the order is part of the protocol. Between what the client says and
    /// what it is told it is chance, where the client does not wait to be told all.
    fn notification(&mut self, first: &[&Step], second: &[&Step]) {
        let parts = align(first, second);
        let mut moved = one_side(first, second, true);
        moved.extend(one_side(first, second, false));
        for part in &parts {
            if let Part::Same(a, b) = part {
                moved.retain(|at, other| !a.contains(at) && !b.contains(other));
            }
        }
        let to: HashSet<usize> = moved.values().copied().collect();
        self.same += moved.len();
        for part in parts {
            match part {
                Part::Same(a, _) => {
                    if a.start == 0 {
                        self.alike_up_to = first[a.end - 1].lines.first().cloned();
                    }
                    self.same += a.len();
                }
                Part::Other(a, b) => {
                    let left: Vec<&Step> = a
                        .filter(|at| !moved.contains_key(at))
                        .map(|at| first[at])
                        .collect();
                    let right: Vec<&Step> = b
                        .filter(|at| !to.contains(at))
                        .map(|at| second[at])
                        .collect();
                    self.pair(&left, &right);
                }
            }
        }
    }

    /// Pairs steps of the same kind, in order; what remains is lacking, or more.
    fn pair(&mut self, first: &[&Step], second: &[&Step]) {
        let mut by_kind: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (at, step) in second.iter().enumerate() {
            by_kind.entry(&step.key).or_default().push_back(at);
        }
        let mut paired = vec![false; second.len()];
        // From a step on that the client of the second did not take, its answers cannot be there either.
        let mut gave_up = false;
        for step in first {
            let other = by_kind.get_mut(step.key.as_str());
            match other.and_then(VecDeque::pop_front) {
                Some(at) => {
                    paired[at] = true;
                    self.both(step, second[at]);
                }
                None => {
                    gave_up |= !step.is_answer;
                    if gave_up {
                        self.never_came.push((*step).clone());
                    } else {
                        self.differences.push(Difference::Lacks((*step).clone()));
                    }
                }
            }
        }
        let rest = second.iter().zip(paired).filter(|(_, paired)| !paired);
        self.differences
            .extend(rest.map(|(step, _)| Difference::More((*step).clone())));
    }

    fn both(&mut self, first: &Step, second: &Step) {
        if first.lines == second.lines {
            self.same += 1;
            return;
        }
        let (mut lacks, mut more) = (Vec::new(), Vec::new());
        for part in align(&first.lines, &second.lines) {
            if let Part::Other(a, b) = part {
                lacks.extend_from_slice(&first.lines[a]);
                more.extend_from_slice(&second.lines[b]);
            }
        }
        self.differences.push(Difference::Differs {
            name: first.lines.first().cloned().unwrap_or_default(),
            lacks,
            more,
        });
    }
}

impl fmt::Display for Comparison {
    /// Lines that only the first has begin with `-`, those that only the second has with `+`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_same() {
            return writeln!(f, "No difference in {} steps.", self.same);
        }
        if let Some(step) = &self.alike_up_to {
            writeln!(f, "Alike up to    {}", bounded(step))?;
        }
        for difference in self.differences.iter().take(MOST_SHOWN) {
            match difference {
                Difference::Lacks(step) => lines(f, "lacks", '-', &step.lines)?,
                Difference::More(step) => lines(f, "has more", '+', &step.lines)?,
                Difference::Differs { name, lacks, more } => {
                    writeln!(f, "\ndiffers in     {}", bounded(name))?;
                    shown(f, '-', lacks, MOST_LINES)?;
                    shown(f, '+', more, MOST_LINES)?;
                }
            }
        }
        let (same, other) = (self.same, self.differences.len());
        if other > MOST_SHOWN {
            writeln!(f, "\n… and {} more differences", other - MOST_SHOWN)?;
        }
        match self.never_came.len() {
            0 => writeln!(f, "\n{same} steps are the same, {other} differ."),
            never => {
                writeln!(f, "\nnever came     {never} steps of the first:")?;
                let names = self.never_came.iter().map(Step::name);
                shown(f, '-', &names.collect::<Vec<_>>(), MOST_NAMES)?;
                writeln!(
                    f,
                    "\n{same} steps are the same, {other} differ, {never} never came."
                )
            }
        }
    }
}

fn lines(f: &mut fmt::Formatter<'_>, what: &str, sign: char, lines: &[String]) -> fmt::Result {
    let (name, rest) = match lines.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("", lines),
    };
    writeln!(f, "\n{what:<14} {}", bounded(name))?;
    shown(f, sign, rest, MOST_LINES)
}

fn shown<T: AsRef<str>>(
    f: &mut fmt::Formatter<'_>,
    sign: char,
    lines: &[T],
    most: usize,
) -> fmt::Result {
    for line in lines.iter().take(most) {
        writeln!(f, "  {sign} {}", bounded(line.as_ref()))?;
    }
    match lines.len().checked_sub(most) {
        Some(more) if more > 0 => writeln!(f, "  {sign} … and {more} more"),
        _ => Ok(()),
    }
}

/// As much of a line as is shown: of a long one its beginning and its end, where it may say that it was cut.
fn bounded(line: &str) -> Cow<'_, str> {
    let mut ends = line.char_indices().rev().map(|(at, _)| at);
    match (line.char_indices().nth(LONGEST), ends.nth(TAIL)) {
        (Some((head, _)), Some(tail)) if head < tail => {
            format!("{} …… {}", &line[..head], &line[tail..]).into()
        }
        _ => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::normal::steps;
    use crate::event::{Event, EventKind, Timestamp};
    use crate::msnp::Frame;
    use crate::recording::golden::messenger_mac_8_0_1;
    use bytes::Bytes;

    /// The golden sign-in, with something done to every frame and every answer over HTTP.
    fn changed(change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Event> {
        let mut events = messenger_mac_8_0_1();
        events.retain_mut(|event| {
            event.time = Timestamp(event.time.0 * 2);
            match &mut event.kind {
                EventKind::Frame(told) => match change(told.frame.wire()) {
                    Some(wire) => told.frame = Frame::from_wire(Bytes::from(wire)),
                    None => return false,
                },
                EventKind::Http(http) => match change(&http.response.bytes) {
                    Some(bytes) => http.response.bytes = bytes.into(),
                    None => return false,
                },
                _ => {}
            }
            true
        });
        events
    }

    fn against_golden(change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Comparison {
        compare(&steps(&messenger_mac_8_0_1()), &steps(&changed(change)))
    }

    fn replaced(bytes: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Some(text.replace(from, to).into_bytes())
    }

    #[test]
    fn the_same_sign_in_with_other_ids_and_times_has_no_difference() {
        // Transaction ids are counted from elsewhere, and another machine asks.
        let renumbered = against_golden(|wire| {
            let text = String::from_utf8(wire.to_vec()).expect("text");
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            if let Some(number) = words
                .get(1)
                .and_then(|word| word.trim_end().parse::<u32>().ok())
                && text.len() > 9
                && !text.starts_with("QNG")
                && !text.starts_with("HTTP")
            {
                let end = if words[1].ends_with("\r\n") {
                    "\r\n"
                } else {
                    ""
                };
                // As long as before, since the secret ranges stay where they are.
                let other = if number < 10 {
                    10 - number
                } else {
                    number + 50
                };
                words[1] = format!("{other}{end}");
            }
            let text = words.join(" ").replace("235411cb", "00000000");
            Some(
                text.replace("10.0.10.126:8080", "127.0.0.1:40000")
                    .into_bytes(),
            )
        });
        assert_eq!(renumbered.differences, [], "{renumbered}");
    }

    #[test]
    fn a_missing_msnobj_is_what_the_bad_one_lacks() {
        let found = against_golden(|wire| replaced(wire, " %3Cmsnobj%2F%3E", ""));
        assert_eq!(found.differences.len(), 7);
        let text = found.to_string();
        assert!(
            text.starts_with("Alike up to    service: CHG #CHG NLN 1085276192:131088\n"),
            "{text}"
        );
        assert!(text.contains(
            "  - service: ILN #CHG BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\n"
        ));
        assert!(text.contains("  + service: ILN #CHG BSY busy@local 1 Busy%20User 1085276192\n"));
    }

    #[test]
    fn whether_the_client_spoke_before_or_after_it_was_told_all_is_no_difference_and_another_order_is()
     {
        let golden = messenger_mac_8_0_1();
        let verb = |event: &Event, verb: &[u8]| matches!(&event.kind, EventKind::Frame(told) if told.frame.verb() == verb);
        let mut early = golden.clone();
        let told = early.iter().position(|e| verb(e, b"ILN")).expect("one");
        let uux = early.iter().position(|e| verb(e, b"UUX")).expect("one");
        let said = early.remove(uux);
        early.insert(told + 3, said);
        for (a, b) in [(&golden, &early), (&early, &golden)] {
            let compared = compare(&steps(a), &steps(b));
            assert!(compared.is_same(), "{compared}");
            assert_eq!(compared.same, 53);
        }
        // The personal message of a contact before its presence.
        let mut other = golden.clone();
        other.swap(told, told + 1);
        assert!(!compare(&steps(&golden), &steps(&other)).is_same());
    }

    #[test]
    fn a_missing_header_and_a_missing_element_are_named() {
        let text = against_golden(|wire| {
            let text = String::from_utf8(wire.to_vec()).expect("text");
            let lines = text
                .lines()
                .filter(|line| !line.starts_with("PassportURLs"));
            let text = lines.collect::<Vec<_>>().join("\r\n")
                + if text.ends_with('\n') { "\r\n" } else { "" };
            Some(
                text.replace("<isMessengerUser>true</isMessengerUser>", "")
                    .into_bytes(),
            )
        })
        .to_string();
        assert!(text.contains("differs in     nexus: GET nexus.passport.com/rdr/pprdr.asp → 200\n  - < passporturls: "), "{text}");
        assert!(
            text.contains("  - < <isMessengerUser>true</isMessengerUser>\n"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_step_and_a_wrong_transaction_id_are_found() {
        let found = against_golden(|wire| {
            if wire.starts_with(b"ADL 5 OK") {
                return None;
            }
            replaced(wire, "ACK 9 UUX", "ACK 99 UUX")
        });
        let text = found.to_string();
        assert!(
            text.contains("lacks          service: ADL #ADL OK\n"),
            "{text}"
        );
        assert!(
            text.contains("has more       service: ACK #? UUX\n"),
            "{text}"
        );
        assert!(
            text.contains("lacks          service: ACK #UUX UUX\n"),
            "{text}"
        );
        assert_eq!(found.differences.len(), 3);
    }

    /// A sign-in that ends at the line that begins so, what stands in its place being said still.
    fn ending_at(begins: &str, instead: Option<&str>) -> Comparison {
        let mut events = messenger_mac_8_0_1();
        let at = |event: &Event| matches!(&event.kind, EventKind::Frame(told) if told.frame.wire().starts_with(begins.as_bytes()));
        let end = events.iter().position(at).expect("there is one");
        events.truncate(end + 1);
        match (instead, &mut events[end].kind) {
            (Some(wire), EventKind::Frame(told)) => {
                told.frame = Frame::from_wire(Bytes::copy_from_slice(wire.as_bytes()));
                told.secrets = crate::event::Secrets::default();
            }
            _ => drop(events.pop()),
        }
        compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
    }

    /// The golden sign-in up to this exchange, with this done to its answer.
    fn with_answer(action: &str, change: impl Fn(String) -> String) -> Comparison {
        let mut events = messenger_mac_8_0_1();
        let at = |event: &Event| matches!(&event.kind, EventKind::Http(http) if http.action.name() == action);
        let end = events.iter().position(at).expect("there is one");
        events.truncate(end + 1);
        if let EventKind::Http(http) = &mut events[end].kind {
            let text = String::from_utf8(http.response.bytes.to_vec()).expect("text");
            http.response.bytes = change(text).into();
        }
        compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
    }

    #[test]
    fn of_each_broken_service_what_it_lacks_stands_first_and_what_follows_is_brief() {
        let no_urls = with_answer("nexus", |text| {
            let kept = |line: &&str| !line.starts_with("PassportURLs");
            text.split_inclusive('\n').filter(kept).collect()
        });
        let no_me = with_answer("ABFindAll", |text| {
            let me = text.find("<contactType>Me").expect("it is there");
            let from = text[..me].rfind("<Contact>").expect("its beginning");
            let to = me + text[me..].find("</Contact>").expect("its end");
            text[..from].to_owned() + &text[to + "</Contact>".len()..]
        });
        let refused = ending_at("USR 4 OK", Some("911 4\r\n"));
        let unanswered = {
            // The client pings as ever.
            let mut answered = false;
            let mut events = messenger_mac_8_0_1();
            events.retain(|event| match &event.kind {
                EventKind::Frame(told) => {
                    let kept = !answered
                        || told.frame.wire().starts_with(b"PNG")
                        || told.frame.verb() == b"QNG";
                    answered |= told.frame.verb() == b"CHG";
                    kept
                }
                _ => true,
            });
            compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
        };
        for (broken, begins, never) in [
            (
                no_urls,
                "Alike up to    service: USR #USR TWN S fake=1\n\n\
                 differs in     nexus: GET nexus.passport.com/rdr/pprdr.asp → 200\n  - < passporturls: ",
                "client: USR # TWN S",
            ),
            (
                refused,
                "Alike up to    client: USR # TWN S *** ‹guid›\n\n\
                 lacks          service: USR #USR OK me@local 1 0\n\n\
                 has more       service: 911 #USR (authentication failed",
                "client: ADL # 245",
            ),
            (
                no_me,
                "Alike up to    service: USR #USR OK me@local 1 0\n\n\
                 differs in     ABFindAll: POST",
                "client: ADL # 245",
            ),
            (
                unanswered,
                "Alike up to    client: CHG # NLN 1085276192:131088\n\n\
                 lacks          service: CHG #CHG NLN 1085276192:131088\n",
                "client: UUX # 53",
            ),
        ] {
            let text = broken.to_string();
            assert!(text.starts_with(begins), "{text}");
            assert!(
                text.contains(&format!("steps of the first:\n  - {never}")),
                "{text}"
            );
            assert!(text.lines().count() < 100, "{text}");
        }
    }
}
