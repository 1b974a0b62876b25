//! Findings: what is not as it should be. A row of one table says all that is known of a finding: its id, who tells of it,
//! how much it matters, what it is and what the real service did. The enum, the catalogue, and the names in JSON, filters
//! and recordings are read from that table.

use super::table::Told;
use super::{EventId, Newer, Sentence, Severity};
use std::fmt::{self, Write as _};

fields! {
    /// Something that is not as it should be: which rule, which field, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Finding {
        /// The rule, such as `unknown-verb`.
        pub id: FindingId,
        /// How much it matters.
        pub severity: Severity,
        /// The field that it is about; empty where it is about no single field.
        pub field: Sentence,
        /// What was seen, why it is wrong, and what was done.
        pub text: Sentence,
        // The service knows no numbers: whoever takes its events up fills it in (`findings::Findings::point`). A
        // recording does not keep it, since its reader numbers the events anew.
        /// The `n` of the event that shows it. That event always stands before it.
        passing evidence: Option<EventId>,
    }
}

impl Told for Finding {
    fn tell(&self, out: &mut String) -> fmt::Result {
        write!(out, "{} {}", self.severity.name(), self.id)?;
        if !self.field.is_empty() {
            write!(out, " ({})", self.field)?;
        }
        write!(out, ": {}", self.text)
    }
}

named!(FindingId name);

impl Finding {
    /// A finding that matters as much as it usually does. No event shows it yet.
    pub fn new(
        id: impl Into<FindingId>,
        field: impl Into<Sentence>,
        text: impl Into<Sentence>,
    ) -> Self {
        let id = id.into();
        let severity = id.about().map_or(Severity::Warning, |about| about.severity);
        Self {
            id,
            severity,
            field: field.into(),
            text: text.into(),
            evidence: None,
        }
    }

    /// The same finding, with this severity.
    pub fn weighing(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// Who tells of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The service itself, as it happens.
    Service,
    /// The login ladder.
    Ladder,
    /// A rule, from the events.
    Rule,
}

/// What is known of a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct About {
    /// Which.
    pub id: FindingId,
    /// Its name in JSON, filters and recordings.
    pub name: &'static str,
    /// Who tells of it.
    pub teller: Teller,
    /// How much it usually matters.
    pub severity: Severity,
    /// Whether it may be the reason why a sign-in stands still. Others have causes of their own, or are told for
    /// themselves.
    pub is_cause: bool,
    /// Whether what the client sent was taken all the same: it keeps no client from going on.
    pub is_tolerated: bool,
    /// What it is, and why it matters.
    pub explanation: &'static str,
    /// What the real service did.
    pub real_service: &'static str,
    /// What to check, or to change.
    pub check: &'static str,
}

/// What to check of a finding that says nothing of its own.
const CHECK: &str =
    "what the finding is (`nudge findings`), and `nudge explain` of the line that shows it";

