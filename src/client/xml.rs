//! XML of services, read leaf by leaf.

use quick_xml::Reader;
use quick_xml::events::Event;

/// How deep elements may nest; real answers stay below 15.
const MAX_DEPTH: usize = 64;

/// Why a text is no XML that a service sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// It is not XML. This is what the reader says.
    #[error("{0}")]
    Syntax(String),
    /// Elements within elements, too many.
    #[error("its elements nest deeper than {MAX_DEPTH}")]
    Deep,
    /// An entity that XML does not have by itself.
    #[error("unknown entity &{0};")]
    Entity(String),
    /// A document type.
    #[error("a document type is not taken")]
    DocumentType,
    /// Elements are open at its end.
    #[error("it ends too early")]
    Early,
}

/// Calls `leaf` at the end of each element with the local names down to it and its own text.
pub(super) fn walk(text: &str, mut leaf: impl FnMut(&[&str], &str)) -> Result<(), XmlError> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<(String, String)> = Vec::new();
    let mut seen_root = false;
    loop {
        match reader
            .read_event()
            .map_err(|e| XmlError::Syntax(e.to_string()))?
        {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err(XmlError::Deep);
                }
                seen_root = true;
                open.push((start.local_name().as_ref().to_owned(), String::new()));
            }
            Event::End(_) => {
                let path: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
                leaf(&path, open.last().map_or("", |(_, text)| text));
                open.pop();
            }
            Event::Text(piece) => {
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(&piece);
                }
            }
            Event::CData(piece) => {
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(&piece);
                }
            }
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let resolved = match reference
                    .resolve_char_ref()
                    .map_err(|e| XmlError::Syntax(e.to_string()))?
                {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(name)
                        .ok_or_else(|| XmlError::Entity(name.to_owned()))?
                        .to_owned(),
                };
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(&resolved);
                }
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof if open.is_empty() && seen_root => return Ok(()),
            Event::Eof => return Err(XmlError::Early),
            _ => {}
        }
    }
}
