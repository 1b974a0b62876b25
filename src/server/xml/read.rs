//! A small reader of XML documents that may be hostile: no document type, no entities but the five,
//! bounds on depth and on the number of elements.

use crate::event::{Sentence, ours, say};
use crate::server::http::message::Request;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The deepest nesting that is accepted.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most elements that are accepted.
pub(crate) const MAX_ELEMENTS: usize = 20_000;
/// The most attributes of one element that are accepted: each is compared with all before it.
pub(crate) const MAX_ATTRIBUTES: usize = 64;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Node {
    /// Its name without prefix.
    pub name: String,
    /// Its own `xmlns`, if it has one.
    pub namespace: Option<String>,
    /// Its other attributes, by name without prefix, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// Its own text, all pieces together.
    pub text: String,
    /// Its children, in order.
    pub children: Vec<Node>,
}

/// Why a document is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it is empty")]
    Empty,
    #[error("it ends too early")]
    Cut,
    #[error("it is deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("it has more than {MAX_ELEMENTS} elements")]
    TooMany,
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error("it has a document type, which SOAP forbids")]
    DocumentType,
    #[error("it has an entity that is none of the five of XML")]
    Entity,
    #[error("it has something beside its root element")]
    Beside,
    #[error("it is not well-formed: an & in it is not written &amp;, so a text was not escaped")]
    Ampersand,
    /// The reader's own words would quote the document, passwords too.
    #[error("it is not well-formed at byte {0} or before")]
    Malformed(u64),
}

impl XmlError {
    /// The same, with what the request says of it.
    pub(crate) fn of(&self, request: &Request) -> Sentence {
        let length = request.header("content-length");
        match (self, length) {
            (XmlError::Cut, Some(length)) => {
                let wide = match request.body.is_ascii() {
                    true => "",
                    false => {
                        ". It has characters of more than one byte: Content-Length is that of the bytes, and not of the characters"
                    }
                };
                say!(
                    "{}, where its Content-Length of {length} bytes ends{}",
                    ours(self),
                    ours(wide)
                )
            }
            (XmlError::Empty, None) if !request.headers.contains_key("transfer-encoding") => {
                say!("{}, as the request has no Content-Length", ours(self))
            }
            (XmlError::NotUtf8, _) => match charset(&request.body) {
                Some(charset) => {
                    say!("{}, and says of itself that it is {charset}", ours(self))
                }
                None => say!("{}", ours(self)),
            },
            _ => say!("{}", ours(self)),
        }
    }
}

/// The charset that a document declares.
fn charset(document: &[u8]) -> Option<String> {
    let begin = String::from_utf8_lossy(&document[..document.len().min(100)]).into_owned();
    let (_, rest) = begin.split_once("encoding=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let name = rest.split(quote).nth(1)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

/// Whether a text has an `&` that begins no reference.
fn has_bare_ampersand(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        let begins = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#');
        let name = begins.count();
        name == 0 || rest.as_bytes().get(name) != Some(&b';')
    })
}

impl Node {
    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element that this path of names leads to.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text of the element at this path, without white space around it; `None` if there is none.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        let text = self.at(path)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The value of the attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let held = self.attributes.iter().find(|(held, _)| held == name);
        held.map(|(_, value)| value.as_str())
    }

    /// The first element of this name at any depth.
    pub(crate) fn any(&self, name: &str) -> Option<&Node> {
        self.children
            .iter()
            .find_map(|child| match child.name == name {
                true => Some(child),
                false => child.any(name),
            })
    }
}

/// Reads a document.
///
/// # Errors
/// [`XmlError`].
pub(crate) fn read(document: &[u8]) -> Result<Node, XmlError> {
    let text = std::str::from_utf8(document).map_err(|_| XmlError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    read_text(text).map_err(|error| match error {
        XmlError::Malformed(_) if has_bare_ampersand(text) => XmlError::Ampersand,
        error => error,
    })
}

fn read_text(text: &str) -> Result<Node, XmlError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Node> = Vec::new();
    let mut root: Option<Node> = None;
    let mut elements = 0usize;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(quick_xml::Error::Syntax(_)) => return Err(XmlError::Cut),
            Err(_) => return Err(XmlError::Malformed(reader.error_position())),
        };
        let at = reader.buffer_position();
        match event {
            Event::Start(start) => {
                elements += 1;
                if root.is_some() {
                    return Err(XmlError::Beside);
                }
                if elements > MAX_ELEMENTS {
                    return Err(XmlError::TooMany);
                }
                if open.len() >= MAX_DEPTH {
                    return Err(XmlError::TooDeep);
                }
                open.push(node(&start, at)?);
            }
            Event::End(_) => {
                let Some(node) = open.pop() else {
                    return Err(XmlError::Beside);
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => root = Some(node),
                }
            }
            Event::Text(piece) => add(&mut open, &piece)?,
            Event::CData(piece) => add(&mut open, &piece)?,
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                match reference
                    .resolve_char_ref()
                    .map_err(|_| XmlError::Malformed(at))?
                {
                    Some(c) => add(&mut open, c.encode_utf8(&mut [0; 4]))?,
                    None => add(
                        &mut open,
                        quick_xml::escape::resolve_predefined_entity(name)
                            .ok_or(XmlError::Entity)?,
                    )?,
                }
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof if !open.is_empty() => return Err(XmlError::Cut),
            Event::Eof => return root.ok_or(XmlError::Empty),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
}

