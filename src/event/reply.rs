//! What is told of a command.

use super::client::Brief;
use super::table::{Bad, Form, Is, Kept, Serializer, Sink, Source, Texts, Told};
use super::{ClientId, ClientInfo, CommandId, Sentence};
use crate::roster::Contact;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::fmt::{self, Write as _};
use std::sync::Arc;

fields! {
    /// The outcome of a command.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Reply {
        /// The number of the command. Lines are counted from 1, without blank ones and remarks.
        pub command "id": CommandId,
        /// Whether it was done.
        pub ok: bool,
        /// A sentence.
        pub text: Sentence,
        /// After `clients`.
        maybe clients: Vec<ClientInfo> = data.clients(),
        /// After `contacts`.
        maybe contacts: Vec<Arc<Contact>> = data.contacts(),
        /// After `help`.
        maybe lines: Vec<Said> = data.lines(),
        /// After `picture`: the file of a client's picture, in base64.
        maybe picture: Base64 = data.picture(),
        /// After `fetch`: the file of a client's emoticon or wink, in base64.
        maybe object: Base64 = data.object(),
        /// What was asked for, if anything was.
        kept data: ReplyData,
    }
}

impl Told for Reply {
    fn tell(&self, out: &mut String) -> fmt::Result {
        let outcome = if self.ok { "done" } else { "refused" };
        write!(out, "{outcome}: {}", self.text)
    }
}

/// What a command gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyData {
    /// Nothing beside its sentence.
    None,
    /// The clients.
    Clients(Vec<ClientInfo>),
    /// The contacts.
    Contacts(Vec<Arc<Contact>>),
    /// Lines of text, such as help.
    Lines(Vec<String>),
    /// The file of this client's picture.
    Picture(ClientId, Bytes),
    /// The file of what this client has shown by this name: an emoticon, a wink.
    Object(ClientId, String, Bytes),
}

/// The form of bytes that are no text: base64 in JSON.
struct Base64;

impl Form for Base64 {
    type Of = Bytes;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &Bytes, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&Base64Display::new(value, &STANDARD))
    }
}

impl ReplyData {
    fn clients(&self) -> Option<&Vec<ClientInfo>> {
        match self {
            ReplyData::Clients(clients) => Some(clients),
            _ => None,
        }
    }

    fn contacts(&self) -> Option<&Vec<Arc<Contact>>> {
        match self {
            ReplyData::Contacts(contacts) => Some(contacts),
            _ => None,
        }
    }

    fn picture(&self) -> Option<&Bytes> {
        match self {
            ReplyData::Picture(_, file) => Some(file),
            _ => None,
        }
    }

    fn object(&self) -> Option<&Bytes> {
        match self {
            ReplyData::Object(_, _, file) => Some(file),
            _ => None,
        }
    }

    fn lines(&self) -> Option<&Vec<String>> {
        match self {
            ReplyData::Lines(lines) => Some(lines),
            _ => None,
        }
    }
}

impl Kept for ReplyData {
    type Of = Self;
    const LEAST: usize = 1;

    fn write(data: &Self, to: &mut impl Sink) {
        match data {
            ReplyData::None => to.u8(0),
            ReplyData::Clients(clients) => {
                to.u8(1);
                Vec::<Brief>::write(clients, to);
            }
            ReplyData::Contacts(contacts) => {
                to.u8(2);
                Vec::<Arc<Contact>>::write(contacts, to);
            }
            ReplyData::Lines(lines) => {
                to.u8(3);
                Vec::<String>::write(lines, to);
            }
            ReplyData::Picture(client, file) => {
                to.u8(4);
                ClientId::write(client, to);
                to.bytes(file);
            }
            ReplyData::Object(client, name, file) => {
                to.u8(5);
                ClientId::write(client, to);
                String::write(name, to);
                to.bytes(file);
            }
        }
    }

    fn read(from: &mut impl Source) -> Result<Self, Bad> {
        Ok(match from.u8()? {
            0 => ReplyData::None,
            1 => ReplyData::Clients(Vec::<Brief>::read(from)?),
            2 => ReplyData::Contacts(Vec::<Arc<Contact>>::read(from)?),
            3 => ReplyData::Lines(Vec::<String>::read(from)?),
            4 => ReplyData::Picture(ClientId::read(from)?, from.message()?),
            5 => ReplyData::Object(ClientId::read(from)?, String::read(from)?, from.message()?),
            _ => return Err("a reply that is not known"),
        })
    }

    fn texts(data: &mut Self, each: &mut impl Texts) {
        match data {
            ReplyData::Clients(clients) => Vec::<Brief>::texts(clients, each),
            ReplyData::Object(_, name, _) => String::texts(name, each),
            // Lines are our own words and accounts.
            ReplyData::None
            | ReplyData::Contacts(_)
            | ReplyData::Lines(_)
            | ReplyData::Picture(..) => {}
        }
    }

    fn heap(data: &Self, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        match data {
            ReplyData::None => 0,
            ReplyData::Clients(clients) => Vec::<Brief>::heap(clients, allocated),
            ReplyData::Contacts(contacts) => Vec::<Arc<Contact>>::heap(contacts, allocated),
            ReplyData::Lines(lines) => Vec::<String>::heap(lines, allocated),
            ReplyData::Picture(_, file) => allocated(file.len()),
            ReplyData::Object(_, name, file) => allocated(name.len()) + allocated(file.len()),
        }
    }
}
