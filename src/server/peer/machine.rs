//! Sessions: who invites whom to what, and how it goes on.

use super::chance::Chance;
use super::pieces::{Fault, Incoming, Outgoing, Sort};
use super::session::{MOST_FILE, MOST_PICTURE, Role, Session, Step};
use super::thing::Things;
use super::told::{Reason, Told};
use super::transport::Transport;
use crate::msnp::object::{EMOTICON, Written};
use crate::msnp::p2p;
use crate::msnp::p2p::offer::Offer;
use crate::msnp::p2p::slp::{self, Slp, Start, owned};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

/// The most sessions of one contact with one client at once.
pub const MOST_SESSIONS: usize = 16;
/// `AppID` of a display picture.
const PICTURE_APPLICATION: u32 = 12;
/// `AppID` of a custom emoticon.
const EMOTICON_APPLICATION: u32 = 11;
/// `AppID` of a file.
const FILE_APPLICATION: u32 = 2;

/// One contact's peer-to-peer with one client in one conversation. What is to be sent waits in it, as it is, until
/// [`Peer::next_payload`] cuts the next piece of it.
#[derive(Debug)]
pub struct Peer {
    own: String,
    other: String,
    transport: Transport,
    chance: Chance,
    sessions: Vec<Session>,
}

impl Peer {
    /// A contact (`own`) and a client (`other`), each as `mail` or `mail;{guid}`. Numbers are made of `seed`.
    pub fn new(own: impl Into<String>, other: impl Into<String>, seed: u64) -> Self {
        let (own, other) = (own.into(), other.into());
        let mut chance = Chance(seed);
        let later = own.contains(';') && other.contains(';');
        Self {
            transport: Transport::new(later, chance.number()),
            own,
            other,
            chance,
            sessions: Vec::new(),
        }
    }

    /// Whether it is between these two.
    pub fn is_between(&self, own: &str, other: &str) -> bool {
        self.own.eq_ignore_ascii_case(own) && self.other.eq_ignore_ascii_case(other)
    }

    /// Whether it has no session, and nothing to send.
    pub fn is_idle(&self) -> bool {
        self.sessions.is_empty() && !self.has_more()
    }

    /// Whether something waits to be sent.
    pub fn has_more(&self) -> bool {
        self.transport.has_more()
    }

    /// How many bytes of the client's it holds.
    pub fn held(&self) -> usize {
        self.transport.held()
    }

    /// The next payload of MSG that is to be sent to the client.
    pub fn next_payload(&mut self) -> Option<Vec<u8>> {
        let (packet, sent) = self.transport.next()?;
        if let Some(sent) = sent {
            let mut sessions = self.sessions.iter_mut();
            if let Some(session) = sessions.find(|session| session.id == sent.owner) {
                session.waits = Some(sent.number);
            }
        }
        Some(p2p::payload(&self.own, &self.other, &packet))
    }

