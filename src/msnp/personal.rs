//! Personal messages: the `<Data>` of UBX and UUX, and the other two roots that UUX carries.

use super::Status;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

/// A personal message and what the user is listening to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Personal {
    /// `PSM`: the text under the friendly name.
    pub message: String,
    /// `CurrentMedia`: the literal `\0Music\01\0{0} - {1}\0title\0artist\0album\0\0`, or empty.
    pub media: String,
}

impl Personal {
    /// The payload of UBX, in exactly the article's form.
    pub fn to_xml(&self) -> String {
        format!(
            "<Data><PSM>{}</PSM><CurrentMedia>{}</CurrentMedia></Data>",
            escape(self.message.as_str()),
            escape(self.media.as_str())
        )
    }
}

/// One place at which an account is signed in: an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its machine GUID, as the client gave it.
    pub id: &'a str,
    /// Its name, `EpName`.
    pub name: &'a str,
    /// Its capabilities, as the client gave them.
    pub capabilities: &'a str,
    /// Its status.
    pub status: Status,
}

impl Personal {
    /// The payload of a UBX about the user's own account. It names every place at which the account is signed in (MSNP16 and
    /// above).
    pub fn with_places<'a>(&self, places: impl Iterator<Item = Place<'a>>) -> String {
        let mut xml = self.to_xml();
        xml.truncate(xml.len() - "</Data>".len());
        for place in places {
            let (id, name) = (escape(place.id), escape(place.name));
            let (capabilities, state) = (escape(place.capabilities), place.status.code());
            xml.push_str(&format!(
                "<EndpointData id=\"{id}\"><Capabilities>{capabilities}</Capabilities></EndpointData>\
                 <PrivateEndpointData id=\"{id}\"><EpName>{name}</EpName><Idle>false</Idle>\
                 <ClientType>1</ClientType><State>{state}</State></PrivateEndpointData>"
            ));
        }
        xml.push_str("</Data>");
        xml
    }
}

/// What a UUX payload says, by its root element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UuxPayload {
    /// `<Data>`: personal message and media.
    Data(Personal),
    /// `<EndpointData>`: the endpoint's capabilities (MSNP16 and above).
    Endpoint {
        /// As written, such as `1085276192:131088`.
        capabilities: String,
    },
    /// `<PrivateEndpointData>`: the endpoint's name, for the user's own eyes (MSNP16 and above).
    PrivateEndpoint {
        /// `EpName`: the computer's name.
        name: String,
        /// `ClientType`: 1 on a desktop.
        client_type: String,
    },
    /// An empty payload, which takes the personal message away.
    Empty,
}

/// Why a UUX payload was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UuxError {
    /// The payload is not XML, or is cut off.
    #[error("payload is not well-formed XML: {0}")]
    Xml(String),
    /// The same, in words of our own.
    #[error("payload is not well-formed XML: {0}")]
    Fault(&'static str),
    /// A root that nudge does not know.
    #[error("unknown root element {0:?}: Data, EndpointData or PrivateEndpointData")]
    Root(String),
}

impl UuxError {
    /// What its text quotes.
    pub fn quoted(&self) -> Vec<String> {
        match self {
            UuxError::Xml(text) => vec![text.clone()],
            UuxError::Fault(_) => Vec::new(),
            UuxError::Root(name) => vec![format!("{name:?}")],
        }
    }
}

/// Reads a UUX payload. Unknown elements are passed over, as the real service did.
///
/// # Errors
/// [`UuxError`] when it is not XML or has another root.
pub fn read_uux(payload: &[u8]) -> Result<UuxPayload, UuxError> {
    if payload.is_empty() {
        return Ok(UuxPayload::Empty);
    }
    let text = std::str::from_utf8(payload).map_err(|e| UuxError::Xml(e.to_string()))?;
    let leaves = leaves(text)?;
    let find = |name: &str| {
        leaves
            .children
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    };
    match leaves.root.as_str() {
        "Data" => Ok(UuxPayload::Data(Personal {
            message: find("PSM"),
            media: find("CurrentMedia"),
        })),
        "EndpointData" => Ok(UuxPayload::Endpoint {
            capabilities: find("Capabilities"),
        }),
        "PrivateEndpointData" => Ok(UuxPayload::PrivateEndpoint {
            name: find("EpName"),
            client_type: find("ClientType"),
        }),
        other => Err(UuxError::Root(other.to_owned())),
    }
}

/// A root and the text of each of its children.
struct Leaves {
    root: String,
    children: Vec<(String, String)>,
}

fn leaves(text: &str) -> Result<Leaves, UuxError> {
    let xml = |e: &dyn std::fmt::Display| UuxError::Xml(e.to_string());
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut leaves = Leaves {
        root: String::new(),
        children: Vec::new(),
    };
    let mut depth = 0usize;
    loop {
        match reader.read_event().map_err(|e| xml(&e))? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                match depth {
                    0 if !leaves.root.is_empty() => return Err(UuxError::Fault("two roots")),
                    0 => leaves.root = name,
                    1 => leaves.children.push((name, String::new())),
                    _ => {}
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(piece) if depth == 2 => {
                if let Some(last) = leaves.children.last_mut() {
                    last.1.push_str(&piece);
                }
            }
            Event::GeneralRef(reference) if depth == 2 => {
                let resolved = match reference.resolve_char_ref().map_err(|e| xml(&e))? {
                    Some(c) => c.to_string(),
                    None => {
                        let name: &str = &reference;
                        quick_xml::escape::resolve_predefined_entity(name)
                            .ok_or_else(|| UuxError::Xml(format!("unknown entity &{name};")))?
                            .to_owned()
                    }
                };
                if let Some(last) = leaves.children.last_mut() {
                    last.1.push_str(&resolved);
                }
            }
            Event::DocType(_) => return Err(UuxError::Fault("a document type is not taken")),
            Event::Eof if depth == 0 && !leaves.root.is_empty() => return Ok(leaves),
            Event::Eof => return Err(UuxError::Fault("it ends too early")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_three_payloads() {
        assert_eq!(
            read_uux(b"<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>"),
            Ok(UuxPayload::Data(Personal::default()))
        );
        assert_eq!(
            read_uux(
                b"<EndpointData><Capabilities>1085276192:131088</Capabilities></EndpointData>"
            ),
            Ok(UuxPayload::Endpoint {
                capabilities: "1085276192:131088".into()
            })
        );
        assert_eq!(
            read_uux(
                b"<PrivateEndpointData><EpName>Rhodes</EpName><ClientType>1</ClientType></PrivateEndpointData>"
            ),
            Ok(UuxPayload::PrivateEndpoint {
                name: "Rhodes".into(),
                client_type: "1".into()
            })
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        let personal = Personal {
            message: "a < b & \"c\"".into(),
            media: r"\0Music\01\0{0} - {1}\0T\0A\0\0\0".into(),
        };
        assert_eq!(
            read_uux(personal.to_xml().as_bytes()),
            Ok(UuxPayload::Data(personal))
        );
    }

    #[test]
    fn bad_payloads_are_named() {
        for bad in [
            &b"<Data><PSM>"[..],
            b"hello",
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><Data/>",
            b"<Data><PSM>&b;</PSM></Data>",
            b"\xff",
            b"<Data></Psm>",
        ] {
            let error = read_uux(bad);
            let is_xml = matches!(error, Err(UuxError::Xml(_) | UuxError::Fault(_)));
            assert!(is_xml, "{bad:?}");
        }
        assert_eq!(read_uux(b"<Other/>"), Err(UuxError::Root("Other".into())));
    }
}
