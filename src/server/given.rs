//! What clients give, saved where the operator says, and only then. A command that asks for it is answered when it is
//! there, or when it cannot come any more.

use super::hub::Hub;
use super::peer::Told;
use super::switchboard::{Offered, Switchboard, Waiter};
use crate::event::{ClientId, ReplyData};
use crate::msnp::extras;
use crate::msnp::object::{DISPLAY_PICTURE, Written};
use crate::msnp::p2p::offer::Offer;
use bytes::Bytes;
use std::fs::OpenOptions;
use std::future::Future;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The outcome of a command: a sentence, and what it gives back.
pub type Given = Result<(String, ReplyData), String>;
/// What comes of it later.
pub type Later = Pin<Box<dyn Future<Output = Given> + Send>>;

/// What is made of the bytes that came.
type Reply = fn(ClientId, String, Bytes) -> ReplyData;

/// How long an object is waited for. A client that was rung has that long to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most names that are tried where no file was named: `cat.png`, `cat (2).png` and so on.
const MOST_TRIES: u32 = 1_000;

/// Takes the oldest file that a client offers.
///
/// # Errors
/// A sentence, and the offer waits on.
pub fn accept(
    switchboard: &Switchboard,
    client: ClientId,
    file: Option<String>,
) -> Result<Later, String> {
    let nothing = || format!("client {client} offers no file");
    let offered = switchboard.oldest_offer(client).ok_or_else(nothing)?;
    let path = place(file.as_deref(), &offered.offer.safe_name())?;
    let (waiter, mut heard) = Waiter::new();
    if !switchboard.answer_offer(&offered, Some(waiter)) {
        return Err(nothing());
    }
    Ok(Box::pin(async move {
        match heard.recv().await {
            Some(Told::File { bytes, .. }) => {
                let size = bytes.len();
                let path = save(path, bytes.into()).await?;
                Ok((
                    format!("saved {}, {size} bytes", path.display()),
                    ReplyData::None,
                ))
            }
            Some(told) => Err(format!("client {client} {told}; nothing was saved")),
            None => Err(format!(
                "the conversation with client {client} ended before the file was there; nothing was saved"
            )),
        }
    }))
}

/// Asks a client for its picture, and saves it where a file was named.
///
/// # Errors
/// A sentence.
pub fn picture(
    hub: &Hub,
    switchboard: &Arc<Switchboard>,
    client: ClientId,
    file: Option<String>,
) -> Result<Later, String> {
    let shown = hub.shown_by(client);
    let shown = shown.ok_or_else(|| format!("there is no client {client}"))?;
    let written = Written::read(&shown);
    let written = written.filter(|written| written.object.kind == DISPLAY_PICTURE);
    let written = written.ok_or_else(|| {
        format!("client {client} shows no picture: its last CHG has no msnobj of one")
    })?;
    let wanted = Wanted {
        written,
        name: String::new(),
        file: file.map(|file| (file, "picture.png".to_owned())),
        reply: |client, _, bytes| ReplyData::Picture(client, bytes),
    };
    ask(switchboard, client, wanted)
}

/// Asks a client for an emoticon or a wink that it has shown by this name, and saves it where a file was named.
///
/// # Errors
/// A sentence.
pub fn object(
    switchboard: &Arc<Switchboard>,
    client: ClientId,
    name: String,
    file: Option<String>,
) -> Result<Later, String> {
    let written = switchboard
        .shown(client, &name)
        .map_err(|names| match names.as_slice() {
            [] => format!("client {client} has shown no emoticon and no wink"),
            names => format!(
                "client {client} has not shown {name}; it has shown {}",
                names.join(", ")
            ),
        })?;
    let own = Offer {
        size: written.object.size,
        name: written.object.location.clone(),
    };
    let wanted = Wanted {
        written,
        name,
        file: file.map(|file| (file, own.safe_name())),
        reply: ReplyData::Object,
    };
    ask(switchboard, client, wanted)
}

