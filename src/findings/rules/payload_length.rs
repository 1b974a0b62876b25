//! A payload length that does not fit the payload.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use memchr::memmem;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    // What the operator puts in may be wrong on purpose.
    if frame.injected {
        return None;
    }
    let payload = frame.frame.payload()?;
    let fault = fault(payload)?;
    let verb = shown(frame.frame.verb());
    let counted = match fault.is_short && !payload.is_ascii() {
        true => {
            "; it has characters of more than one byte: the length is that of the bytes, and not of the characters"
        }
        false => "",
    };
    Hit::new(
        format!("{verb} length"),
        format!(
            "the length is {}, and {}{counted}",
            payload.len(),
            fault.text
        ),
    )
}

/// A length that does not fit.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    /// Whether the payload goes on behind it.
    is_short: bool,
    text: String,
}

/// What is wrong with the end of this XML. What is no XML, or begins otherwise than with its root, is not judged.
fn fault(payload: &[u8]) -> Option<Fault> {
    let xml = payload.trim_ascii();
    let rest = xml.strip_prefix(b"<")?;
    // A name begins with a letter: what begins otherwise is text in which there is a `<`.
    rest.first().filter(|b| b.is_ascii_alphabetic())?;
    let length = rest.iter().position(|b| !b.is_ascii_alphanumeric())?;
    let name = &rest[..length];
    let alone = memchr::memchr(b'>', xml).filter(|at| xml[at - 1] == b'/');
    let ends_with_it = || {
        let before = xml.strip_suffix(b">")?.strip_suffix(name)?;
        before.strip_suffix(b"</")
    };
    if alone.is_none() && ends_with_it().is_some() {
        return None;
    }
    let close = [b"</", name, b">"].concat();
    let end = match alone {
        Some(at) => at + 1,
        None => match memmem::rfind(xml, &close) {
            Some(at) => at + close.len(),
            None => {
                return Some(Fault {
                    is_short: true,
                    text: format!("it ends before {}", shown(&close)),
                });
            }
        },
    };
    let beyond = &xml[end..];
    (!beyond.is_empty()).then(|| {
        let first = beyond.trim_ascii_start();
        Fault {
            is_short: false,
            text: format!(
                "{} bytes follow the end of <{}>: {}",
                beyond.len(),
                shown(name),
                shown(&first[..first.len().min(32)])
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::fault;
    use crate::findings::rules::testing::{ids_of, story, told};

    const DATA: &str = "<Data><PSM>hi</PSM><CurrentMedia></CurrentMedia></Data>";

    #[test]
    fn a_length_that_is_too_short_or_too_long_is_found_and_one_that_fits_is_not() {
        let mut good = story();
        good.c(&format!("UUX 9 {}\r\n{DATA}", DATA.len()));
        assert_eq!(ids_of(&good, "payload-length"), 0);
        let mut short = story();
        short.c(&format!("UUX 9 20\r\n{DATA}\r\n"));
        assert_eq!(ids_of(&short, "payload-length"), 1);
        let mut long = story();
        long.c(&format!("UUX 9 {}\r\n{DATA}PNG\r\n", DATA.len() + 5));
        let told = told(&long);
        let text = &told.last().expect("a finding").finding.text;
        assert!(text.contains("follow the end of <Data>: PNG"), "{text}");
    }

    #[test]
    fn what_is_no_xml_or_has_more_before_its_root_is_not_judged() {
        for fine in [
            "",
            "ignore me",
            "<?xml version=\"1.0\"?><a>",
            "< >",
            "<3 you",
            "<a/>",
            "<a b='c'/>",
            "<a></a>\r\n",
        ] {
            assert_eq!(fault(fine.as_bytes()), None, "{fine}");
        }
        assert!(fault(b"<a/>x").is_some() && fault(b"<ml l=\"1\">").is_some());
    }

    proptest::proptest! {
        #[test]
        fn any_payload_is_judged_without_panic(payload: Vec<u8>, xml in "<[a-z<>/ ]{0,20}") {
            let _ = fault(&payload);
            let _ = fault(xml.as_bytes());
        }
    }
}
