//! How the service tells of the reverse list: somebody has put the user on their own list, or taken the user off.

use super::dialect::Book;
use super::{Shape, percent};
use quick_xml::escape::escape;

/// The frame that tells it, in the form of this shape: somebody's account, network and friendly name, and whether the user
/// is on their list now. `version` is the version of the lists from then on. `None` for a phone, which has no list.
pub fn reverse(
    shape: Shape,
    (account, network, name): (&str, u8, &str),
    version: u32,
    added: bool,
) -> Option<String> {
    let (user, domain) = account.split_once('@')?;
    let encoded = percent::encode(name);
    Some(match (shape.rules().book, added) {
        (Book::Numbers, true) => format!("ADD 0 RL {version} {account} {encoded}\r\n"),
        (Book::Numbers, false) => format!("REM 0 RL {version} {account}\r\n"),
        (Book::Guids | Book::Networks, true) => {
            format!("ADC 0 RL N={account} F={encoded}\r\n")
        }
        (Book::Guids | Book::Networks, false) => format!("REM 0 RL {account}\r\n"),
        (Book::Soap, added) => {
            let (user, domain) = (escape(user), escape(domain));
            let (verb, name) = match added {
                true => ("ADL", format!(" f=\"{}\"", escape(name))),
                false => ("RML", String::new()),
            };
            let xml = format!(
                "<ml><d n=\"{domain}\"><c n=\"{user}\" t=\"{network}\" l=\"8\"{name}/></d></ml>"
            );
            format!("{verb} 0 {}\r\n{xml}", xml.len())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_book_has_its_form() {
        let pushed = |shape: &str, added| {
            let who = ("a@b.c", 1, "A <b>");
            reverse(shape.parse().expect("a shape"), who, 7, added).expect("an account")
        };
        for (shape, added, expected) in [
            ("9", true, "ADD 0 RL 7 a@b.c A%20%3Cb%3E\r\n"),
            ("9", false, "REM 0 RL 7 a@b.c\r\n"),
            ("12", true, "ADC 0 RL N=a@b.c F=A%20%3Cb%3E\r\n"),
            ("12", false, "REM 0 RL a@b.c\r\n"),
            (
                "15",
                true,
                "ADL 0 62\r\n<ml><d n=\"b.c\"><c n=\"a\" t=\"1\" l=\"8\" f=\"A &lt;b&gt;\"/></d></ml>",
            ),
            (
                "15",
                false,
                "RML 0 46\r\n<ml><d n=\"b.c\"><c n=\"a\" t=\"1\" l=\"8\"/></d></ml>",
            ),
        ] {
            assert_eq!(pushed(shape, added), expected);
        }
        let phone = ("tel:+1", 4, "A");
        assert_eq!(
            reverse("15".parse().expect("a shape"), phone, 7, true),
            None
        );
    }
}