/// What a client is asked for.
struct Wanted {
    written: Written,
    /// By what name it was shown, where it has one.
    name: String,
    /// The file or folder that was named, and the name that it has in a folder.
    file: Option<(String, String)>,
    reply: Reply,
}

fn ask(switchboard: &Arc<Switchboard>, client: ClientId, wanted: Wanted) -> Result<Later, String> {
    let Wanted {
        written,
        name,
        file,
        reply,
    } = wanted;
    let path = match &file {
        Some((file, own)) => Some(place(Some(file), own)?),
        None => None,
    };
    let what = written.object.called();
    let what = match name.as_str() {
        "" | extras::WINK | extras::VOICE => what.to_owned(),
        name => format!("{what} {name}"),
    };
    let (waiter, mut heard) = Waiter::new();
    let asked = switchboard.ask_for(client, written, waiter);
    asked.map_err(|trouble| trouble.to_string())?;
    Ok(Box::pin(async move {
        let Ok(told) = tokio::time::timeout(PATIENCE, heard.recv()).await else {
            return Err(format!(
                "client {client} has not given its {what} in a minute"
            ));
        };
        match told {
            Some(Told::Fetched {
                bytes,
                genuine: true,
                ..
            }) => {
                let bytes = Bytes::from(bytes);
                let mut text = format!("client {client} gives its {what}, {} bytes", bytes.len());
                if let Some(path) = path {
                    let path = save(path, bytes.clone()).await?;
                    text = format!("{text}; saved {}", path.display());
                }
                Ok((text, reply(client, name, bytes)))
            }
            Some(told) => Err(format!("client {client} {told}")),
            None => Err(format!(
                "client {client} did not come, or left, before its {what} was there"
            )),
        }
    }))
}

/// Refuses the oldest file that a client offers, and says so in a sentence.
///
/// # Errors
/// A sentence.
pub fn refuse(switchboard: &Switchboard, client: ClientId) -> Given {
    let offered = switchboard.oldest_offer(client);
    let offered = offered.filter(|offered| switchboard.answer_offer(offered, None));
    let Offered { offer, contact, .. } =
        offered.ok_or_else(|| format!("client {client} offers no file"))?;
    let text = format!("{contact} refuses {} of client {client}", offer.safe_name());
    Ok((text, ReplyData::None))
}

/// Where something is saved: in the file that was named, under its own name in the folder that was named, or under a name
/// that is free in the folder at hand.
fn place(named: Option<&str>, own: &str) -> Result<PathBuf, String> {
    let path = match named {
        None => free(own),
        Some(named) if Path::new(named).is_dir() => Path::new(named).join(own),
        Some(named) => PathBuf::from(named),
    };
    match path.symlink_metadata() {
        Ok(_) => Err(taken(&path)),
        Err(_) => Ok(path),
    }
}

fn taken(path: &Path) -> String {
    format!("{} is there already: name another file", path.display())
}

fn free(own: &str) -> PathBuf {
    let (stem, end) = own
        .rsplit_once('.')
        .map_or((own, String::new()), |(stem, end)| {
            (stem, format!(".{end}"))
        });
    let numbered = (2..MOST_TRIES).map(|number| PathBuf::from(format!("{stem} ({number}){end}")));
    let mut names = std::iter::once(PathBuf::from(own)).chain(numbered);
    let is_free = |path: &PathBuf| path.symlink_metadata().is_err();
    names.find(is_free).unwrap_or_else(|| PathBuf::from(own))
}

/// Writes a new file, and gives its path back.
async fn save(path: PathBuf, bytes: Bytes) -> Result<PathBuf, String> {
    let written = tokio::task::spawn_blocking(move || {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(&bytes))
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => taken(&path),
                _ => format!("{} cannot be written: {error}", path.display()),
            })?;
        Ok(path)
    });
    written.await.unwrap_or_else(|error| Err(error.to_string()))
}
