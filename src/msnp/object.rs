//! MSN objects. An object describes what a user has to show, such as a display picture or an emoticon, by its hashes. In
//! presence its XML is percent-encoded. The empty `<msnobj/>` is enough for Messenger for Mac to show a contact.
//! Source: the NINA wiki's "MSNObject".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// The kinds of object, by the number in `Type`.
pub const TYPES: &[(u32, &str)] = &[
    (2, "custom emoticon"),
    (3, "display picture"),
    (4, "shared file"),
    (5, "background"),
    (6, "history"),
    (7, "dynamic display picture"),
    (8, "wink"),
    (11, "voice clip"),
    (12, "saved state"),
    (14, "location"),
];

/// The type of a display picture.
pub const DISPLAY_PICTURE: u32 = 3;

/// The type of a custom emoticon.
pub const EMOTICON: u32 = 2;
/// The type of a wink.
pub const WINK: u32 = 8;
/// Bytes of the longest object that is kept as it was written: that of a wink has a signature in it.
pub const MAX_WRITTEN: usize = 4 * 1024;

/// One MSN object. Texts are plain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MsnObject {
    /// The account that has it.
    pub creator: String,
    /// Bytes of its data.
    pub size: u64,
    /// What it is; see [`TYPES`].
    pub kind: u32,
    /// The name of its file.
    pub location: String,
    /// Its name: base64 of UTF-16, little-endian, with a zero at the end.
    pub friendly: String,
    /// The SHA-1 of its data, in base64.
    pub sha1d: String,
    /// The SHA-1 of the other fields, in base64; may be missing.
    pub sha1c: String,
}

/// An object as a client wrote it: the client is asked for it in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What was read of it.
    pub object: MsnObject,
    /// The XML.
    pub xml: String,
}

impl Written {
    /// Reads one; `None` where it is none, tells of no bytes, or is longer than [`MAX_WRITTEN`].
    pub fn read(xml: &str) -> Option<Self> {
        let xml = xml.trim_end_matches('\0').trim();
        let object = MsnObject::read(xml).ok().filter(|object| object.size > 0);
        let object = object.filter(|_| xml.len() <= MAX_WRITTEN)?;
        let xml = xml.to_owned();
        Some(Self { object, xml })
    }
}

impl From<MsnObject> for Written {
    fn from(object: MsnObject) -> Self {
        let xml = object.to_xml();
        Self { object, xml }
    }
}

/// Why an object was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// Not XML, or more than one element.
    #[error("it is not one <msnobj> element: {0}")]
    Xml(String),
    /// The size or the type is no number.
    #[error("{0} is not a number")]
    Number(&'static str),
}

/// Whether the object is empty: `<msnobj/>`, without attributes.
pub fn is_bare(xml: &str) -> bool {
    let inside = xml.trim().strip_prefix("<msnobj");
    inside.is_some_and(|rest| !rest.contains('='))
}

impl MsnObject {
    /// The object of an account's display picture, with both hashes.
    pub fn picture(creator: &str, location: &str, data: &[u8]) -> Self {
        Self::of(DISPLAY_PICTURE, creator, (location, ""), data)
    }

