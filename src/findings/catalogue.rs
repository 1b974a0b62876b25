//! Every finding there is, for people: `nudge findings` prints it.

use super::{Page, Tone};
use crate::command::nearest;
use crate::event::{About, FINDINGS, FindingId};
use crate::filter::Filter;

/// Every finding, in the order of their names.
fn all() -> Vec<&'static About> {
    let mut all: Vec<&About> = FINDINGS.iter().collect();
    all.sort_by_key(|about| about.name);
    all
}

/// Whether there is every finding that a filter names, in any case of letters.
///
/// # Errors
/// [`UnknownFinding`] with the first that there is not.
pub fn known(filter: &Filter) -> Result<(), UnknownFinding> {
    let missing = filter.findings().into_iter().find(|id| {
        !FINDINGS
            .iter()
            .any(|about| about.name.eq_ignore_ascii_case(id))
    });
    missing.map_or(Ok(()), |id| Err(UnknownFinding(id.to_owned())))
}

/// No finding has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no finding {0:?}: {meant}", meant = self.meant())]
pub struct UnknownFinding(pub String);

impl UnknownFinding {
    fn meant(&self) -> String {
        match nearest(&self.0, all().into_iter().map(|about| about.name)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "`nudge findings` lists them".to_owned(),
        }
    }
}

/// The entry of this id in lines of text; what was probably meant where there is none.
///
/// # Errors
/// [`UnknownFinding`], where there is no such finding.
pub fn explain_finding(id: &str) -> Result<Page, UnknownFinding> {
    FindingId::read(id)
        .and_then(|id| id.about())
        .map(entry)
        .ok_or_else(|| UnknownFinding(id.to_owned()))
}

/// Whether it is the name of a finding.
pub fn is_finding(id: &str) -> bool {
    FindingId::read(id).is_some_and(|id| id.about().is_some())
}

fn entry(about: &About) -> Page {
    let mut page = Page::default();
    page.put(
        Tone::Title,
        format!("{}  ({})", about.name, about.severity.name()),
    );
    page.put(Tone::Plain, format!("  {}.", about.explanation));
    let did = format!("  The real service {}.", about.real_service);
    page.put(Tone::Plain, did);
    page
}

/// Every finding with its severity, its explanation and what the real service did.
pub fn catalogue() -> Page {
    let mut page = Page::default();
    for about in all() {
        if !page.is_empty() {
            page.gap();
        }
        page.join(entry(about));
    }
    page
}

/// The same as a JSON array, an object a finding, one a line.
pub fn catalogue_json() -> String {
    let entries: Vec<String> = all()
        .into_iter()
        .map(|about| {
            serde_json::json!({
                "id": about.name,
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

    #[test]
    fn the_list_has_them_all() {
        let text = catalogue().to_string();
        for about in FINDINGS {
            assert!(
                text.contains(&format!("{}  (", about.name)),
                "{}",
                about.name
            );
        }
        assert!(text.contains("no-msnobj  (error)"));
    }

    #[test]
    fn an_unknown_id_names_the_nearest() {
        assert!(
            explain_finding("bare-lf")
                .expect("it is there")
                .to_string()
                .contains("LF without CR")
        );
        let error = explain_finding("no-msnob").expect_err("it is not there");
        assert!(error.to_string().contains("no-msnobj"), "{error}");
        let known = |filter: &str| known(&Filter::parse(filter).expect("parses"));
        assert_eq!(known("PNG or !finding:Bare-LF,stalled"), Ok(()));
        assert_eq!(
            known("(PNG or !finding:bare-lf,no-msnob) dir:out"),
            Err(error)
        );
    }
}
