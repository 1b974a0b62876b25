//! Display pictures: PNG files beside the contact files, each for the contact of its name.
//!
//! Clients expect 96 by 96 pixels. A picture of that size is shown byte for byte; another one is cut to a square from
//! its middle and scaled. The file itself is never changed.

use crate::msnp::object::MsnObject;
use bytes::Bytes;
use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use std::io::Cursor;

/// The width and the height of a picture as clients get it, in pixels.
pub const SIDE: usize = 96;
/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;
/// The most pictures that are read of a folder.
pub const MAX_PICTURES: usize = 1_024;
/// The largest width and height that are read, in pixels.
const MAX_SIDE: u32 = 4_096;
/// The largest width and height of a client's picture that is shown, in pixels: it is decoded between two frames.
pub const MAX_SHOWN: u32 = 512;
/// The most memory that decoding takes beside the pixels, in bytes.
const MAX_WORK: usize = 32 * 1024 * 1024;
/// A file of the right size that is longer is written anew: 96 by 96 pixels never need more.
const MAX_AS_IT_IS: usize = 64 * 1024;
/// `Location` of its object: no file of ours, which would be nobody's business.
const LOCATION: &str = "picture.png";

/// A picture as clients get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The bytes of a PNG of 96 by 96 pixels.
    pub png: Bytes,
    /// Its MSN object, XML: true of those bytes and of the contact.
    pub object: String,
}

impl Picture {
    /// These bytes as the picture of an account.
    pub fn new(account: &str, png: Bytes) -> Self {
        let object = MsnObject::picture(account, LOCATION, &png).to_xml();
        Self { png, object }
    }
}

/// Why a file is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It could not be decoded, or encoded.
    #[error("this is not a PNG that can be read: {0}")]
    Png(String),
    /// It has no pixels, or too many.
    #[error("it has {width} by {height} pixels; up to {MAX_SIDE} by {MAX_SIDE} are taken")]
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
}

/// The bytes that clients get of a file.
///
/// # Errors
/// [`PictureError`] where it is no picture that is taken.
pub fn scaled(file: &[u8]) -> Result<Bytes, PictureError> {
    let (width, height, pixels) = decode(file)?;
    if (width, height) == (SIDE, SIDE) && file.len() <= MAX_AS_IT_IS {
        return Ok(Bytes::copy_from_slice(file));
    }
    encode(&shrink(width, height, &pixels, SIDE))
}

/// The square in the middle of a PNG, small enough to be shown: red, green, blue and opacity of `side` by `side` pixels.
///
/// # Errors
/// [`PictureError`] where it is no PNG, or has more than [`MAX_SHOWN`] pixels a side.
pub fn thumbnail(file: &[u8], side: usize) -> Result<Vec<u8>, PictureError> {
    let (width, height, pixels) = decode_within(file, MAX_SHOWN)?;
    Ok(shrink(width, height, &pixels, side))
}

/// Width, height, and red, green, blue and opacity of each pixel of a PNG.
///
/// # Errors
/// [`PictureError`] where it is no picture that is taken.
pub fn decode(file: &[u8]) -> Result<(usize, usize, Vec<u8>), PictureError> {
    decode_within(file, MAX_SIDE)
}

fn decode_within(file: &[u8], most: u32) -> Result<(usize, usize, Vec<u8>), PictureError> {
    let wrong = |error: &dyn std::fmt::Display| PictureError::Png(error.to_string());
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: MAX_WORK });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|e| wrong(&e))?;
    let (width, height) = reader.info().size();
    if !(1..=most).contains(&width) || !(1..=most).contains(&height) {
        return Err(PictureError::Size { width, height });
    }
    let length = reader
        .output_buffer_size()
        .ok_or(PictureError::Size { width, height })?;
    let mut read = vec![0; length];
    let info = reader.next_frame(&mut read).map_err(|e| wrong(&e))?;
    read.truncate(info.buffer_size());
    let pixels = match info.color_type {
        ColorType::Rgba => read,
        ColorType::GrayscaleAlpha => read
            .chunks_exact(2)
            .flat_map(|grey| [grey[0], grey[0], grey[0], grey[1]])
            .collect(),
        other => return Err(wrong(&format_args!("its colours are {other:?}"))),
    };
    Ok((width as usize, height as usize, pixels))
}