    /// Takes the body of a peer-to-peer MSG of the client. `things` is what the contact has to give now.
    pub fn take<'a>(&mut self, body: &[u8], things: impl Into<Things<'a>>) -> Vec<Told> {
        let (mut told, things) = (Vec::new(), things.into());
        let sessions = &self.sessions;
        let most = |id| {
            let session = sessions.iter().find(|session| session.id == id)?;
            Some(session.most())
        };
        match self.transport.take(body, most) {
            Ok(incoming) => {
                for one in incoming {
                    self.incoming(one, things, &mut told);
                }
            }
            Err(fault) => {
                if let Some(id) = fault.session().filter(|id| *id != 0) {
                    self.end(id);
                }
                told.push(Told::Fault(fault));
            }
        }
        told
    }

    /// Asks the client for an object of its own, such as its picture; the session's number.
    ///
    /// # Errors
    /// [`Fault`] where there are too many sessions, or the object is larger than is fetched.
    pub fn fetch(&mut self, written: &Written) -> Result<u32, Fault> {
        let Written { object, xml } = written;
        if !self.has_room() {
            return Err(Fault::TooManySessions(MOST_SESSIONS));
        }
        if object.size > MOST_PICTURE {
            return Err(Fault::TooLong {
                session: 0,
                total: object.size,
                most: MOST_PICTURE,
            });
        }
        let id = self.chance.number();
        let call = self.chance.guid();
        // A zero ends the text, as clients send it.
        let context = BASE64.encode(format!("{xml}\0"));
        let application = match object.kind {
            EMOTICON => EMOTICON_APPLICATION,
            _ => PICTURE_APPLICATION,
        };
        let fields = [
            ("EUF-GUID", slp::OBJECT),
            ("SessionID", &id.to_string()),
            ("AppID", &application.to_string()),
            ("Context", &context),
        ];
        let invitation = self.request(Start::Invite, &call, slp::SESSION_REQUEST, &fields);
        self.sessions.push(Session {
            id,
            call,
            application,
            role: Role::Fetch(object.clone()),
            waits: None,
        });
        self.say(id, &invitation);
        Ok(id)
    }

    /// Takes the file of a session; whether there was one to take.
    pub fn accept(&mut self, id: u32) -> bool {
        let Some(invitation) = self.offered(id) else {
            return false;
        };
        let answer = invitation.answer(200, "OK", &[("SessionID", &id.to_string())]);
        self.say(id, &answer);
        true
    }

    /// Refuses the file of a session; whether there was one to refuse.
    pub fn refuse(&mut self, id: u32) -> bool {
        let Some(invitation) = self.offered(id) else {
            return false;
        };
        self.forget(id);
        let answer = invitation.answer(603, "Decline", &[("SessionID", &id.to_string())]);
        self.say(id, &answer);
        true
    }

    fn offered(&mut self, id: u32) -> Option<Box<Slp>> {
        let mut sessions = self.sessions.iter_mut();
        match &mut sessions.find(|session| session.id == id)?.role {
            Role::File(_, invitation) => invitation.take(),
            _ => None,
        }
    }

    /// Whether one more session fits; one of which only the end is missing gives way.
    fn has_room(&mut self) -> bool {
        if self.sessions.len() >= MOST_SESSIONS
            && let Some(at) = self.sessions.iter().position(Session::is_done)
        {
            self.sessions.remove(at);
        }
        self.sessions.len() < MOST_SESSIONS
    }

    fn request(&mut self, start: Start, call: &str, content: &str, fields: &[(&str, &str)]) -> Slp {
        Slp {
            start,
            to: self.other.clone(),
            from: self.own.clone(),
            branch: self.chance.guid(),
            sequence: 0,
            call: call.to_owned(),
            content: content.to_owned(),
            fields: owned(fields),
        }
    }

    fn say(&mut self, about: u32, slp: &Slp) {
        let bytes = slp.to_bytes().into();
        self.transport
            .put(Outgoing::new(Sort::Slp, about, 0, bytes));
    }

    fn forget(&mut self, id: u32) {
        self.transport.forget(id);
        self.sessions.retain(|session| session.id != id);
    }

    /// Ends a session from this side.
    fn end(&mut self, id: u32) {
        let Some(session) = self.sessions.iter().find(|session| session.id == id) else {
            return;
        };
        let call = session.call.clone();
        let bye = self.request(Start::Bye, &call, slp::SESSION_CLOSE, &[]);
        self.forget(id);
        self.say(id, &bye);
    }

    fn incoming(&mut self, incoming: Incoming, things: Things<'_>, told: &mut Vec<Told>) {
        match incoming {
            Incoming::Message {
                session: 0, bytes, ..
            } => match Slp::read(&bytes) {
                Ok(slp) => self.heard(slp, things, told),
                Err(error) => told.push(Told::Fault(error.into())),
            },
            Incoming::Message {
                session,
                data,
                bytes,
            } => {
                self.data(session, data, bytes, told);
            }
            Incoming::Acknowledged(number) => self.acknowledged(number, told),
            Incoming::Closed(id) => self.closed(id, told),
        }
    }

    fn closed(&mut self, id: u32, told: &mut Vec<Told>) {
        let mut sessions = self.sessions.iter();
        if let Some(session) = sessions.find(|session| session.id == id) {
            match &session.role {
                Role::Serve(.., Step::Done) => {}
                // Nothing of it ever comes.
                Role::File(offer, None) if offer.size == 0 => told.push(Told::File {
                    session: id,
                    offer: offer.clone(),
                    bytes: Vec::new(),
                }),
                _ => {
                    let what = session.what();
                    told.push(Told::Ended { session: id, what });
                }
            }
            self.forget(id);
        }
    }

    fn heard(&mut self, slp: Slp, things: Things<'_>, told: &mut Vec<Told>) {
        match &slp.start {
            Start::Invite if slp.content.starts_with(slp::SESSION_REQUEST) => {
                self.invited(slp, things, told);
            }
            // A direct connection: not listening, so that the data comes over the switchboard.
            Start::Invite if slp.content.starts_with(slp::TRANSPORT_REQUEST) => {
                let mut answer = slp.answer(
                    200,
                    "OK",
                    &[
                        ("Bridge", "TCPv1"),
                        ("Listening", "false"),
                        ("Nonce", "{00000000-0000-0000-0000-000000000000}"),
                    ],
                );
                answer.content = "application/x-msnmsgr-transrespbody".into();
                self.say(0, &answer);
            }
            Start::Bye => {
                let mut sessions = self.sessions.iter();
                if let Some(session) = sessions.find(|session| session.call == slp.call) {
                    self.closed(session.id, told);
                }
            }
            Start::Status(200, _) => {}
            Start::Status(status, _) => {
                let fetched = |session: &Session| match &session.role {
                    Role::Fetch(object) if session.call == slp.call => {
                        Some((session.id, object.called()))
                    }
                    _ => None,
                };
                if let Some((session, what)) = self.sessions.iter().find_map(fetched) {
                    let status = *status;
                    self.forget(session);
                    told.push(Told::Refused {
                        session,
                        what,
                        status,
                    });
                }
            }
            Start::Invite | Start::Other(_) => {
                let answer = slp.answer(500, "Internal Error", &[]);
                self.say(0, &answer);
            }
        }
    }

    fn invited(&mut self, slp: Slp, things: Things<'_>, told: &mut Vec<Told>) {
        let id = slp.number("SessionID").unwrap_or_default();
        let number = id.to_string();
        let role = match self.role(id, &slp, things) {
            Ok(role) => role,
            Err(reason) => {
                let (status, words) = reason.status();
                let named = [("SessionID", number.as_str())];
                let fields = if status == 603 { &named[..] } else { &[] };
                let answer = slp.answer(status, words, fields);
                self.say(0, &answer);
                let session = id;
                return told.push(Told::Declined { session, reason });
            }
        };
        let application = slp.number("AppID").unwrap_or(match role {
            Role::File(..) => FILE_APPLICATION,
            _ => PICTURE_APPLICATION,
        });
        let mut session = Session {
            id,
            call: slp.call.clone(),
            application,
            role,
            waits: None,
        };
        match &mut session.role {
            Role::Serve(what, bytes, _) => {
                self.say(id, &slp.answer(200, "OK", &[("SessionID", &number)]));
                let (session, what, size) = (id, *what, bytes.len() as u64);
                told.push(Told::Serving {
                    session,
                    what,
                    size,
                });
            }
            Role::File(offer, invitation) => {
                let offer = offer.clone();
                told.push(Told::Offered { session: id, offer });
                *invitation = Some(Box::new(slp));
            }
            Role::Fetch(_) => {}
        }
        self.sessions.push(session);
    }

    /// What an invitation is to, where it can be taken.
    fn role(&mut self, id: u32, slp: &Slp, things: Things<'_>) -> Result<Role, Reason> {
        let account = |endpoint: &str| endpoint.split(';').next().map(str::to_ascii_lowercase);
        let taken = self.sessions.iter().any(|session| session.id == id);
        let context = slp.field("Context").unwrap_or_default();
        if account(&slp.to) != account(&self.own) {
            return Err(Reason::Elsewhere);
        }
        if id == 0 {
            return Err(Reason::Incomplete);
        }
        if taken || !self.has_room() {
            return Err(Reason::Busy);
        }
        match slp.field("EUF-GUID").and_then(slp::purpose) {
            Some("object") => things
                .wanted(context)
                .map(|(what, bytes)| Role::Serve(what, bytes, Step::Taken))
                .ok_or(Reason::NoObject),
            Some("file transfer") => match Offer::read(context) {
                None => Err(Reason::Incomplete),
                Some(offer) if offer.size > MOST_FILE => Err(Reason::TooLarge),
                Some(offer) => Ok(Role::File(offer, None)),
            },
            _ => Err(Reason::Purpose),
        }
    }

    /// What was sent has arrived: the next thing goes out.
    fn acknowledged(&mut self, number: u32, told: &mut Vec<Told>) {
        for session in &mut self.sessions {
            let covered = |sent| self.transport.covers(number, sent);
            let (true, Role::Serve(what, object, step)) =
                (session.waits.is_some_and(covered), &mut session.role)
            else {
                continue;
            };
            session.waits = None;
            let (sort, bytes) = match step {
                Step::Taken => (Sort::Preparation, Bytes::from_static(&[0; 4])),
                Step::Prepared => (Sort::Object, object.clone()),
                Step::Sent | Step::Done => {
                    *step = Step::Done;
                    told.push(Told::Served {
                        session: session.id,
                        what,
                    });
                    continue;
                }
            };
            *step = match step {
                Step::Taken => Step::Prepared,
                _ => Step::Sent,
            };
            let message = Outgoing::new(sort, session.id, session.application, bytes);
            self.transport.put(message);
        }
    }

    fn data(&mut self, id: u32, data: bool, bytes: Vec<u8>, told: &mut Vec<Told>) {
        let mut sessions = self.sessions.iter();
        let Some(session) = sessions.find(|session| session.id == id) else {
            return;
        };
        match &session.role {
            // Its preparation.
            Role::Fetch(_) if !data => {}
            Role::Fetch(object) => {
                told.push(Told::Fetched {
                    session: id,
                    genuine: object.is_of(&bytes),
                    object: object.clone(),
                    bytes,
                });
                self.end(id);
            }
            Role::File(offer, None) if offer.size != bytes.len() as u64 => {
                let (total, offered) = (bytes.len() as u64, offer.size);
                told.push(Told::Fault(Fault::NotAsOffered {
                    session: id,
                    total,
                    offered,
                }));
                self.end(id);
            }
            // The sender ends it.
            Role::File(offer, None) => {
                told.push(Told::File {
                    session: id,
                    offer: offer.clone(),
                    bytes,
                });
                self.forget(id);
            }
            // Before it was taken, or where nothing is to come.
            Role::File(..) | Role::Serve(..) => {
                told.push(Told::Fault(Fault::OutOfOrder { session: id }));
                self.end(id);
            }
        }
    }
}
