//! A picture as sixels: bands of six rows, in each of them one line a colour.
//!
//! Source: DEC's "VT330/VT340 Programmer Reference Manual, volume 2: Graphics Programming", chapter 14.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Pixels of the largest side that is drawn.
pub const MOST: usize = 480;
/// The most bytes of one picture.
const MOST_BYTES: usize = 512 * 1024;

/// A square picture of `from` by `from` pixels (red, green, blue and opacity of each), scaled to `to` by `to`, in at most so
/// many colours. `None` where it would be too long. Its height is cut to whole bands, so that nothing below it is touched.
pub fn encode(pixels: &[u8], from: usize, to: usize, colours: usize) -> Option<String> {
    let side = to.min(MOST) / 6 * 6;
    if side == 0 || from == 0 || pixels.len() < from * from * 4 {
        return None;
    }
    let (palette, of) = palette(pixels, colours.clamp(2, 256));
    let mut out = format!("\x1bP0;1q\"1;1;{side};{side}");
    for (number, [r, g, b]) in palette.iter().enumerate() {
        let part = |value: u8| (u32::from(value) * 100 + 127) / 255;
        // A String takes all, here and below.
        let _ = write!(out, "#{number};2;{};{};{}", part(*r), part(*g), part(*b));
    }
    for top in (0..side).step_by(6) {
        // Of each colour that the band has: which of the six pixels of each column have it.
        let mut band: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
        for (x, y) in (0..6).flat_map(|y| (0..side).map(move |x| (x, y))) {
            if let Some(colour) = of[((top + y) * from / side) * from + x * from / side] {
                band.entry(colour).or_insert_with(|| vec![0; side])[x] |= 1 << y;
            }
        }
        for (colour, bits) in band {
            let _ = write!(out, "#{colour}");
            runs(&mut out, bits.into_iter());
            out.push('$');
        }
        out.push('-');
        if out.len() > MOST_BYTES {
            return None;
        }
    }
    out += "\x1b\\";
    Some(out)
}

/// One line of a colour; what is empty at its end is left out.
fn runs(out: &mut String, bits: impl Iterator<Item = u8>) {
    let mut run = (0_u8, 0_usize);
    let mut put = |(bits, count): (u8, usize)| {
        let sign = char::from(63 + bits);
        match count {
            0..4 => out.extend(std::iter::repeat_n(sign, count)),
            _ => {
                let _ = write!(out, "!{count}{sign}");
            }
        }
    };
    for bits in bits {
        if bits != run.0 {
            put(std::mem::replace(&mut run, (bits, 0)));
        }
        run.1 += 1;
    }
    if run.0 != 0 {
        put(run);
    }
}

/// The colours by median cut, and which of them each pixel has; none where less than half of it is opaque.
fn palette(pixels: &[u8], most: usize) -> (Vec<[u8; 3]>, Vec<Option<u16>>) {
    let pixel = |at: usize| [pixels[at * 4], pixels[at * 4 + 1], pixels[at * 4 + 2]];
    let count = pixels.len() / 4;
    let opaque: Vec<usize> = (0..count).filter(|at| pixels[at * 4 + 3] >= 128).collect();
    let mut of = vec![None; count];
    if opaque.is_empty() {
        return (Vec::new(), of);
    }
    // The part of the colours in which they differ most, and by how much.
    let widest = |part: &[usize]| {
        let spread = |channel: usize| {
            let values = part.iter().map(|at| pixel(*at)[channel]);
            values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
        };
        let widest = (0..3).max_by_key(|channel| spread(*channel)).unwrap_or(0);
        (spread(widest), widest)
    };
    let first = widest(&opaque);
    let mut parts = vec![(first, opaque)];
    while parts.len() < most {
        let wide = parts
            .iter()
            .enumerate()
            .max_by_key(|(_, (spread, _))| spread.0);
        let Some((at, ((1.., channel), _))) = wide else {
            break;
        };
        let channel = *channel;
        let (_, mut part) = parts.swap_remove(at);
        part.sort_unstable_by_key(|at| pixel(*at)[channel]);
        // Those of one value stay together, and neither half is empty.
        let middle = pixel(part[part.len() / 2])[channel];
        let least = pixel(part[0])[channel];
        let cut = part.partition_point(|at| match middle > least {
            true => pixel(*at)[channel] < middle,
            false => pixel(*at)[channel] <= middle,
        });
        let after = part.split_off(cut);
        parts.extend([part, after].map(|part| (widest(&part), part)));
    }
    let mean = |part: &[usize]| {
        let sum = |channel: usize| {
            part.iter()
                .map(|at| u64::from(pixel(*at)[channel]))
                .sum::<u64>()
        };
        [0, 1, 2].map(|channel| (sum(channel) / part.len().max(1) as u64) as u8)
    };
    for (number, (_, part)) in parts.iter().enumerate() {
        for at in part {
            of[*at] = Some(number as u16);
        }
    }
    (parts.iter().map(|(_, part)| mean(part)).collect(), of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_are_told_and_each_band_has_a_line_of_each() {
        // Two by two: red and green, blue and nothing.
        let pixels = [
            255, 0, 0, 255, 0, 255, 0, 255, //
            0, 0, 255, 255, 9, 9, 9, 0,
        ];
        let drawn = encode(&pixels, 2, 13, 256).expect("it is short");
        let (head, rest) = drawn.split_once('#').expect("colours");
        assert_eq!(head, "\x1bP0;1q\"1;1;12;12");
        for colour in [";2;100;0;0", ";2;0;100;0", ";2;0;0;100"] {
            assert_eq!(rest.matches(colour).count(), 1, "{colour} in {rest}");
        }
        // Half of twelve columns, all six rows; the second half of what is transparent is left out.
        assert_eq!(drawn.matches("!6~").count(), 3, "{drawn}");
        assert_eq!(drawn.matches('-').count(), 2);
        assert!(drawn.ends_with("$-\x1b\\"));
        assert_eq!(encode(&pixels, 2, 5, 256), None, "less than one band");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_picture_is_bounded_and_has_no_more_colours_than_there_may_be(
            pixels in proptest::collection::vec(any::<u8>(), 16 * 16 * 4),
            to in 6..600_usize,
            colours in 0..300_usize,
        ) {
            let drawn = encode(&pixels, 16, to, colours).expect("it is short");
            prop_assert!(drawn.len() <= MOST_BYTES);
            let told = drawn.split('#').skip(1).filter(|part| part.contains(';'));
            prop_assert!(told.count() <= colours.clamp(2, 256));
            prop_assert!(drawn[2..drawn.len() - 2].bytes().all(|byte| (b' '..0x7f).contains(&byte)));
        }
    }
}
