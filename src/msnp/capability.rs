//! The capability bits of presence: what a client can do, and which version of the client-to-client
//! protocol (MSNC) it speaks. From MSNP16 on a second number, the extended bits, follows a colon.
//! Sources: the NINA wiki's "Client Capabilities", the yellows111 msnp-wiki, and the constants of MSNPSharp.

/// The bits below the version, with what each says.
pub const BITS: &[(u32, &str)] = &[
    (0x1, "on a mobile device"),
    (0x2, "MSN 8 user"),
    (0x4, "ink as GIF"),
    (0x8, "ink as ISF"),
    (0x10, "webcam shared"),
    (0x20, "messages in several packets"),
    (0x40, "reachable by mobile"),
    (0x80, "MSN Direct device"),
    (0x100, "activities"),
    (0x200, "web client"),
    (0x400, "mobile client"),
    (0x800, "Office Communicator gateway"),
    (0x1000, "has a Space"),
    (0x2000, "Media Center"),
    (0x4000, "direct IM"),
    (0x8000, "winks"),
    (0x1_0000, "shared search"),
    (0x2_0000, "bot"),
    (0x4_0000, "voice clips"),
    (0x8_0000, "secure channel"),
    (0x10_0000, "SIP invitations"),
    (0x20_0000, "tunnelled SIP"),
    (0x40_0000, "sharing folders"),
    (0x80_0000, "page-mode messages"),
    (0x100_0000, "OneCare"),
    (0x200_0000, "peer-to-peer over TURN"),
    (0x400_0000, "peer-to-peer started by UUN"),
    (0x800_0000, "uses an alias"),
];

/// The highest four bits are a number, the MSNC version, and the clients that have it.
pub const VERSIONS: &[(u8, &str)] = &[
    (1, "MSN Messenger 6.0"),
    (2, "MSN Messenger 6.1"),
    (3, "MSN Messenger 6.2"),
    (4, "MSN Messenger 7.0"),
    (5, "MSN Messenger 7.5"),
    (6, "Windows Live Messenger 8.0"),
    (7, "Windows Live Messenger 8.1"),
    (8, "Windows Live Messenger 8.5"),
    (9, "Windows Live Messenger 9 beta"),
    (10, "Windows Live Messenger 2009"),
    (11, "Windows Live Messenger 2011"),
];

/// The extended bits, with what each says.
pub const EXTENDED: &[(u32, &str)] = &[
    (0x1, "SMS only"),
    (0x2, "voice over MSNP"),
    (0x4, "UUCP SIP stack"),
    (0x8, "application messages"),
    (0x10, "RTC video"),
    (0x20, "peer-to-peer version 2"),
    (0x40, "authenticated web user"),
    (0x80, "one-to-one through a group"),
    (0x100, "offline messages"),
    (0x200, "video sharing"),
    (0x400, "nudges"),
    (0x800, "voice clips in circles"),
    (0x1000, "sharing"),
    (0x2000, "no fan-out to a suspended mobile"),
    (0x8000, "peer-to-peer mixer relay"),
    (0x2_0000, "file transfer in the conversation window"),
    (0x4_0000, "16:9 video calls"),
    (0x8_0000, "peer-to-peer enveloping"),
    (0x40_0000, "Yahoo messages off"),
    (0x80_0000, "SIP tunnel version 2"),
    (0x100_0000, "voice clips as WMA"),
    (0x200_0000, "voice clips to circles"),
    (0x400_0000, "social news"),
    (0x800_0000, "custom emoticons"),
    (0x1000_0000, "UTF-8 personal messages"),
    (0x2000_0000, "FTURN"),
    (0x4000_0000, "P4 activities"),
];

/// The names of the capability bits that are set, the MSNC version first; `bit 0x…` for one without a name.
pub fn names(bits: u32) -> Vec<String> {
    let mut names = Vec::new();
    let version = (bits >> 28) as u8;
    if version != 0 {
        match VERSIONS.iter().find(|row| row.0 == version) {
            Some((_, clients)) => names.push(format!("MSNC{version} ({clients})")),
            None => names.push(format!("MSNC{version}")),
        }
    }
    name_bits(bits & 0x0fff_ffff, BITS, &mut names);
    names
}

/// The names of the extended bits that are set.
pub fn extended_names(bits: u32) -> Vec<String> {
    let mut names = Vec::new();
    name_bits(bits, EXTENDED, &mut names);
    names
}

fn name_bits(mut bits: u32, table: &[(u32, &str)], names: &mut Vec<String>) {
    while bits != 0 {
        let bit = bits & bits.wrapping_neg();
        match table.iter().find(|row| row.0 == bit) {
            Some((_, name)) => names.push((*name).to_owned()),
            None => names.push(format!("bit {bit:#x}")),
        }
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_capabilities_are_named() {
        assert_eq!(
            names(1_085_276_192),
            [
                "MSNC4 (MSN Messenger 7.0)",
                "messages in several packets",
                "SIP invitations",
                "tunnelled SIP",
                "page-mode messages"
            ]
        );
        assert_eq!(
            extended_names(131_088),
            ["RTC video", "file transfer in the conversation window"]
        );
    }

    #[test]
    fn every_bit_of_any_number_is_named_once() {
        for bits in [0, 1, 0x4000, 0x1_4000, u32::MAX] {
            assert_eq!(extended_names(bits).len(), bits.count_ones() as usize);
            let version = usize::from(bits >> 28 != 0);
            assert_eq!(
                names(bits).len(),
                (bits & 0x0fff_ffff).count_ones() as usize + version
            );
        }
        assert_eq!(extended_names(0x4000), ["bit 0x4000"]);
    }
}