    /// The object for these bytes of an account, with the name of the file, its own name, and both hashes.
    pub fn of(kind: u32, creator: &str, (location, name): (&str, &str), data: &[u8]) -> Self {
        let units = name.encode_utf16().chain([0]);
        let mut object = Self {
            creator: creator.to_owned(),
            size: data.len() as u64,
            kind,
            location: location.to_owned(),
            friendly: BASE64.encode(units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            sha1d: sha1(data),
            sha1c: String::new(),
        };
        object.sha1c = object.field_hash();
        object
    }

    /// The SHA1C of the other fields: the hash of each name and value, one after the other.
    pub fn field_hash(&self) -> String {
        let text = format!(
            "Creator{}Size{}Type{}Location{}Friendly{}SHA1D{}",
            self.creator, self.size, self.kind, self.location, self.friendly, self.sha1d
        );
        sha1(text.as_bytes())
    }

    /// Whether it describes these bytes: size and SHA1D fit.
    pub fn is_of(&self, data: &[u8]) -> bool {
        self.size == data.len() as u64 && self.sha1d == sha1(data)
    }

    /// As XML, not percent-encoded.
    pub fn to_xml(&self) -> String {
        let mut xml = format!(
            "<msnobj Creator=\"{}\" Size=\"{}\" Type=\"{}\" Location=\"{}\" Friendly=\"{}\" SHA1D=\"{}\"",
            escape(self.creator.as_str()),
            self.size,
            self.kind,
            escape(self.location.as_str()),
            escape(self.friendly.as_str()),
            escape(self.sha1d.as_str())
        );
        if !self.sha1c.is_empty() {
            xml.push_str(&format!(" SHA1C=\"{}\"", escape(self.sha1c.as_str())));
        }
        xml.push_str("/>");
        xml
    }

    /// Reads one. Unknown attributes are passed over, missing ones are empty.
    ///
    /// # Errors
    /// [`ObjectError`] where the text is not one `msnobj` element.
    pub fn read(xml: &str) -> Result<Self, ObjectError> {
        let bad = |error: &dyn std::fmt::Display| ObjectError::Xml(error.to_string());
        let mut reader = Reader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        let (mut object, mut closed) = (None, false);
        loop {
            match reader.read_event().map_err(|e| bad(&e))? {
                Event::Start(start) if object.is_none() && start.name().as_ref() == "msnobj" => {
                    object = Some(Self::attributes(&start)?);
                }
                Event::End(_) => closed = true,
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Eof if closed => return object.ok_or_else(|| bad(&"it is empty")),
                Event::Eof => return Err(bad(&"it ends too early")),
                _ => return Err(bad(&"something else is in it")),
            }
        }
    }

    fn attributes(start: &BytesStart<'_>) -> Result<Self, ObjectError> {
        let bad = |error: &dyn std::fmt::Display| ObjectError::Xml(error.to_string());
        let text = |name: &str| -> Result<String, ObjectError> {
            match start.try_get_attribute(name).map_err(|e| bad(&e))? {
                None => Ok(String::new()),
                Some(attribute) => quick_xml::escape::unescape(&attribute.value)
                    .map(|value| value.into_owned())
                    .map_err(|e| bad(&e)),
            }
        };
        let number = |name: &'static str| -> Result<u64, ObjectError> {
            match text(name)?.as_str() {
                "" => Ok(0),
                digits => digits.parse().map_err(|_| ObjectError::Number(name)),
            }
        };
        Ok(Self {
            creator: text("Creator")?,
            size: number("Size")?,
            kind: u32::try_from(number("Type")?).map_err(|_| ObjectError::Number("Type"))?,
            location: text("Location")?,
            friendly: text("Friendly")?,
            sha1d: text("SHA1D")?,
            sha1c: text("SHA1C")?,
        })
    }

    /// What it is, in words.
    pub fn kind_name(&self) -> Option<&'static str> {
        TYPES.iter().find(|row| row.0 == self.kind).map(|row| row.1)
    }

    /// What it is, in a sentence: "the picture", "the custom emoticon".
    pub fn called(&self) -> &'static str {
        match self.kind {
            DISPLAY_PICTURE => "picture",
            _ => self.kind_name().unwrap_or("object"),
        }
    }

    /// Its friendly name, decoded; `None` where it is not base64 of UTF-16.
    pub fn friendly_name(&self) -> Option<String> {
        let bytes = BASE64.decode(&self.friendly).ok()?;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
            .collect();
        let text = String::from_utf16(&units).ok()?;
        Some(text.trim_end_matches('\0').to_owned())
    }
}

fn sha1(data: &[u8]) -> String {
    BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = "<msnobj Creator=\"buddy1@hotmail.com\" Size=\"24539\" Type=\"3\" Location=\"TFR2C.tmp\" Friendly=\"AAA=\" SHA1D=\"trC8SlFx2sWQxZMIBAWSEnXc8oQ=\" SHA1C=\"U32o6bosZzluJq82eAtMpx5dIEI=\"/>";

    #[test]
    fn a_published_object_is_read_written_and_hashed() {
        let object = MsnObject::read(PUBLISHED).expect("an object");
        assert_eq!(object.field_hash(), object.sha1c);
        assert_eq!(object.to_xml(), PUBLISHED);
        assert_eq!(object.kind_name(), Some("display picture"));
        assert_eq!(object.friendly_name().as_deref(), Some(""));
    }

    #[test]
    fn the_articles_empty_object_is_one() {
        assert_eq!(MsnObject::read("<msnobj/>"), Ok(MsnObject::default()));
    }

    #[test]
    fn a_picture_reads_back_and_its_hashes_are_right() {
        let picture = MsnObject::picture("a&b@local", "x<y>.png", b"abc");
        // printf abc | openssl sha1 -binary | base64
        assert_eq!(picture.sha1d, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
        assert_eq!(MsnObject::read(&picture.to_xml()), Ok(picture));
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for bad in [
            "",
            "<msnobj>",
            "<other/>",
            "<msnobj/><msnobj/>",
            "<msnobj Size=\"x\"/>",
            "<msnobj Type=\"-1\"/>",
            "<!DOCTYPE a><msnobj/>",
            "text",
        ] {
            assert!(MsnObject::read(bad).is_err(), "{bad:?}");
        }
    }
}