/// The square in the middle, as `to` by `to` pixels: each the mean of those that it stands for.
fn shrink(width: usize, height: usize, pixels: &[u8], to: usize) -> Vec<u8> {
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let span = |at: usize| {
        let from = at * side / to;
        from..((at + 1) * side / to).max(from + 1)
    };
    let mut out = Vec::with_capacity(to * to * 4);
    for y in 0..to {
        for x in 0..to {
            // Colours count by their opacity, or what cannot be seen would shine through.
            let (mut colours, mut opacity, mut count) = ([0_u64; 3], 0_u64, 0_u64);
            for row in span(y) {
                for column in span(x) {
                    let at = ((top + row) * width + left + column) * 4;
                    let pixel = pixels.get(at..at + 4).unwrap_or(&[0; 4]);
                    let alpha = u64::from(pixel[3]);
                    for (sum, value) in colours.iter_mut().zip(pixel) {
                        *sum += u64::from(*value) * alpha;
                    }
                    opacity += alpha;
                    count += 1;
                }
            }
            out.extend(colours.map(|sum| (sum / opacity.max(1)) as u8));
            out.push((opacity / count.max(1)) as u8);
        }
    }
    out
}

fn encode(pixels: &[u8]) -> Result<Bytes, PictureError> {
    let opaque = pixels.chunks_exact(4).all(|pixel| pixel[3] == 255);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, SIDE as u32, SIDE as u32);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(if opaque {
        ColorType::Rgb
    } else {
        ColorType::Rgba
    });
    let written = encoder.write_header().and_then(|mut writer| match opaque {
        // Some clients show what is not opaque as black.
        true => {
            let rgb: Vec<u8> = pixels
                .chunks_exact(4)
                .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
                .collect();
            writer.write_image_data(&rgb)
        }
        false => writer.write_image_data(pixels),
    });
    written.map_err(|error| PictureError::Png(error.to_string()))?;
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 by 1 pixel, red: made by hand, with `zlib` and `crc32` of Python.
    const DOT: &[u8] = include_bytes!("picture/dot.png");
    /// 200 by 100 pixels: the left quarter red, the middle half green, the right quarter blue.
    const WIDE: &[u8] = include_bytes!("picture/wide.png");
    /// 96 by 96 pixels, grey with opacity.
    const GREY: &[u8] = include_bytes!("picture/grey.png");

    #[test]
    fn any_size_becomes_96_by_96() {
        for (file, middle) in [(DOT, [255, 0, 0, 255]), (WIDE, [0, 255, 0, 255])] {
            let png = scaled(file).expect("a picture");
            let (width, height, pixels) = decode(&png).expect("what was written");
            assert_eq!((width, height), (SIDE, SIDE));
            assert!(
                pixels.chunks_exact(4).all(|pixel| pixel == middle),
                "one colour"
            );
        }
    }

    #[test]
    fn one_of_that_size_stays_as_it_is() {
        assert_eq!(scaled(GREY).expect("a picture"), GREY);
        let (_, _, pixels) = decode(GREY).expect("a picture");
        assert_eq!(pixels[..4], [128, 128, 128, 200]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(matches!(scaled(b""), Err(PictureError::Png(_))));
        assert!(matches!(scaled(b"GIF89a"), Err(PictureError::Png(_))));
        assert!(matches!(
            scaled(&DOT[..DOT.len() / 2]),
            Err(PictureError::Png(_))
        ));
        let mut bomb = DOT.to_vec();
        // IHDR of 100,000 by 100,000 pixels; its checksum is not looked at before its size is.
        bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
        assert!(scaled(&bomb).is_err());
    }
}
