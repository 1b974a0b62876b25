//! Bytes that are secret in part: passwords and tickets. Events hold the true bytes; every exit masks.

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

    /// The part `from..to` of `bytes` with every secret replaced by [`MASK`].
    /// Borrowed as it is where nothing in it is secret.
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
