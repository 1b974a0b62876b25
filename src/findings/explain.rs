//! What `nudge explain` prints of a line, a verb, an error code, a status or a finding.

use super::{Page, Tone, catalogue};
use crate::command::nearest;
use crate::event::FINDINGS;
use crate::msnp::explain::{explain, guess_direction};
use crate::msnp::{Direction, Frame, Shape, Status, client_codes, dictionary, escape};

/// The most characters of a word that an error repeats.
const LONGEST: usize = 60;

/// Why something cannot be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unexplained {
    /// Nothing was asked for.
    #[error("a line or a verb is wanted, such as `nudge explain UBX`")]
    Nothing,
    /// More words stand behind the id of a finding.
    #[error("a finding stands alone: `nudge explain {0}`")]
    Alone(String),
    /// It looks like a code that clients show their users.
    #[error("{0} is no code of a client that is known here")]
    ClientCode(String),
    /// It looks like an error code of the protocol.
    #[error("{0} is no error code that is known")]
    ErrorCode(String),
    /// It is nearly something that is known.
    #[error("{word:?} is not known: did you mean {meant}?")]
    Like {
        /// What was asked for.
        word: String,
        /// What was probably meant.
        meant: String,
    },
    /// It is nothing that is known.
    #[error("{0:?} is no verb, error code, status or finding that is known")]
    Unknown(String),
}

/// Explains what was asked for. One word is a verb, an error code, a status, a code that clients show their users
/// (`80048820`), or the id of a finding. More are a line, in which `\r \n \xHH \\` stand for bytes, and its payload
/// follows the first line break.
///
/// # Errors
/// [`Unexplained`], with what was probably meant.
pub fn explain_text(
    text: &str,
    direction: Option<Direction>,
    shape: Option<Shape>,
) -> Result<Page, Unexplained> {
    let text = text.trim_matches(['\r', '\n', ' ']);
    // As it is copied out of the transcript: what stands before the sign of its direction is no part of the line.
    let signs = [(IN_SIGN, Direction::In), (OUT_SIGN, Direction::Out)];
    let signed = signs.into_iter().find_map(|(sign, signed)| {
        let (before, after) = text.split_once(sign)?;
        let is_margin = !before.contains('\n') && before.chars().count() <= MARGIN;
        is_margin.then(|| (after.trim_start(), signed))
    });
    let (text, direction) = match signed {
        Some((line, signed)) => (line, direction.or(Some(signed))),
        None => (text, direction),
    };
    if text.is_empty() {
        return Err(Unexplained::Nothing);
    }
    if !text.contains([' ', '\n', '\\']) {
        return word(text);
    }
    let frame = Frame::from_wire(escape::unescape(text).into());
    let line = frame.line();
    let verb = frame.verb();
    let known = [Direction::In, Direction::Out]
        .iter()
        .any(|d| dictionary::lookup(verb, *d).is_some());
    if !known {
        // No line, but perhaps several words.
        let words: Result<Vec<_>, _> = text.split_whitespace().map(word).collect();
        return match words {
            Ok(words) => Ok(words.into_iter().fold(Page::default(), |mut page, word| {
                if !page.is_empty() {
                    page.gap();
                }
                page.join(word);
                page
            })),
            Err(_) if catalogue::is_finding(text.split(' ').next().unwrap_or_default()) => {
                let one = text.split(' ').next().unwrap_or_default();
                Err(Unexplained::Alone(one.to_owned()))
            }
            Err(_) => Err(unknown(&escape::to_screen(verb))),
        };
    }
    let (guessed, open) = guess_direction(line);
    let told = explain(line, frame.payload(), direction.unwrap_or(guessed), shape);
    let mut page = Page::default();
    page.put(Tone::Title, told.head());
    for row in told.table() {
        page.put(Tone::Plain, row);
    }
    for note in told.remarks() {
        page.put(Tone::Doubt, note);
    }
    for row in told.body() {
        page.put(Tone::Plain, row);
    }
    if direction.is_none() && open {
        let (who, other, option) = match guessed {
            Direction::In => ("a client", "the service", "server"),
            Direction::Out => ("the service", "a client", "client"),
        };
        page.put(
            Tone::Plain,
            format!(
                "  That {who} sent it is guessed: as {other} sends it, it is explained by --from {option}."
            ),
        );
    }
    Ok(page)
}

/// The signs of the transcript for a line from a client, and for one to a client.
const IN_SIGN: char = '\u{25b6}';
const OUT_SIGN: char = '\u{25c0}';
/// The most characters before the sign: the time, and the client.
const MARGIN: usize = 60;

fn word(word: &str) -> Result<Page, Unexplained> {
    let mut page = Page::default();
    if let Some(known) = client_codes::find(word) {
        page.titled(&format!(
            "{}  a code that clients show: {}\n  check: {}",
            known.code, known.meaning, known.check
        ));
        return Ok(page);
    }
    if client_codes::is_one(word) {
        return Err(Unexplained::ClientCode(word.to_owned()));
    }
    page.titled(&dictionary::explain_verb(word).unwrap_or_default());
    let status = Status::ALL.into_iter().find(|status| {
        status.code().eq_ignore_ascii_case(word) || status.word().eq_ignore_ascii_case(word)
    });
    if let Some(status) = status {
        if !page.is_empty() {
            page.gap();
        }
        let text = format!("{}  status: {}", status.code(), status.name());
        page.put(Tone::Title, text);
    }
    if page.is_empty() {
        return catalogue::explain_finding(word).map_err(|_| unknown(word));
    }
    Ok(page)
}

