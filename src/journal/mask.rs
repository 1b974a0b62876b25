//! A set of lines of one block. One test of a filter makes it, and the next one narrows it.

/// Lines that are tested at once.
pub(crate) const BLOCK: usize = 4096;
const WORDS: usize = BLOCK / 64;

/// A set of lines of one block, one bit a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub [u64; WORDS]);

impl Mask {
    pub const NONE: Mask = Mask([0; WORDS]);

    /// The first `n` lines of the block.
    pub fn first(n: usize) -> Self {
        let mut mask = Self::NONE;
        for (at, word) in mask.0.iter_mut().enumerate() {
            let bits = n.saturating_sub(at * 64).min(64);
            *word = if bits == 64 {
                u64::MAX
            } else {
                (1 << bits) - 1
            };
        }
        mask
    }

    /// The rows of a column for which `test` is true.
    pub fn of<T: Copy>(column: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut mask = Self::NONE;
        for (word, chunk) in mask.0.iter_mut().zip(column.chunks(64)) {
            // Bytes first and bits from those: the compiler makes vectors of the first loop.
            let mut bytes = [0_u8; 64];
            for (byte, value) in bytes.iter_mut().zip(chunk) {
                *byte = u8::from(test(*value));
            }
            for (at, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
                // The lowest bit of each byte, gathered in the topmost byte.
                let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= bits << (at * 8);
            }
        }
        mask
    }

    pub fn and(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
        self
    }

    pub fn or(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
        self
    }

    pub fn without(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= !b;
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    #[cfg(test)]
    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    pub fn set(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Calls a function with each member, lowest first. Faster than the iterator when there are many.
    pub fn each(&self, mut to: impl FnMut(usize)) {
        for (at, word) in self.0.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                to(at * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }

    /// Calls a function with each member, highest first.
    pub fn each_back(&self, mut to: impl FnMut(usize)) {
        for (at, word) in self.0.iter().enumerate().rev() {
            let mut word = *word;
            while word != 0 {
                let bit = 63 - word.leading_zeros() as usize;
                to(at * 64 + bit);
                word &= !(1 << bit);
            }
        }
    }

    /// Its members, highest first.
    pub fn iter_back(&self) -> impl Iterator<Item = usize> {
        self.0
            .into_iter()
            .enumerate()
            .rev()
            .flat_map(|(at, mut word)| {
                std::iter::from_fn(move || {
                    let bit = (word != 0).then(|| 63 - word.leading_zeros() as usize)?;
                    word &= !(1 << bit);
                    Some(at * 64 + bit)
                })
            })
    }

    /// Its members, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}
