//! Bytes of which some are secret: passwords and tickets. Events hold the bytes as they are; every exit masks them.

use bytes::Bytes;

/// Ranges of bytes that are secret: passwords and tickets. In order, and not overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets(pub Vec<std::ops::Range<u32>>);

/// Bytes with the ranges in them that are secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Masked {
    /// All of them, as on the wire.
    pub bytes: Bytes,
    /// Which of them are secret.
    pub secrets: Secrets,
}

/// What stands for a secret where it is masked.
pub const MASK: &[u8] = b"***";

impl Secrets {
    /// One secret range.
    pub fn one(from: usize, to: usize) -> Self {
        Self(std::iter::once(from as u32..to as u32).collect())
    }

    /// These ranges, which may stand in any order, and overlap.
    pub fn of(found: Vec<std::ops::Range<usize>>) -> Self {
        let mut secrets = Self::default();
        secrets.add(found);
        secrets
    }

    /// Adds these ranges. They may stand in any order, and overlap.
    pub fn add(&mut self, found: Vec<std::ops::Range<usize>>) {
        if found.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut self.0);
        all.extend(
            found
                .into_iter()
                .map(|range| range.start as u32..range.end as u32),
        );
        all.retain(|range| range.start < range.end);
        all.sort_by_key(|range| range.start);
        for range in all {
            match self.0.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => self.0.push(range),
            }
        }
    }

    /// The part `from..to` of `bytes` with every secret replaced by [`MASK`]. It is borrowed where nothing in it is secret.
    pub fn mask<'a>(
        &self,
        bytes: &'a [u8],
        from: usize,
        to: usize,
        show: bool,
    ) -> std::borrow::Cow<'a, [u8]> {
        let hidden: Vec<_> = self
            .0
            .iter()
            .map(|r| (r.start as usize).max(from)..(r.end as usize).min(to))
            .filter(|r| r.start < r.end)
            .collect();
        if show || hidden.is_empty() {
            return bytes[from..to].into();
        }
        let mut out = Vec::with_capacity(to - from);
        let mut at = from;
        for range in hidden {
            out.extend_from_slice(&bytes[at..range.start]);
            out.extend_from_slice(MASK);
            at = range.end;
        }
        out.extend_from_slice(&bytes[at..to]);
        out.into()
    }
}

impl Secrets {
    /// A line in which [`MASK`] replaces each word that is secret, in part or whole. It has as many words as before, so that
    /// it can be judged, and what is said about it tells no secret.
    pub fn veil<'a>(&self, line: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        let is_in = |from: usize, to: usize| {
            let mut ranges = self.0.iter();
            ranges.any(|r| (r.start as usize) < to && from < r.end as usize)
        };
        if !is_in(0, line.len()) {
            return line.into();
        }
        let mut out = Vec::with_capacity(line.len());
        let mut at = 0;
        for word in line.split(|byte| *byte == b' ') {
            if at > 0 {
                out.push(b' ');
            }
            let hides = is_in(at, at + word.len());
            out.extend_from_slice(if hides { MASK } else { word });
            at += word.len() + 1;
        }
        out.into()
    }
}

impl Masked {
    /// Bytes of which none is secret.
    pub fn open(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            secrets: Secrets::default(),
        }
    }

    /// The bytes with every secret masked, or as they are where `show` is set.
    pub fn shown(&self, show: bool) -> std::borrow::Cow<'_, [u8]> {
        self.secrets.mask(&self.bytes, 0, self.bytes.len(), show)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_veiled_line_has_as_many_words_and_no_secret() {
        let line = b"USR 4 TWN S t=abc x  y";
        assert_eq!(&*Secrets::one(12, 19).veil(line), b"USR 4 TWN S *** ***  y");
        assert_eq!(&*Secrets::one(1, 2).veil(line), b"*** 4 TWN S t=abc x  y");
        assert_eq!(&*Secrets::default().veil(line), line);
    }

    #[test]
    fn secrets_are_masked_within_any_part() {
        let masked = Masked {
            bytes: Bytes::from_static(b"USR 4 TWN S t=abc&p= guid"),
            secrets: Secrets::one(12, 20),
        };
        assert_eq!(&*masked.shown(false), b"USR 4 TWN S *** guid");
        assert_eq!(&*masked.shown(true), &masked.bytes[..]);
        assert_eq!(
            &*masked.secrets.mask(&masked.bytes, 14, 25, false),
            b"*** guid"
        );
        assert_eq!(
            &*masked.secrets.mask(&masked.bytes, 0, 12, false),
            b"USR 4 TWN S "
        );
    }
}
