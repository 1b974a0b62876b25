//! A hexadecimal dump of bytes.

/// The most bytes that a dump shows.
const MOST_BYTES: usize = 64 * 1024;

/// The lines of a dump: offset, sixteen bytes, and the same bytes as ASCII where they are.
pub fn dump(bytes: &[u8], columns: usize) -> Vec<String> {
    // offset + two spaces + three columns a byte + one column a character
    let per = match columns {
        76.. => 16,
        44.. => 8,
        _ => 4,
    };
    bytes[..bytes.len().min(MOST_BYTES)]
        .chunks(per)
        .enumerate()
        .map(|(row, chunk)| {
            let mut text = format!("{:04x}  ", row * per);
            for at in 0..per {
                match chunk.get(at) {
                    Some(byte) => text.push_str(&format!("{byte:02x} ")),
                    None => text.push_str("   "),
                }
            }
            text.push(' ');
            text.extend(chunk.iter().map(|b| match b {
                b' '..=b'~' => char::from(*b),
                _ => '·',
            }));
            text
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_offset_bytes_and_text() {
        assert_eq!(
            dump(b"NLN BSY \r\n", 80)[0],
            "0000  4e 4c 4e 20 42 53 59 20 0d 0a                    NLN BSY \u{b7}\u{b7}"
        );
        assert_eq!(dump(&[0; 40], 20).len(), 10);
    }
}
