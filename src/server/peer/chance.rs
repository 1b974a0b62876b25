//! Numbers that a peer cannot mix up with those of another conversation. Nothing secret: splitmix64.

/// A source of numbers.
#[derive(Debug)]
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of a session or a message: never 0, and with room above for all that follow.
    pub(super) fn number(&mut self) -> u32 {
        (self.next() as u32 >> 1).max(1)
    }

    pub(super) fn guid(&mut self) -> String {
        let bytes = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        format!("{{{}}}", id.to_string().to_uppercase())
    }
}