fn unknown(word: &str) -> Unexplained {
    let shown: String = word.chars().take(LONGEST).collect();
    if word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()) {
        return Unexplained::ErrorCode(shown);
    }
    let verbs = dictionary::verbs().map(|verb| verb.name);
    let words = Status::ALL.into_iter().map(Status::word);
    let ids = FINDINGS.iter().map(|about| about.name);
    match nearest(word, verbs).or_else(|| nearest(word, words.chain(ids))) {
        Some(meant) => Unexplained::Like {
            word: shown,
            meant: meant.to_owned(),
        },
        None => Unexplained::Unknown(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        explain_text(text, None, None)
            .expect("it is known")
            .to_string()
    }

    #[test]
    fn a_line_is_decoded() {
        let text = said("ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E");
        for expected in [
            "initial presence",
            "busy@local",
            "Busy User",
            "server ▸ client",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert!(!text.contains('!'), "nothing is wrong with it: {text}");
    }

    #[test]
    fn a_line_of_the_transcript_is_taken_with_the_sign_of_its_direction() {
        let inward = said("\u{25b6} CHG 8 NLN 0");
        assert!(inward.contains("client \u{25b8} server"), "{inward}");
        assert!(!inward.contains("guessed"), "{inward}");
        let out = said("12:04:31.207  1 \u{25c0} CHG 8 NLN 0");
        assert!(out.contains("server \u{25b8} client"), "{out}");
        assert!(!out.contains('!'), "{out}");
    }

    #[test]
    fn what_either_could_have_sent_is_the_clients_and_that_it_is_guessed_is_said() {
        for line in ["CHG 8 NLN 0", "SYN 5 0 0", "VER 1 MSNP8 CVR0"] {
            let text = said(line);
            assert!(text.contains("client \u{25b8} server"), "{text}");
            assert!(
                text.contains("guessed") && text.contains("--from server"),
                "{text}"
            );
        }
        let text = said("MSG 3 A 138");
        assert!(
            text.contains("client \u{25b8} server") && text.contains("receipt"),
            "{text}"
        );
        let text = said("ILN 8 BSY busy@local 1 Busy 0 0");
        assert!(!text.contains("guessed"), "{text}");
    }

    #[test]
    fn a_line_that_lacks_a_parameter_is_still_what_its_words_say() {
        let text = said("USR 3 TWN I");
        assert!(
            text.contains("Tweener") && text.contains("1 parameter too few"),
            "{text}"
        );
        assert!(!text.contains("switchboard"), "{text}");
    }

    #[test]
    fn several_words_are_explained_one_after_the_other() {
        let text = said("no-msnobj stalled");
        assert!(
            text.contains("no-msnobj  (") && text.contains("stalled  ("),
            "{text}"
        );
        let error = explain_text("stalled nowhere", None, None).expect_err("one is none");
        assert_eq!(error, Unexplained::Alone("stalled".into()));
    }

    #[test]
    fn a_payload_follows_the_first_line_break() {
        let text = said(r"UUX 9 53\r\n<Data><PSM>hi</PSM><CurrentMedia></CurrentMedia></Data>");
        assert!(text.contains("<PSM>hi"), "{text}");
    }

    #[test]
    fn a_word_is_a_verb_a_code_a_status_or_a_finding() {
        assert!(said("UBX").contains("personal message"));
        assert!(said("911").contains("error"));
        let both = said("NLN");
        assert!(
            both.contains("status: Online") && both.contains("server ▸ client"),
            "{both}"
        );
        assert!(said("bsy").contains("status: Busy"));
        assert!(said("no-msnobj").contains("msnobj"));
    }

    #[test]
    fn a_code_that_a_client_shows_is_explained_with_what_to_check() {
        for (code, says) in [
            ("80072f0d", "root"),
            ("0x80072EE7", "hosts file"),
            ("81000306", "SOCKS"),
            ("8e5e0211", "contact store"),
        ] {
            let text = said(code);
            assert!(text.contains(says) && text.contains("check: "), "{text}");
        }
        let error = explain_text("8004ffff", None, None).expect_err("unknown");
        assert_eq!(error, Unexplained::ClientCode("8004ffff".into()));
    }

    #[test]
    fn what_nobody_knows_names_the_nearest() {
        for (typed, meant) in [
            ("UBY", "UBX"),
            ("no-msnob", "no-msnobj"),
            ("UBY 1 2", "UBX"),
        ] {
            let error = explain_text(typed, None, None).expect_err("unknown");
            let error = error.to_string();
            let three = ["UBX", "UBN", "UBM"].iter().any(|v| error.contains(v));
            assert!(
                error.contains(meant) || (meant == "UBX" && three),
                "{error}"
            );
        }
        let none = explain_text("999", None, None);
        assert_eq!(none, Err(Unexplained::ErrorCode("999".into())));
        assert_eq!(explain_text("  ", None, None), Err(Unexplained::Nothing));
        let hostile = "\u{1b}[2J".repeat(1000);
        let error = explain_text(&hostile, None, None).expect_err("unknown");
        let error = error.to_string();
        assert!(!error.contains('\u{1b}') && error.len() < 1000);
    }

    proptest::proptest! {
        #[test]
        fn anything_may_be_asked(text: String) {
            let _ = explain_text(&text, None, None);
        }
    }
}
