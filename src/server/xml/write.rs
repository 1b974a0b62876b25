//! A small writer of XML: elements within elements, all text escaped.

use bytes::Bytes;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;

/// A document that is being written. Writing is to memory, which does not fail.
pub(crate) struct Xml {
    /// What is written before the bytes that are shared, and those.
    done: Vec<Bytes>,
    writer: Writer<Vec<u8>>,
}

impl Xml {
    /// A document with its declaration.
    pub(crate) fn new() -> Self {
        let mut part = Self::part();
        part.writer
            .get_mut()
            .extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        part
    }

    /// Elements that are to stand in a document.
    pub(crate) fn part() -> Self {
        Self {
            done: Vec::new(),
            writer: Writer::new(Vec::new()),
        }
    }

    /// The document.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        if self.done.is_empty() {
            return self.writer.into_inner();
        }
        self.into_pieces().concat()
    }

    /// The document, with what is shared as it is.
    pub(crate) fn into_pieces(mut self) -> Vec<Bytes> {
        self.done.push(self.writer.into_inner().into());
        self.done
    }

    /// Elements that were written before, as a part.
    pub(crate) fn shared(&mut self, part: Bytes) {
        let before = std::mem::take(self.writer.get_mut());
        self.done.extend([before.into(), part]);
    }

    /// An element with what is written into it.
    pub(crate) fn within<T>(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.within_with(name, &[], inside)
    }

    /// The same, with attributes.
    pub(crate) fn within_with<T>(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        let _ = self.writer.write_event(Event::Start(start));
        let result = inside(self);
        let _ = self.writer.write_event(Event::End(BytesEnd::new(name)));
        result
    }

    /// An element with text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// The same, with attributes.
    pub(crate) fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        if text.is_empty() {
            let _ = self.writer.write_event(Event::Empty(start));
            return;
        }
        let text = writable(text);
        let _ = self.writer.write_event(Event::Start(start));
        let _ = self.writer.write_event(Event::Text(BytesText::new(&text)));
        let _ = self.writer.write_event(Event::End(BytesEnd::new(name)));
    }

    /// Elements with text, in order.
    pub(crate) fn leaves(&mut self, leaves: &[(&str, &str)]) {
        for (name, text) in leaves {
            self.leaf(name, text);
        }
    }

    /// An element that is empty.
    pub(crate) fn empty(&mut self, name: &str) {
        self.leaf(name, "");
    }
}

/// The text with U+FFFD for what XML 1.0 has no way to write.
fn writable(text: &str) -> Cow<'_, str> {
    let bad = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    match text.contains(bad) {
        true => text.replace(bad, "\u{fffd}").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::xml::read::read;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut xml = Xml::new();
        xml.within_with("a", &[("b", "<\"&")], |xml| xml.leaf("c", "<&>\u{1}"));
        assert_eq!(
            String::from_utf8(xml.into_bytes()).expect("text"),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><a b=\"&lt;&quot;&amp;\"><c>&lt;&amp;&gt;\u{fffd}</c></a>"
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[^\u{0}-\u{1f}\u{fffe}\u{ffff}]*") {
            let mut xml = Xml::new();
            xml.leaf("a", &text);
            let root = read(&xml.into_bytes());
            proptest::prop_assert_eq!(root.map(|root| root.text), Ok(text));
        }

        #[test]
        fn any_text_makes_a_document(text: String) {
            let mut xml = Xml::new();
            xml.leaf("a", &text);
            proptest::prop_assert!(read(&xml.into_bytes()).is_ok());
        }
    }
}
