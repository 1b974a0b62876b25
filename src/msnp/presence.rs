//! Presence of a contact, written for a shape: ILN, NLN, FLN, UBX.

use super::dialect::{Capabilities, Objects, OfflineTail};
use super::personal::Personal;
use super::{Shape, Status, TransactionId, percent};
use std::fmt::Write as _;

/// The presence of one contact. Texts are plain, and are encoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence<'a> {
    /// Its status.
    pub status: Status,
    /// The account, such as `busy@local`.
    pub account: &'a str,
    /// Network id: 1 Passport, 32 Yahoo and so on.
    pub network: u8,
    /// The friendly name, not encoded.
    pub name: &'a str,
    /// The capability bits.
    pub capabilities: u32,
    /// The extended capability bits (MSNP16 and above).
    pub extended: u32,
    /// The MSN object: XML, not percent-encoded. The Mac needs one; `<msnobj/>` is enough.
    pub msnobj: &'a str,
}

impl Presence<'_> {
    /// The frame of the initial list, which follows `CHG` with its transaction id.
    /// `None` when nobody sees the contact.
    pub fn initial(&self, shape: Shape, transaction: TransactionId) -> Option<String> {
        if !self.status.is_visible() {
            return None;
        }
        let mut line = if shape.rules().initial_as_nln {
            String::from("NLN")
        } else {
            format!("ILN {transaction}")
        };
        self.tail(shape, &mut line);
        Some(line)
    }

    /// The frame that tells of a change: NLN, or FLN where nobody sees the contact.
    pub fn changed(&self, shape: Shape) -> String {
        if self.status.is_visible() {
            let mut line = String::from("NLN");
            self.tail(shape, &mut line);
            return line;
        }
        let mut line = String::from("FLN ");
        self.contact(shape, &mut line);
        match shape.rules().offline {
            OfflineTail::Nothing => {}
            OfflineTail::Capabilities => {
                line.push(' ');
                self.capabilities(shape, &mut line);
            }
            OfflineTail::Zeros => line.push_str(" 0:0"),
        }
        line.push_str("\r\n");
        line
    }

    /// UBX with the personal message; `None` where the dialect has none.
    pub fn personal(&self, shape: Shape, personal: &Personal) -> Option<String> {
        let rules = shape.rules();
        if !rules.personal_message {
            return None;
        }
        let payload = personal.to_xml();
        let mut frame = String::from("UBX ");
        self.contact(shape, &mut frame);
        let _ = write!(frame, " {}\r\n{payload}", payload.len());
        Some(frame)
    }

    fn tail(&self, shape: Shape, line: &mut String) {
        let _ = write!(line, " {} ", self.status.code());
        self.contact(shape, line);
        let _ = write!(line, " {} ", percent::encode(self.name));
        self.capabilities(shape, line);
        if let Some(object) = self.object(shape) {
            line.push(' ');
            line.push_str(&object);
        }
        line.push_str("\r\n");
    }

    /// What stands where the MSN object does: the object, or `0`; `None` where the shape has none.
    pub fn object(&self, shape: Shape) -> Option<String> {
        let is_empty = self.msnobj.is_empty();
        Some(match shape.rules().objects {
            Objects::Nowhere => return None,
            // Other clients read its attributes unasked, and drop a contact whose object has none.
            Objects::OrZero if is_empty || super::object::is_bare(self.msnobj) => "0".into(),
            Objects::EvenEmpty if is_empty => "0".into(),
            Objects::OrZero | Objects::EvenEmpty => percent::encode(self.msnobj),
        })
    }

    fn contact(&self, shape: Shape, line: &mut String) {
        line.push_str(&shape.contact(self.account, self.network));
    }

    fn capabilities(&self, shape: Shape, line: &mut String) {
        let _ = match shape.rules().capabilities {
            Capabilities::One => write!(line, "{}", self.capabilities),
            Capabilities::Two => write!(line, "{}:{}", self.capabilities, self.extended),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::{Dialect, Family};

    const BUSY: Presence<'static> = Presence {
        status: Status::Busy,
        account: "busy@local",
        network: 1,
        name: "Busy User",
        capabilities: 1_085_276_192,
        extended: 48,
        msnobj: "<msnobj/>",
    };

    fn shape(text: &str) -> Shape {
        text.parse().expect("a shape")
    }

    #[test]
    fn the_articles_line() {
        let mac = Shape::new(Dialect::MSNP16, Family::Mac);
        assert_eq!(
            BUSY.initial(mac, TransactionId(8)).as_deref(),
            Some("ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        );
        let personal = Personal {
            message: "72b6dca4-811b-4c6a-8b2a-c87cfa6e3299".into(),
            media: String::new(),
        };
        assert_eq!(
            BUSY.personal(mac, &personal).as_deref(),
            Some(
                "UBX busy@local 1 89\r\n<Data><PSM>72b6dca4-811b-4c6a-8b2a-c87cfa6e3299</PSM><CurrentMedia></CurrentMedia></Data>"
            )
        );
    }

    #[test]
    fn every_dialect_has_its_own_form() {
        let nln = |s| BUSY.changed(shape(s));
        assert_eq!(nln("8"), "NLN BSY busy@local Busy%20User 1085276192\r\n");
        assert_eq!(nln("9"), "NLN BSY busy@local Busy%20User 1085276192 0\r\n");
        assert_eq!(
            nln("14"),
            "NLN BSY busy@local 1 Busy%20User 1085276192 0\r\n"
        );
        assert_eq!(
            nln("16"),
            "NLN BSY busy@local 1 Busy%20User 1085276192:48 0\r\n"
        );
        assert_eq!(
            nln("16/mac"),
            "NLN BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n"
        );
        assert_eq!(
            nln("18"),
            "NLN BSY 1:busy@local Busy%20User 1085276192:48 0\r\n"
        );
        let whole = Presence {
            msnobj: "<msnobj Creator=\"a\"/>",
            ..BUSY
        };
        assert_eq!(
            whole.changed(shape("12")),
            "NLN BSY busy@local Busy%20User 1085276192 %3Cmsnobj%20Creator%3D%22a%22%2F%3E\r\n"
        );
        let gone = Presence {
            status: Status::Offline,
            ..BUSY
        };
        let fln = |s| gone.changed(shape(s));
        assert_eq!(fln("12"), "FLN busy@local\r\n");
        assert_eq!(fln("15"), "FLN busy@local 1 1085276192\r\n");
        assert_eq!(fln("16"), "FLN busy@local 1 0:0\r\n");
        assert_eq!(fln("16/mac"), "FLN busy@local 1 1085276192\r\n");
        assert_eq!(fln("18"), "FLN 1:busy@local 1085276192:48\r\n");
        assert_eq!(gone.initial(shape("16"), TransactionId(1)), None);
        assert_eq!(BUSY.personal(shape("10"), &Personal::default()), None);
    }
}