macro_rules! findings {
    (
        service { $(
            $own:ident $own_name:literal $own_severity:ident $(no $own_no:ident)? $(is $own_taken:ident)?
            $own_explanation:literal, $own_real:literal $(, $own_check:literal)?;
        )* }
        others { $(
            $id:ident $name:literal $teller:ident $severity:ident $(no $no:ident)? $(is $taken:ident)?
            $explanation:literal, $real:literal $(, $check:literal)?;
        )* }
    ) => {
        /// A finding that the service itself tells of. The service makes its findings of these alone, and nothing else
        /// does: of one that is never told, the compiler says that it is never constructed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[deny(dead_code)]
        pub(crate) enum ServiceFinding {
            $(#[doc = $own_explanation] $own,)*
        }

        impl From<ServiceFinding> for FindingId {
            fn from(finding: ServiceFinding) -> Self {
                match finding {
                    $(ServiceFinding::$own => FindingId::$own,)*
                }
            }
        }

        findings! {
            $($own $own_name Service $own_severity $(no $own_no)? $(is $own_taken)? $own_explanation, $own_real $(, $own_check)?;)*
            $($id $name $teller $severity $(no $no)? $(is $taken)? $explanation, $real $(, $check)?;)*
        }
    };
    (@is_cause) => { true };
    (@is_cause cause) => { false };
    (@is_tolerated) => { false };
    (@is_tolerated tolerated) => { true };
    ($(
        $id:ident $name:literal $teller:ident $severity:ident $(no $no:ident)? $(is $taken:ident)?
        $explanation:literal, $real:literal $(, $check:literal)?;
    )*) => {
        /// Which finding.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingId {
            $(#[doc = $explanation] $id,)*
            /// One of a newer nudge, in a recording.
            Newer(Newer),
        }

        /// Every finding, in the order of the table.
        pub const FINDINGS: &[About] = &[$(About {
            id: FindingId::$id,
            name: $name,
            teller: Teller::$teller,
            severity: Severity::$severity,
            is_cause: findings!(@is_cause $($no)?),
            is_tolerated: findings!(@is_tolerated $($taken)?),
            explanation: $explanation,
            real_service: $real,
            check: [$($check,)? CHECK][0],
        }),*];

        impl FindingId {
            /// What is known of it; `None` for a finding that only a newer nudge knows.
            pub fn about(&self) -> Option<&'static About> {
                /// The places in the table.
                #[derive(Clone, Copy)]
                enum Place { $($id),* }
                let place = match self {
                    $(FindingId::$id => Place::$id,)*
                    FindingId::Newer(_) => return None,
                };
                FINDINGS.get(place as usize)
            }

            /// The finding of this name; `None` where neither this nudge nor a newer one can have a finding of that name.
            pub fn read(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(FindingId::$id),)*
                    _ => Newer::read(name).map(FindingId::Newer),
                }
            }
        }
    };
}

impl FindingId {
    /// Its name in JSON, filters and recordings.
    pub fn name(&self) -> &str {
        match self {
            FindingId::Newer(newer) => newer.name(),
            known => known.about().map_or("", |about| about.name),
        }
    }

    /// Whether it may be the reason why a sign-in stands still: see [`About::is_cause`]. One of a newer nudge may be.
    pub fn may_be_cause(&self) -> bool {
        self.about().is_none_or(|about| about.is_cause)
    }

    /// See [`About::is_tolerated`].
    pub fn is_tolerated(&self) -> bool {
        self.about().is_some_and(|about| about.is_tolerated)
    }

    /// What to check, or to change.
    pub fn check(&self) -> &'static str {
        self.about().map_or(CHECK, |about| about.check)
    }

    /// Whether the service itself tells of it, or another program did: no rule finds it, and it is no stall.
    pub fn is_services(&self) -> bool {
        self.about()
            .is_none_or(|about| about.teller == Teller::Service)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mod table;

pub(crate) use table::ServiceFinding;
pub use table::{FINDINGS, FindingId};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_finding_has_a_name_of_its_own_is_read_back_from_it_and_explains_itself() {
        let names: BTreeSet<_> = FINDINGS.iter().map(|about| about.name).collect();
        assert_eq!(names.len(), FINDINGS.len());
        for about in FINDINGS {
            assert_eq!(about.id.about(), Some(about));
            assert_eq!(FindingId::read(about.name).as_ref(), Some(&about.id));
            assert_eq!(about.id.to_string(), about.name);
            assert!(
                about.explanation.len() > 20 && about.real_service.len() > 5,
                "{}",
                about.name
            );
        }
    }

    #[test]
    fn a_finding_of_a_newer_nudge_keeps_its_name_and_nothing_is_known_of_it() {
        let newer = FindingId::read("of-next-year").expect("a name");
        assert_eq!((newer.name(), newer.about()), ("of-next-year", None));
        assert!(newer.is_services());
        assert_eq!(Finding::new(newer, "", "").severity, Severity::Warning);
        assert_eq!(FindingId::read("no name"), None);
    }
}
