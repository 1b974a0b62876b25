//! Holds a document against `schema.txt`, as a client that was generated from the service's WSDL would read it: each
//! element where it belongs, as often as it may stand there, with a text of its type.

use crate::server::xml::read::Node;
use std::collections::HashMap;

/// An element within another.
struct Element {
    name: &'static str,
    kind: &'static str,
    least: usize,
    most: usize,
}

/// What a type is.
enum Type {
    Elements {
        base: Option<&'static str>,
        elements: Vec<Element>,
    },
    Words(Vec<&'static str>),
}

/// The schema.
pub(super) struct Schema(HashMap<&'static str, Type>);

impl Schema {
    /// Of `schema.txt`.
    pub(super) fn read() -> Self {
        let mut types = HashMap::new();
        let mut open = None;
        let lines = include_str!("schema.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["type", name, ref of @ ..] => {
                    let base = (!of.is_empty()).then(|| of[1]);
                    let elements = Vec::new();
                    assert!(
                        types
                            .insert(name, Type::Elements { base, elements })
                            .is_none()
                    );
                    open = Some(name);
                }
                ["enum", name, ref words @ ..] => {
                    types.insert(name, Type::Words(words.to_vec()));
                }
                [name, kind] => {
                    let bare = name.trim_end_matches(['?', '*', '+']);
                    let (least, most) = match &name[bare.len()..] {
                        "" => (1, 1),
                        "?" => (0, 1),
                        "*" => (0, usize::MAX),
                        _ => (1, usize::MAX),
                    };
                    let open = open.and_then(|open| types.get_mut(open));
                    let Some(Type::Elements { elements, .. }) = open else {
                        panic!("{line}: of no type");
                    };
                    elements.push(Element {
                        name: bare,
                        kind,
                        least,
                        most,
                    });
                }
                _ => panic!("{line}"),
            }
        }
        Self(types)
    }

    /// Why this is no document of the schema, with the place.
    pub(super) fn check(&self, root: &Node) -> Result<(), String> {
        self.node(root, "Envelope", "")
    }

    fn node(&self, node: &Node, kind: &str, place: &str) -> Result<(), String> {
        let place = format!("{place}/{}", node.name);
        // Which of the members it is, the element says itself.
        let kind = node.attribute("type").unwrap_or(kind);
        match self.0.get(kind) {
            Some(Type::Elements { .. }) => {
                let mut wanted = Vec::new();
                self.elements(kind, &mut wanted);
                self.children(node, &wanted, &place)
            }
            Some(Type::Words(words)) => says(words.contains(&node.text.as_str()), node, &place),
            None => says(simple(kind, &node.text), node, &place),
        }
    }

    fn elements<'a>(&'a self, kind: &str, all: &mut Vec<&'a Element>) {
        if let Some(Type::Elements { base, elements }) = self.0.get(kind) {
            if let Some(base) = base {
                self.elements(base, all);
            }
            all.extend(elements);
        }
    }

    fn children(&self, node: &Node, wanted: &[&Element], place: &str) -> Result<(), String> {
        let mut children = node.children.iter().peekable();
        for element in wanted {
            let mut count = 0;
            while count < element.most
                && let Some(child) = children.next_if(|child| child.name == element.name)
            {
                self.node(child, element.kind, place)?;
                count += 1;
            }
            if count < element.least {
                return Err(format!("{place}: {} is missing", element.name));
            }
        }
        match children.next() {
            Some(child) => Err(format!("{place}: {} does not belong there", child.name)),
            None if !node.text.trim().is_empty() => Err(format!("{place}: text")),
            None => Ok(()),
        }
    }
}

fn says(fine: bool, node: &Node, place: &str) -> Result<(), String> {
    match fine && node.children.is_empty() {
        true => Ok(()),
        false => Err(format!("{place}: {:?}", node.text)),
    }
}

/// Whether a text is of a simple type.
fn simple(kind: &str, text: &str) -> bool {
    match kind {
        "string" => true,
        "boolean" => matches!(text, "true" | "false" | "0" | "1"),
        "integer" => text.parse::<i64>().is_ok(),
        "positiveInt" => text.parse::<i32>().is_ok_and(|number| number > 0),
        "guid" => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        "dateTime" => {
            let shape: String = text
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            let rest = shape.strip_prefix("0000-00-00T00:00:00");
            matches!(rest, Some("" | ".0000000Z" | ".0000000-00:00"))
        }
        _ => panic!("{kind} is no type"),
    }
}
