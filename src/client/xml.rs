//! XML of services, read leaf by leaf.

use quick_xml::Reader;
use quick_xml::events::Event;

/// How deep elements may nest; real answers stay below 15.
const MAX_DEPTH: usize = 64;

/// Calls `leaf` at the end of each element with the local names down to it and its own text.
pub(super) fn walk(text: &str, mut leaf: impl FnMut(&[&str], &str)) -> Result<(), String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<(String, String)> = Vec::new();
    let mut seen_root = false;
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err(format!("its elements nest deeper than {MAX_DEPTH}"));
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
                let resolved = match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(name)
                        .ok_or_else(|| format!("unknown entity &{name};"))?
                        .to_owned(),
                };
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(&resolved);
                }
            }
            Event::DocType(_) => return Err("a document type is not taken".to_owned()),
            Event::Eof if open.is_empty() && seen_root => return Ok(()),
            Event::Eof => return Err("it ends too early".to_owned()),
            _ => {}
        }
    }
}
