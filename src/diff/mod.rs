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
    /// What the client of the first went on to say and ask, and what it was told then, where that of the second had
    /// stopped: nothing but pings of its came later. Most often this only follows from the differences.
    pub never_came: Vec<Step>,
}

/// How many steps are what. Each step is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    same: usize,
    differ: usize,
    lacking: usize,
    more: usize,
    never_came: usize,
}

/// Compares these steps.
pub fn compare(first: &[Step], second: &[Step]) -> Comparison {
    let mut result = Comparison::default();
    let lane = Lane::Notification;
    result.notification(&of(first, lane), &of(second, lane));
    // Request by request of the same kind: in which order two kinds come is chance.
    let (first, second) = (of(first, Lane::Web), of(second, Lane::Web));
    result.pair(&first, &second, came(&first, &second));
    result
}

/// So many steps of the first the client of the second came, skipping some perhaps: up to the last thing that both say or
/// ask, pings apart. Each is counted as often as the second has it.
fn came(first: &[&Step], second: &[&Step]) -> usize {
    let mut left: HashMap<&str, usize> = HashMap::new();
    let says = |step: &&&Step| !step.is_answer && !step.is_ping;
    for step in second.iter().filter(says) {
        *left.entry(&step.key).or_default() += 1;
    }
    let mut end = 0;
    for (at, step) in first.iter().enumerate().filter(|(_, step)| says(step)) {
        if let Some(count) = left.get_mut(step.key.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            end = at + 1;
        }
    }
    end
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

    fn counts(&self) -> Counts {
        let mut counts = Counts {
            same: self.same,
            never_came: self.never_came.len(),
            ..Counts::default()
        };
        for difference in &self.differences {
            match difference {
                Difference::Lacks(_) => counts.lacking += 1,
                Difference::More(_) => counts.more += 1,
                Difference::Differs { .. } => counts.differ += 1,
            }
        }
        counts
    }

    /// One sentence: how many steps are the same, and how many are not in which way.
    pub fn sentence(&self) -> String {
        self.counts().to_string()
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
        let came = came(first, second);
        for part in parts {
            match part {
                Part::Same(a, _) => {
                    if a.start == 0 {
                        self.alike_up_to = first[a.end - 1].lines.first().cloned();
                    }
                    self.same += a.len();
                }
                Part::Other(a, b) => {
                    // What of it stands before the client of the second had stopped.
                    let kept = |at: &usize| *at < came && !moved.contains_key(at);
                    let before = a.clone().filter(kept).count();
                    let left: Vec<&Step> = a
                        .filter(|at| !moved.contains_key(at))
                        .map(|at| first[at])
                        .collect();
                    let right: Vec<&Step> = b
                        .filter(|at| !to.contains(at))
                        .map(|at| second[at])
                        .collect();
                    self.pair(&left, &right, before);
                }
            }
        }
    }

    /// Pairs steps of the same kind, in order; what remains is lacking, or more. Up to `came` of the first the client of
    /// the second had not stopped: what it skipped there is lacking.
    fn pair(&mut self, first: &[&Step], second: &[&Step], came: usize) {
        let mut by_kind: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (at, step) in second.iter().enumerate() {
            by_kind.entry(&step.key).or_default().push_back(at);
        }
        let mut paired = vec![false; second.len()];
        // From a step on that the client of the second did not take, its answers cannot be there either.
        let mut gave_up = false;
        for (number, step) in first.iter().enumerate() {
            let other = by_kind.get_mut(step.key.as_str());
            match other.and_then(VecDeque::pop_front) {
                Some(at) => {
                    paired[at] = true;
                    self.both(step, second[at]);
                }
                None => {
                    gave_up |= !step.is_answer && number >= came;
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
            return writeln!(f, "No difference in {} steps: all are the same.", self.same);
        }
        if let Some(step) = &self.alike_up_to {
            writeln!(f, "Alike up to    {} (MSNP)", bounded(step))?;
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
        let other = self.differences.len();
        if other > MOST_SHOWN {
            writeln!(f, "\n… and {} more differences", other - MOST_SHOWN)?;
        }
        let never = self.never_came.len();
        if never > 0 {
            writeln!(
                f,
                "\nnever came     {} of the first, after the client of the second had stopped:",
                steps_in_words(never)
            )?;
            let names = self.never_came.iter().map(Step::name);
            shown(f, '-', &names.collect::<Vec<_>>(), MOST_NAMES)?;
        }
        writeln!(f, "\n{}.", self.sentence())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.same == 1 { "is" } else { "are" };
        write!(f, "{} {verb} the same", steps_in_words(self.same))?;
        for (count, what) in [
            (self.differ, "in both and differ"),
            (self.lacking, "in the first alone (lacks)"),
            (self.more, "in the second alone (has more)"),
            (self.never_came, "of the first never came"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

fn steps_in_words(count: usize) -> String {
    match count {
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
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
mod tests;
