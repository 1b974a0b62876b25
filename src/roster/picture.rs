//! Display pictures: PNG files beside the contact files, each for the contact of its name.
//!
//! Clients expect 96 by 96 pixels. A picture of that size is shown byte for byte; another one is cut to a square from
//! its middle and scaled. The file itself is never changed.

use crate::msnp::object::MsnObject;
use bytes::Bytes;
use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use std::io::Cursor;

/// Pixels of the width and of the height of a picture, as clients get it.
pub const SIDE: usize = 96;
/// Bytes of the largest file that is read.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;
/// Pictures that are read from one folder at most.
pub const MAX_PICTURES: usize = 1_024;
/// Pixels of the largest width and height that are read.
const MAX_SIDE: u32 = 4_096;
/// Pixels of the largest width and height of a client's picture that the console shows. It is decoded between two frames
/// of the screen.
pub const MAX_SHOWN: u32 = 512;
/// Bytes of memory that decoding may take beside the pixels.
const MAX_WORK: usize = 32 * 1024 * 1024;
/// Bytes of the longest file that is shown as it is. A longer one of the right size is encoded again: 96 by 96 pixels
/// never need more.
const MAX_AS_IT_IS: usize = 64 * 1024;
/// How every GIF begins.
pub const GIF: &[u8] = b"GIF8";
/// `Location` in its object. It names none of our files, which are nobody's business.
const LOCATION: &str = "picture.png";

/// A picture as clients get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The bytes of a PNG of 96 by 96 pixels.
    pub png: Bytes,
    /// Its MSN object, XML. It fits the bytes and the contact.
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
    /// The same of a GIF.
    #[error("this is not a GIF that can be read: {0}")]
    Gif(String),
    /// It has no pixels, or too many.
    #[error("it has {width} by {height} pixels; up to {MAX_SIDE} by {MAX_SIDE} are taken")]
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
}

/// The bytes that clients get for a file.
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

/// The middle square of a PNG, or of the first frame of a GIF, scaled to `side` by `side` pixels: red, green, blue and
/// opacity of each.
///
/// # Errors
/// [`PictureError`] where it is neither, or a side has more than [`MAX_SHOWN`] pixels.
pub fn thumbnail(file: &[u8], side: usize) -> Result<Vec<u8>, PictureError> {
    let (width, height, pixels) = match file.starts_with(GIF) {
        true => first_frame(file)?,
        false => decode_within(file, MAX_SHOWN)?,
    };
    Ok(shrink(width, height, &pixels, side))
}

/// The same at [`SIDE`], as a PNG.
///
/// # Errors
/// Those of [`thumbnail`].
pub fn redrawn(file: &[u8]) -> Result<Bytes, PictureError> {
    encode(&thumbnail(file, SIDE)?)
}

/// The width and height of a PNG, and red, green, blue and opacity of each pixel.
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

/// The first frame of a GIF, where it stands on its canvas. No frame behind it is read.
fn first_frame(file: &[u8]) -> Result<(usize, usize, Vec<u8>), PictureError> {
    let wrong = |error: &dyn std::fmt::Display| PictureError::Gif(error.to_string());
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file).map_err(|e| wrong(&e))?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    if !(1..=MAX_SHOWN).contains(&width) || !(1..=MAX_SHOWN).contains(&height) {
        return Err(PictureError::Size { width, height });
    }
    let frame = decoder.read_next_frame().map_err(|e| wrong(&e))?;
    let frame = frame.ok_or_else(|| wrong(&"it has no frame"))?;
    let (width, height) = (width as usize, height as usize);
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let row = usize::from(frame.width) * 4;
    let mut pixels = vec![0; width * height * 4];
    for (y, from) in frame.buffer.chunks_exact(row.max(1)).enumerate() {
        let at = ((top + y) * width + left) * 4;
        if let Some(to) = pixels.get_mut(at..at + row) {
            to.copy_from_slice(from);
        }
    }
    Ok((width, height, pixels))
}

/// The middle square, scaled to `to` by `to` pixels. Each is the mean of the pixels that it replaces.
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
            // Colours are weighed by their opacity: else the colour of transparent pixels would show.
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
    /// 19 by 19 pixels, two frames: red, then blue. Of ImageMagick.
    const TWO: &[u8] = include_bytes!("picture/two.gif");
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
    fn the_first_frame_of_a_gif_is_shown_and_one_of_any_other_form_is_refused() {
        let red = thumbnail(TWO, 12).expect("a picture");
        assert!(red.chunks_exact(4).all(|pixel| pixel == [255, 0, 0, 255]));
        // No contact has one: clients expect a PNG.
        assert!(scaled(TWO).is_err());
        for length in 0..TWO.len() {
            // It may be whole already: what follows the first frame is not read.
            let _ = thumbnail(&TWO[..length], 12);
        }
        assert!(thumbnail(&TWO[..20], 12).is_err());
        for side in [[0, 0], [1, 2], [255, 255]] {
            let mut other = TWO.to_vec();
            other[6..8].copy_from_slice(&side);
            assert!(thumbnail(&other, 12).is_err(), "a width of {side:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_gif_holds_it_is_drawn_or_refused(
            changes in proptest::collection::vec((6..TWO.len(), proptest::prelude::any::<u8>()), 0..8)
        ) {
            let mut file = TWO.to_vec();
            for (at, byte) in changes {
                file[at] = byte;
            }
            if let Ok(pixels) = thumbnail(&file, 12) {
                proptest::prop_assert_eq!(pixels.len(), 12 * 12 * 4);
            }
        }
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
