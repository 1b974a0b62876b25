//! Every finding there is: those of the rules, those that the service itself tells of, and the stalls of the
//! login ladder. `nudge findings` prints it.

use super::rules::RULES;
use super::service::{About, SERVICE, STALLED, about};
use crate::command::nearest;
use crate::event::Severity;
use crate::filter::Filter;
use std::fmt::Write as _;

use Severity::Warning;

/// The stalls of the ladder, all one finding; its text names the likeliest cause.
const STALL: About = about(
    STALLED,
    Warning,
    "A sign-in does not go on: what is expected has not come for longer than that step normally takes, or it went wrong; the login pane lists the likely causes. While it is the client that is waited for, which may be stopped in a debugger, this is no warning",
    "is not known to have said anything",
);

/// Every finding, in the order of their ids.
pub fn all() -> Vec<&'static About> {
    let mut all: Vec<&About> = SERVICE.iter().chain([&STALL]).collect();
    all.extend(RULES.iter().map(|rule| rule.about()));
    all.sort_by_key(|about| about.id);
    all
}

/// The entry of this id.
pub fn find(id: &str) -> Option<&'static About> {
    all().into_iter().find(|about| about.id == id)
}

/// Whether there is every finding that a filter names, in any case of letters.
///
/// # Errors
/// A sentence about the first that there is not.
pub fn known(filter: &Filter) -> Result<(), String> {
    let missing = filter.findings().into_iter().find(|id| {
        !all()
            .into_iter()
            .any(|about| about.id.eq_ignore_ascii_case(id))
    });
    missing.map_or(Ok(()), |id| Err(missed(id)))
}

/// What to say where there is no such finding.
fn missed(id: &str) -> String {
    match nearest(id, all().into_iter().map(|about| about.id)) {
        Some(meant) => format!("there is no finding {id:?}: did you mean {meant}?"),
        None => format!("there is no finding {id:?}: `nudge findings` lists them"),
    }
}

/// The entry of this id in lines of text; what was probably meant where there is none.
///
/// # Errors
/// A sentence, where there is no such finding.
pub fn explain_finding(id: &str) -> Result<String, String> {
    find(id).map(entry).ok_or_else(|| missed(id))
}

fn entry(about: &About) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}  ({})", about.id, about.severity.name());
    let _ = writeln!(text, "  {}.", about.explanation);
    let _ = writeln!(text, "  The real service {}.", about.real_service);
    text
}

/// Every finding with its severity, its explanation and what the real service did.
pub fn catalogue() -> String {
    let entries: Vec<String> = all().into_iter().map(entry).collect();
    entries.join("\n")
}

/// The same as a JSON array, an object a finding, one a line.
pub fn catalogue_json() -> String {
    let entries: Vec<String> = all()
        .into_iter()
        .map(|about| {
            serde_json::json!({
                "id": about.id,
                "severity": about.severity.name(),
                "explanation": about.explanation,
                "real_service": about.real_service,
            })
            .to_string()
        })
        .collect();
    format!("[\n{}\n]\n", entries.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The source of the service, tests left out.
    fn source(dir: &Path, text: &mut String) {
        for entry in std::fs::read_dir(dir).expect("the source is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                source(&path, text);
            } else if !path.ends_with("tests.rs") && !path.ends_with("testing.rs") {
                let file = std::fs::read_to_string(&path).expect("a source file");
                text.push_str(
                    file.split("#[cfg(test)]\nmod tests {")
                        .next()
                        .unwrap_or_default(),
                );
            }
        }
    }

    #[test]
    fn every_id_that_the_service_emits_is_explained() {
        let mut text = String::new();
        source(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server"),
            &mut text,
        );
        // The ways in which an id is written: as a field, as the argument of what makes a finding, and as the first
        // of a tuple from which one is made.
        let ways = [
            r#"\bid: "([a-z-]+)""#,
            r#"\bfinding\(\s*"([a-z-]+)""#,
            r#"\brefuse\(\s*[^,"]+(?:\{[^}]*\}[^,"]*)?,\s*[^,"]+,\s*"([a-z-]+)""#,
            r#"\btell\(\s*wire,\s*"([a-z-]+)""#,
            r#"\brefuse\(\s*wire,[^"]*"([a-z-]+)""#,
            r#"Refusal::\w+ => "([a-z-]+)","#,
            r#"\bwrong\(\s*\d+,\s*"([a-z-]+)""#,
            r#"\("(http-[a-z]+|body-[a-z-]+|line-[a-z-]+)""#,
            r#"(?m)^\s*"((?:http|body|bad|line)-[a-z-]+)",$"#,
            r#"(?m)^\s*"(wrong-port)",$"#,
            r#"\("(not-msnp)", "#,
        ];
        let mut found = BTreeSet::new();
        for way in ways {
            let way = regex::Regex::new(way).expect("a pattern");
            found.extend(way.captures_iter(&text).map(|c| c[1].to_owned()));
        }
        assert!(
            found.len() > 35,
            "too few were found to be believed: {found:?}"
        );
        let known: BTreeSet<&str> = SERVICE.iter().map(|about| about.id).collect();
        let missing: Vec<_> = found
            .iter()
            .filter(|id| !known.contains(id.as_str()))
            .collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
        let stale: Vec<_> = known.iter().filter(|id| !found.contains(**id)).collect();
        assert!(
            stale.is_empty(),
            "explained, and emitted nowhere: {stale:?}"
        );
    }

    #[test]
    fn no_id_is_there_twice_and_the_list_has_them_all() {
        let all = all();
        let ids: BTreeSet<_> = all.iter().map(|about| about.id).collect();
        assert_eq!(ids.len(), all.len());
        let text = catalogue();
        for id in ids {
            assert!(text.contains(&format!("{id}  (")), "{id}");
        }
        assert!(text.contains("no-msnobj  (error)"));
    }

    #[test]
    fn an_unknown_id_names_the_nearest() {
        assert!(
            explain_finding("bare-lf")
                .expect("it is there")
                .contains("LF without CR")
        );
        let error = explain_finding("no-msnob").expect_err("it is not there");
        assert!(error.contains("no-msnobj"), "{error}");
        let known = |filter: &str| known(&Filter::parse(filter).expect("parses"));
        assert_eq!(known("PNG or !finding:Bare-LF,stalled"), Ok(()));
        assert_eq!(
            known("(PNG or !finding:bare-lf,no-msnob) dir:out"),
            Err(error)
        );
    }
}
