//! Whom the client says that it is: for each dialect a client of Microsoft's that spoke it, and Messenger for Mac. What
//! a dialect changes in the conversation itself stands in [`dialect`](crate::msnp::dialect), not here.

use crate::msnp::dialect::Capabilities;
use crate::msnp::{Dialect, Family, Shape};

/// One client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Software {
    /// What CVR says, between its transaction id and the account.
    pub version: &'static str,
    /// How it calls itself in HTTP.
    pub agent: &'static str,
    /// What it can do.
    capabilities: u32,
    /// The second number, where the dialect has one.
    extended: u32,
    /// The product with whose key it answers challenges.
    pub product: &'static str,
    /// The host of its address book.
    pub book_host: &'static str,
    /// What it calls itself to the address book.
    pub application: &'static str,
}

/// The article's client. No Mac was watched answering a challenge: its product is one of its time.
const MAC: Software = Software {
    version: "0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs",
    agent: "Messenger for Mac 8.0.1 (nudge)",
    capabilities: 1_085_276_192,
    extended: 131_088,
    product: "PROD0090YUAUV{2B",
    book_host: "byrdr.omega.contacts.msn.com",
    application: "09607671-1C32-421F-A6A6-CBFAA51AB5F4",
};

macro_rules! windows {
    ($($dialect:literal $version:literal $capabilities:literal $product:ident;)*) => {
        &[$(($dialect, Software {
            version: $version,
            agent: "MSMSGS (nudge)",
            capabilities: $capabilities,
            extended: 48,
            product: $product,
            book_host: "contacts.msn.com",
            application: "CFE80F9D-180F-4399-82AB-413F33A1FA11",
        })),*]
    };
}

const OLD: &str = "msmsgs@msnmsgr.com";
const SEVEN: &str = "PROD0101{0RM?UBW";
const EIGHT: &str = "PROD01065C%ZFN6F";
const LIVE: &str = "PROD0119GSJUC$18";

/// The clients of Windows, by the dialect that each spoke. The highest four bits of the capabilities are its own.
const WINDOWS: &[(u8, Software)] = windows! {
    8 "0x0409 winnt 5.1 i386 MSMSGS 5.0.0544 MSMSGS" 0 OLD;
    9 "0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS" 0x1000_0024 OLD;
    10 "0x0409 winnt 5.1 i386 MSNMSGR 6.2.0208 MSMSGS" 0x3000_0024 OLD;
    11 "0x0409 winnt 5.1 i386 MSNMSGR 7.0.0816 MSMSGS" 0x4000_c024 SEVEN;
    12 "0x0409 winnt 5.1 i386 MSNMSGR 7.5.0324 MSMSGS" 0x5004_c024 SEVEN;
    13 "0x0409 winnt 5.1 i386 MSNMSGR 8.0.0812 MSMSGS" 0x6004_c024 EIGHT;
    14 "0x0409 winnt 5.1 i386 MSNMSGR 8.1.0178 MSMSGS" 0x7004_c024 EIGHT;
    15 "0x0409 winnt 5.1 i386 MSNMSGR 8.5.1302 MSMSGS" 0x8004_c024 LIVE;
    16 "0x0409 winnt 6.0 i386 MSNMSGR 9.0.1407 MSMSGS" 0x9004_c024 LIVE;
    17 "0x0409 winnt 6.0 i386 MSNMSGR 14.0.5027 msmsgs" 0xa004_c024 LIVE;
    18 "0x0409 winnt 6.1 i386 MSNMSGR 14.0.8117 msmsgs" 0xa004_c024 LIVE;
};

/// The client of this shape; where none is known, the newest.
pub(super) fn software(shape: Shape) -> &'static Software {
    match shape.family {
        Family::Mac => &MAC,
        Family::Windows => WINDOWS
            .iter()
            .find(|(number, _)| *number == shape.dialect.number())
            .or(WINDOWS.last())
            .map_or(&MAC, |(_, software)| software),
    }
}

impl Software {
    /// What it can do, as it says it at this dialect.
    pub fn capabilities(&self, dialect: Dialect) -> String {
        match dialect.rules().capabilities {
            Capabilities::One => self.capabilities.to_string(),
            Capabilities::Two => format!("{}:{}", self.capabilities, self.extended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::challenge;

    #[test]
    fn every_dialect_has_a_client_and_every_client_a_key() {
        for dialect in Dialect::all() {
            assert!(WINDOWS.iter().any(|row| row.0 == dialect.number()));
            for family in [Family::Mac, Family::Windows] {
                let software = software(Shape::new(dialect, family));
                assert!(challenge::key(software.product).is_some());
                let words: Vec<&str> = software.version.split(' ').collect();
                let is = Family::of(dialect, words[1], words[4], words[5]);
                assert_eq!(
                    is == Family::Mac,
                    family == Family::Mac && dialect.rules().mac
                );
            }
        }
    }
}
