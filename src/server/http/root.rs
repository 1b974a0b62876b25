//! Whether a body is whole, by its XML.

/// The longest name of an element that is looked for, in bytes.
const MAX_NAME: usize = 64;

/// The name of the root element of a body that is whole: it ends with the end of what it begins with.
pub(super) fn root(body: &[u8]) -> Option<&str> {
    let mut xml = body.trim_ascii();
    if xml.starts_with(b"<?") {
        let end = memchr::memchr(b'>', xml)?;
        xml = xml[end + 1..].trim_ascii_start();
    }
    let rest = xml.strip_prefix(b"<")?;
    let name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-');
    let length = rest.iter().take(MAX_NAME).take_while(|b| name(b)).count();
    let name = rest.get(..length).filter(|name| !name.is_empty())?;
    let end = xml.strip_suffix(b">")?.trim_ascii_end();
    end.strip_suffix(name)?.strip_suffix(b"</")?;
    std::str::from_utf8(name).ok()
}
