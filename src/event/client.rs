//! What is known of a client, and how far its sign-in has come.

use super::table::{Bad, Kept, Sink, Source, Texts, Told};
use super::{ClientId, Timestamp};
use crate::msnp::{Shape, Status};
use std::fmt::{self, Write as _};
use std::net::SocketAddr;

rows! {
    /// How far a client's sign-in has come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Step {
        /// A short name for people.
        pub fn name;
        /// What is expected next, in a few words.
        pub fn expects;
    }
    /// Connected; VER is due.
    Connected "connected" "VER";
    /// VER is answered; CVR is due.
    Version "VER" "CVR";
    /// CVR is answered; `USR … I` is due.
    ClientVersion "CVR" "USR … I";
    /// `USR … I` is answered; the client is at Passport, and `USR … S` is due.
    Authenticating "Passport" "a Passport sign-in over HTTPS, then USR … S with the ticket";
    /// `USR … OK` is sent; address book, ADL and CHG are due.
    SignedIn "signed in" "the address book, ADL, then CHG";
    /// The first CHG is answered: it sees its contacts.
    Online "online" "nothing";
    /// Closed.
    Gone "gone" "nothing";
}

/// Who has to make the next move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The client.
    Client,
    /// The service.
    Server,
    /// Nobody: the client is idle and pings.
    Nobody,
}

impl Step {
    /// Who owes the next move.
    pub fn turn(self) -> Turn {
        match self {
            Step::Online | Step::Gone => Turn::Nobody,
            _ => Turn::Client,
        }
    }
}

numbered!(Step name = Step::ALL);

fields! {
    /// A client.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ClientInfo as "client" {
        /// Its number.
        pub id "client": ClientId,
        /// The account it named in USR.
        pub account: Option<String>,
        /// What it says of itself in CVR.
        pub software: Option<Software>,
        /// Dialect and family, once agreed, such as `MSNP16/mac`.
        pub shape: Option<Shape>,
        /// Why it is answered in that shape.
        shown shape_reason: Option<&'static str> = reason(*shape, software.as_ref()),
        /// The address it came from.
        pub peer: SocketAddr,
        /// How far its sign-in has come.
        pub step: Step,
        /// When it came to that step, as `time`.
        pub since: Timestamp,
        /// What the service waits for.
        shown expects: &'static str = step.expects(),
        /// Its own status, once given, such as `busy`.
        pub status: Option<Status>,
        /// Its own friendly name.
        pub name: Option<String>,
        /// Its own personal message.
        pub personal_message: Option<String>,
        /// The media that it listens to, as it sent them.
        pub media: Option<String>,
        /// Its own capabilities, as it last sent them.
        pub capabilities: Option<String>,
        /// The name of its endpoint.
        pub endpoint: Option<String>,
        /// Its machine GUID.
        pub machine: Option<String>,
    }
}

/// Why a client is answered in its shape, once it has said what it is.
fn reason(shape: Option<Shape>, software: Option<&Software>) -> Option<&'static str> {
    let (shape, said) = shape.zip(software)?;
    Some(shape.reason(&said.system, &said.name, &said.version))
}

fields! {
    /// What a client says of itself.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Software as "software" {
        /// Such as `macmsgs`.
        pub name: String,
        /// Such as `8.0.1`.
        pub version: String,
        /// Such as `mac 10.14.6 i386`.
        pub system: String,
    }
}

/// The form of a client in a list. A recording may list any number of clients, so the texts of each are cut when read.
pub(super) struct Brief;

impl Kept for Brief {
    type Of = ClientInfo;
    const LEAST: usize = ClientInfo::LEAST;

    fn write(info: &ClientInfo, to: &mut impl Sink) {
        ClientInfo::write(info, to);
    }

    fn read(from: &mut impl Source) -> Result<ClientInfo, Bad> {
        ClientInfo::read(from).map(|info| info.brief())
    }

    fn texts(info: &mut ClientInfo, each: &mut impl Texts) {
        ClientInfo::texts(info, each);
    }

    fn heap(info: &ClientInfo, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        ClientInfo::heap(info, allocated)
    }
}

impl ClientInfo {
    /// Bytes of a text that are kept where many clients are remembered: more than is shown anywhere.
    pub const KEPT: usize = 1024;

    /// The part of a text that is kept: a recording may hold any number of clients, and texts of any length.
    pub fn kept(text: &str) -> String {
        text[..text.floor_char_boundary(Self::KEPT)].to_owned()
    }

    /// Why it is answered in its shape, once it has said what it is.
    pub fn shape_reason(&self) -> Option<&'static str> {
        reason(self.shape, self.software.as_ref())
    }

    /// What is known, with each text cut to what is kept.
    pub fn brief(&self) -> Self {
        let kept = |text: &Option<String>| text.as_deref().map(Self::kept);
        Self {
            account: kept(&self.account),
            software: self.software.as_ref().map(|software| Software {
                name: Self::kept(&software.name),
                version: Self::kept(&software.version),
                system: Self::kept(&software.system),
            }),
            name: kept(&self.name),
            personal_message: kept(&self.personal_message),
            media: kept(&self.media),
            capabilities: kept(&self.capabilities),
            endpoint: kept(&self.endpoint),
            machine: kept(&self.machine),
            ..*self
        }
    }

    /// A client that has connected. Nothing else is known of it.
    pub fn new(id: ClientId, peer: SocketAddr, since: Timestamp) -> Self {
        Self {
            id,
            account: None,
            software: None,
            shape: None,
            peer,
            step: Step::Connected,
            since,
            status: None,
            name: None,
            personal_message: None,
            media: None,
            capabilities: None,
            endpoint: None,
            machine: None,
        }
    }
}

impl Told for ClientInfo {
    fn tell(&self, out: &mut String) -> fmt::Result {
        let account = self.account.as_deref();
        let account = account.unwrap_or("a client without account");
        write!(out, "{account} is at {}", self.step.name())
    }
}