fn node(start: &BytesStart<'_>, at: u64) -> Result<Node, XmlError> {
    let name = start.name();
    // quick-xml takes any name, so that `&` could stand in one.
    let strange = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-.:".contains(c);
    if name.as_ref().is_empty() || name.as_ref().contains(strange) {
        return Err(XmlError::Malformed(at));
    }
    let mut node = Node {
        name: start.local_name().as_ref().to_owned(),
        ..Node::default()
    };
    for (number, attribute) in start.attributes().enumerate() {
        if number == MAX_ATTRIBUTES {
            return Err(XmlError::TooManyAttributes);
        }
        let attribute = attribute.map_err(|_| XmlError::Malformed(at))?;
        if attribute.key.as_ref() == "xmlns" {
            node.namespace = Some(attribute.value.to_string());
        } else if attribute
            .key
            .prefix()
            .is_none_or(|prefix| prefix.as_ref() != "xmlns")
        {
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|_| XmlError::Malformed(at))?;
            let name = attribute.key.local_name().as_ref().to_owned();
            node.attributes.push((name, value.into_owned()));
        }
    }
    Ok(node)
}

fn add(open: &mut [Node], piece: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(node) => node.text.push_str(piece),
        None if piece.trim().is_empty() => {}
        None => return Err(XmlError::Beside),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_its_elements() {
        let root = read(
            "\u{feff}<?xml version=\"1.0\"?><s:a xmlns='x'><!-- c --><b>1 &lt; <![CDATA[<2>]]>&#x33;</b><c/></s:a>"
                .as_bytes(),
        )
        .expect("a document");
        assert_eq!(
            (root.name.as_str(), root.namespace.as_deref()),
            ("a", Some("x"))
        );
        assert_eq!(root.text_at(&["b"]), Some("1 < <2>3"));
        assert_eq!(root.text_at(&["c"]), None);
        assert!(root.at(&["c"]).is_some());
    }

    #[test]
    fn hostile_documents_are_refused_by_name() {
        let deep = "<a>".repeat(10_000);
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        // In half a million of them each would be compared with all before it.
        let attributes: String = (0..500_000).map(|n| format!(" a{n}=''")).collect();
        let attributes = format!("<a{attributes}/>");
        for (document, wanted) in [
            ("", XmlError::Empty),
            (" ", XmlError::Empty),
            ("<a><b></b>", XmlError::Cut),
            ("<a><b", XmlError::Cut),
            ("<a><![CDATA[x", XmlError::Cut),
            (deep.as_str(), XmlError::TooDeep),
            (many.as_str(), XmlError::TooMany),
            (attributes.as_str(), XmlError::TooManyAttributes),
            (
                "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
                XmlError::DocumentType,
            ),
            ("<a>&b;</a>", XmlError::Entity),
            ("<a>salt&pepper</a>", XmlError::Ampersand),
            ("<a>1 & 2</a>", XmlError::Ampersand),
            ("<a/><b/>", XmlError::Beside),
            ("<a/>text", XmlError::Beside),
            ("hello", XmlError::Beside),
        ] {
            assert_eq!(read(document.as_bytes()), Err(wanted), "{:.40}", document);
        }
        assert_eq!(read(b"<a>\xff</a>"), Err(XmlError::NotUtf8));
        for bad in [
            "<a&b;/>",
            "<a></b>",
            "</a>",
            "<a b=c/>",
            "<a b='1' b='2'/>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_charset_that_a_document_declares_is_quoted_where_it_is_a_name() {
        let declared = |text: &str| charset(text.as_bytes());
        let wanted = Some("ISO-8859-1".to_owned());
        assert_eq!(
            declared("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
            wanted
        );
        assert_eq!(declared("<?xml version=\"1.0\"?><a/>"), None);
        assert_eq!(declared("<?xml encoding=\"pass word\"?>"), None);
        assert_eq!(declared("<?xml encoding="), None);
        assert_eq!(declared("<?xml encoding=é"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_tangle_of_markup_is_read_without_panic(
            pieces in proptest::collection::vec("(<[ab/!?]{0,3}|>|&[a-z#;0-9]{0,5}|<!\\[CDATA\\[|\\]\\]>|[ab='\"]{0,3}|<a>|</a>)", 0..60)
        ) {
            let _ = read(pieces.concat().as_bytes());
        }
    }
}
