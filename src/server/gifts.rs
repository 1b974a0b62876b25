//! Emoticons, winks and ink of contacts, out of files.

use super::given::Later;
use super::hub::Hub;
use super::named;
use super::peer::{MOST_PICTURE, Thing};
use super::switchboard::{Deed, Gift, Switchboard};
use super::talk::{Done, MAX_WORDS, does};
use crate::control::{Talk, Target};
use crate::event::{ClientId, ReplyData};
use crate::msnp::capability::BITS;
use crate::msnp::object::{EMOTICON, MsnObject, WINK};
use crate::msnp::{extras, message};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest shortcut of an emoticon, in bytes.
pub const MAX_SHORTCUT: usize = 50;
/// The largest file of ink, in bytes: it goes in the messages themselves.
pub const MAX_INK: u64 = 64 * 1024;

const GIF: &[u8] = b"GIF8";
const PICTURES: &[&[u8]] = &[GIF, b"\x89PNG\r\n", b"\xff\xd8\xff"];
/// Ink Serialized Format begins with its version.
const ISF: &[u8] = b"\0";

/// What is made of a file, for one contact.
type Make = fn(&str, &Told<'_>) -> Result<Gift, String>;

/// What was told, and the file that it names.
struct Told<'a> {
    shortcut: &'a str,
    words: Option<&'a str>,
    /// The name of the file.
    name: &'a str,
    bytes: Vec<u8>,
}

/// Whether a contact needs a file for it.
pub fn needs(what: &Talk) -> bool {
    file(what).is_some()
}

fn file(what: &Talk) -> Option<(&str, u64, Make, Done)> {
    match what {
        Talk::Emoticon { file, .. } => {
            Some((file, MOST_PICTURE, emoticon, ("shows the emoticon", " to")))
        }
        Talk::Wink(file) => Some((file, MOST_PICTURE, wink, ("winks", " at"))),
        Talk::Ink(file) => Some((file, MAX_INK, ink, ("writes by hand", " to"))),
        _ => None,
    }
}

/// Has a contact send what is in a file to clients.
pub fn give(
    hub: Arc<Hub>,
    switchboard: Arc<Switchboard>,
    contact: String,
    to: Target,
    what: Talk,
) -> Later {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(move || {
            now(&hub, &switchboard, &contact, &to, &what).map(|text| (text, ReplyData::None))
        });
        done.await.unwrap_or_else(|error| Err(error.to_string()))
    })
}

fn now(
    hub: &Hub,
    switchboard: &Arc<Switchboard>,
    contact: &str,
    to: &Target,
    what: &Talk,
) -> Result<String, String> {
    let (file, most, make, done) = file(what).ok_or("that needs no file")?;
    let contact = named::contact(hub, contact)?;
    let path = PathBuf::from(file);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (shortcut, words) = match what {
        Talk::Emoticon {
            shortcut, words, ..
        } => (shortcut.as_str(), words.as_deref()),
        _ => ("", None),
    };
    let told = Told {
        shortcut,
        words,
        name: &name,
        bytes: read(&path, most)?,
    };
    let gift = Arc::new(make(&contact.account, &told)?);
    let mut texts = Vec::new();
    for (info, _) in named::signed_in(hub, to)? {
        let client = info.id;
        let deed = Deed::Gift(gift.clone());
        let mut text = does(switchboard, &contact, client, deed, done)?;
        if let Some(missing) = missing(hub, client, what, &gift) {
            text += &format!("; its capabilities do not say that it takes {missing}");
        }
        texts.push(text);
    }
    Ok(texts.join("; "))
}

/// The capability that a client must have to take this, and has not.
fn missing(hub: &Hub, client: ClientId, what: &Talk, gift: &Gift) -> Option<&'static str> {
    let bit = match what {
        Talk::Wink(_) => 0x8000,
        Talk::Ink(_)
            if gift
                .payloads
                .iter()
                .any(|payload| payload.contains("image/gif")) =>
        {
            0x4
        }
        Talk::Ink(_) => 0x8,
        _ => return None,
    };
    let (info, _) = hub.client(client)?;
    let said = info.capabilities.unwrap_or_default();
    let number = said
        .split(':')
        .next()
        .and_then(|number| number.parse().ok());
    let has = number.unwrap_or(0_u32) & bit != 0;
    let named = BITS.iter().find(|row| row.0 == bit).map(|row| row.1);
    named.filter(|_| !has)
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    // A pipe could be waited for without end.
    let is_file = path.metadata().map_err(wrong)?.is_file();
    if !is_file {
        return Err(format!("{} is no file", path.display()));
    }
    let file = std::fs::File::open(path).map_err(wrong)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(wrong)?;
    match bytes.len() as u64 {
        0 => Err(format!("{} is empty", path.display())),
        long if long > most => Err(format!("{} has more than {most} bytes", path.display())),
        _ => Ok(bytes),
    }
}

fn emoticon(account: &str, told: &Told<'_>) -> Result<Gift, String> {
    let Told {
        shortcut,
        words,
        name,
        bytes,
    } = told;
    if !PICTURES.iter().any(|begins| bytes.starts_with(begins)) {
        return Err(format!("{name} is no PNG, GIF or JPEG"));
    }
    if shortcut.len() > MAX_SHORTCUT || shortcut.chars().any(char::is_control) {
        return Err(format!(
            "a shortcut has at most {MAX_SHORTCUT} bytes, and no control characters"
        ));
    }
    let words = words.unwrap_or(shortcut);
    if !words.contains(shortcut) {
        return Err(format!(
            "the text does not have {shortcut} in it: no emoticon would be seen"
        ));
    }
    if words.len() > MAX_WORDS {
        return Err(format!("a message has at most {MAX_WORDS} bytes"));
    }
    let thing = thing(EMOTICON, account, (name, ""), bytes);
    let shown = extras::emoticon(shortcut, &thing.object.to_xml(), bytes.starts_with(GIF));
    Ok(Gift {
        payloads: vec![shown, message::text(words)],
        thing: Some(thing),
    })
}

fn wink(account: &str, told: &Told<'_>) -> Result<Gift, String> {
    let stem = told.name.split('.').next().unwrap_or_default();
    let thing = thing(WINK, account, (told.name, stem), &told.bytes);
    Ok(Gift {
        payloads: long(&extras::wink(&thing.object.to_xml())),
        thing: Some(thing),
    })
}

fn ink(_: &str, told: &Told<'_>) -> Result<Gift, String> {
    let is_gif = told.bytes.starts_with(GIF);
    if !is_gif && !told.bytes.starts_with(ISF) {
        return Err(format!("{} is no GIF, and no ink (ISF)", told.name));
    }
    Ok(Gift {
        payloads: long(&extras::ink(&told.bytes, is_gif)),
        thing: None,
    })
}

fn thing(kind: u32, account: &str, names: (&str, &str), bytes: &[u8]) -> Arc<Thing> {
    Arc::new(Thing {
        object: MsnObject::of(kind, account, names, bytes),
        bytes: bytes.to_vec().into(),
    })
}

fn long(payload: &str) -> Vec<String> {
    let id = uuid::Uuid::new_v4().braced().to_string().to_uppercase();
    extras::pieces(payload, &id)
}
