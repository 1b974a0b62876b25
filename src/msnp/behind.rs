//! What comes right behind a payload. Where that is no command, the length of the payload was too short.

use super::{Frame, TransactionId};

/// A command that had a payload, or one that had none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Behind(Option<Payload>);

#[derive(Debug, Clone, Copy)]
struct Payload {
    verb: [u8; 3],
    transaction: Option<TransactionId>,
    length: usize,
    /// It has characters of more than one byte.
    wide: bool,
}

impl Behind {
    /// What stands behind this command.
    pub fn of(frame: &Frame) -> Self {
        Self(frame.payload().and_then(|payload| {
            Some(Payload {
                verb: frame.verb().try_into().ok()?,
                transaction: frame.transaction(),
                length: payload.len(),
                wide: !payload.is_ascii(),
            })
        }))
    }

    /// Something came that is no command: what that says of the payload before it.
    pub fn text(&self) -> Option<String> {
        let Payload {
            verb,
            transaction,
            length,
            wide,
        } = self.0?;
        let verb = String::from_utf8_lossy(&verb).into_owned();
        let of = match transaction {
            Some(transaction) => format!("{verb} {transaction}"),
            None => verb,
        };
        let letters = match wide {
            true => {
                ". It has characters of more than one byte: the length is that of the bytes, and not of the characters"
            }
            false => "",
        };
        Some(format!(
            "it stands right behind the {length} bytes that {of} announced as its payload: that length is less than what was sent{letters}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_right_behind_a_payload_speaks_of_its_length_and_of_its_letters() {
        let behind = |wire: &'static str| Behind::of(&Frame::from_wire(wire.into())).text();
        assert_eq!(Behind::default().text(), None);
        let said = behind("QRY 20 PROD 31\r\nx").expect("it is said");
        assert!(
            said.contains("QRY 20") && !said.contains("characters"),
            "{said}"
        );
        let said = behind("MSG 3 N 2\r\né").expect("it is said");
        assert!(said.contains("not of the characters"), "{said}");
        assert_eq!(behind("PNG\r\n"), None);
    }
}
