//! Sessions: who invites whom to what, and how it goes on.

use super::first::First;
use super::later::Later;
use super::pieces::{Fault, Incoming, Sort};
use super::transport::Transport;
use crate::msnp::object::{DISPLAY_PICTURE, MsnObject};
use crate::msnp::p2p;
use crate::msnp::p2p::offer::Offer;
use crate::msnp::p2p::slp::{self, Slp, Start, owned};
use crate::roster::Picture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt;
use std::sync::Arc;

/// The most sessions of one contact with one client at once.
const MOST_SESSIONS: usize = 16;
/// The largest picture that is fetched of a client, in bytes.
pub const MOST_PICTURE: u64 = 512 * 1024;
/// The largest file that is taken of a client, in bytes.
pub const MOST_FILE: u64 = 16 * 1024 * 1024;
/// `AppID` of a display picture.
const PICTURE_APPLICATION: u32 = 12;
/// `AppID` of a file.
const FILE_APPLICATION: u32 = 2;

/// One contact's peer-to-peer with one client in one conversation.
#[derive(Debug)]
pub struct Peer {
    own: String,
    other: String,
    transport: Transport,
    chance: Chance,
    sessions: Vec<Session>,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The client asked for the contact's picture and gets it.
    Serving {
        /// The session.
        session: u32,
        /// Of the picture, in bytes.
        size: u64,
    },
    /// It has the picture.
    Served {
        /// The session.
        session: u32,
    },
    /// It was told no.
    Declined {
        /// The session; 0 where it named none.
        session: u32,
        /// Why.
        reason: Reason,
    },
    /// It offers a file: [`Peer::accept`] or [`Peer::refuse`] answers.
    Offered {
        /// The session.
        session: u32,
        /// The file.
        offer: Offer,
    },
    /// The client's own picture is here.
    Fetched {
        /// The session.
        session: u32,
        /// What was asked for.
        object: MsnObject,
        /// What came.
        bytes: Vec<u8>,
        /// Whether that is what the object says: its size and its SHA-1.
        genuine: bool,
    },
    /// The client does not give its picture.
    Refused {
        /// The session.
        session: u32,
        /// The status that it answered with.
        status: u16,
    },
    /// A file is here.
    File {
        /// The session.
        session: u32,
        /// As it was offered.
        offer: Offer,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// The client ended a session before it was done.
    Ended {
        /// The session.
        session: u32,
    },
    /// It did what cannot be taken.
    Fault(Fault),
}

/// Why an invitation was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It asks for an object that the contact does not have.
    NoObject,
    /// It is for something that nudge does not do.
    Purpose,
    /// It lacks something.
    Incomplete,
    /// There are too many sessions.
    Busy,
    /// The file is larger than is taken.
    TooLarge,
    /// The operator said no.
    Operator,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoObject => "the contact has no such object",
            Self::Purpose => "nudge does not do that",
            Self::Incomplete => "the invitation lacks something",
            Self::Busy => "there are too many sessions at once",
            Self::TooLarge => "the file is larger than is taken",
            Self::Operator => "the operator refused it",
        })
    }
}

#[derive(Debug)]
struct Session {
    id: u32,
    call: String,
    application: u32,
    role: Role,
}

#[derive(Debug)]
enum Role {
    /// The contact's picture goes out; the number is that of what waits for its acknowledgement.
    Serve(Arc<Picture>, Step, u32),
    /// The client's picture comes in, once it said yes.
    Fetch(MsnObject, bool),
    /// A file was offered: the invitation, until it is answered.
    File(Offer, Option<Box<Slp>>),
}

/// What the client has to acknowledge before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Taken,
    Prepared,
    Sent,
    Done,
}

impl Peer {
    /// A contact (`own`) and a client (`other`), each as `mail` or `mail;{guid}`. Numbers are made of `seed`.
    pub fn new(own: impl Into<String>, other: impl Into<String>, seed: u64) -> Self {
        let (own, other) = (own.into(), other.into());
        let mut chance = Chance(seed);
        // Room above for all that follow, and never 0.
        let first = (chance.next() as u32 >> 1).max(1);
        let transport = match own.contains(';') && other.contains(';') {
            true => Transport::Later(Later::new(first)),
            false => Transport::First(First::new(first)),
        };
        Self {
            own,
            other,
            transport,
            chance,
            sessions: Vec::new(),
        }
    }

    /// Takes the body of a peer-to-peer MSG of the client. `picture` is the contact's own now. Payloads of MSG that
    /// answer it go to `out`, in order.
    pub fn take(
        &mut self,
        body: &[u8],
        picture: Option<&Arc<Picture>>,
        out: &mut Vec<Vec<u8>>,
    ) -> Vec<Told> {
        let mut told = Vec::new();
        let mut packets = Vec::new();
        let sessions = &self.sessions;
        let most = |id| {
            let session = sessions.iter().find(|session| session.id == id)?;
            Some(session.most())
        };
        match self.transport.take(body, most, &mut packets) {
            Ok(incoming) => {
                for one in incoming {
                    self.incoming(one, picture, &mut packets, &mut told);
                }
            }
            Err(fault) => {
                if let Some(id) = fault.session().filter(|id| *id != 0) {
                    self.end(id, &mut packets);
                }
                told.push(Told::Fault(fault));
            }
        }
        self.wrap(packets, out);
        told
    }

    /// Asks the client for an object of its own, such as its picture; the session's number.
    ///
    /// # Errors
    /// [`Fault`] where there are too many sessions, or the object is larger than is fetched.
    pub fn fetch(&mut self, object: &MsnObject, out: &mut Vec<Vec<u8>>) -> Result<u32, Fault> {
        if self.sessions.len() >= MOST_SESSIONS {
            return Err(Fault::TooManySessions(MOST_SESSIONS));
        }
        if object.size > MOST_PICTURE {
            return Err(Fault::TooLong {
                session: 0,
                total: object.size,
                most: MOST_PICTURE,
            });
        }
        let id = (self.chance.next() as u32 >> 1).max(1);
        let call = self.chance.guid();
        // A zero ends the text, as clients send it.
        let context = BASE64.encode(object.to_xml() + "\0");
        let invitation = Slp {
            start: Start::Invite,
            to: self.other.clone(),
            from: self.own.clone(),
            branch: self.chance.guid(),
            sequence: 0,
            call: call.clone(),
            content: slp::SESSION_REQUEST.into(),
            fields: owned(&[
                ("EUF-GUID", slp::OBJECT),
                ("SessionID", &id.to_string()),
                ("AppID", &PICTURE_APPLICATION.to_string()),
                ("Context", &context),
            ]),
        };
        self.sessions.push(Session {
            id,
            call,
            application: PICTURE_APPLICATION,
            role: Role::Fetch(object.clone(), false),
        });
        let mut packets = Vec::new();
        self.say(&invitation, &mut packets);
        self.wrap(packets, out);
        Ok(id)
    }

    /// Takes the file of a session; whether there was one to take.
    pub fn accept(&mut self, id: u32, out: &mut Vec<Vec<u8>>) -> bool {
        let Some(invitation) = self.offered(id) else {
            return false;
        };
        let answer = invitation.answer(200, "OK", &[("SessionID", &id.to_string())]);
        let mut packets = Vec::new();
        self.say(&answer, &mut packets);
        self.wrap(packets, out);
        true
    }

    /// Refuses the file of a session; whether there was one to refuse.
    pub fn refuse(&mut self, id: u32, out: &mut Vec<Vec<u8>>) -> bool {
        let Some(invitation) = self.offered(id) else {
            return false;
        };
        self.forget(id);
        let answer = invitation.answer(603, "Decline", &[("SessionID", &id.to_string())]);
        let mut packets = Vec::new();
        self.say(&answer, &mut packets);
        self.wrap(packets, out);
        true
    }

    fn offered(&mut self, id: u32) -> Option<Box<Slp>> {
        let mut sessions = self.sessions.iter_mut();
        match &mut sessions.find(|session| session.id == id)?.role {
            Role::File(_, invitation) => invitation.take(),
            _ => None,
        }
    }

    fn wrap(&self, packets: Vec<Vec<u8>>, out: &mut Vec<Vec<u8>>) {
        let payload = |packet: Vec<u8>| p2p::payload(&self.own, &self.other, &packet);
        out.extend(packets.into_iter().map(payload));
    }

    fn say(&mut self, slp: &Slp, packets: &mut Vec<Vec<u8>>) -> u32 {
        self.transport
            .send(0, 0, Sort::Slp, &slp.to_bytes(), packets)
    }

    fn forget(&mut self, id: u32) {
        self.transport.forget(id);
        self.sessions.retain(|session| session.id != id);
    }

    /// Ends a session from this side.
    fn end(&mut self, id: u32, packets: &mut Vec<Vec<u8>>) {
        let Some(session) = self.sessions.iter().find(|session| session.id == id) else {
            return;
        };
        let bye = Slp {
            start: Start::Bye,
            to: self.other.clone(),
            from: self.own.clone(),
            branch: self.chance.guid(),
            sequence: 0,
            call: session.call.clone(),
            content: slp::SESSION_CLOSE.into(),
            fields: Vec::new(),
        };
        self.say(&bye, packets);
        self.forget(id);
    }

    fn incoming(
        &mut self,
        incoming: Incoming,
        picture: Option<&Arc<Picture>>,
        packets: &mut Vec<Vec<u8>>,
        told: &mut Vec<Told>,
    ) {
        match incoming {
            Incoming::Message {
                session: 0, bytes, ..
            } => match Slp::read(&bytes) {
                Ok(slp) => self.heard(slp, picture, packets, told),
                Err(error) => told.push(Told::Fault(error.into())),
            },
            Incoming::Message {
                session,
                data,
                bytes,
            } => {
                self.data(session, data, bytes, packets, told);
            }
            Incoming::Acknowledged(number) => self.acknowledged(number, packets, told),
            Incoming::Closed(id) => self.closed(id, told),
        }
    }

    fn closed(&mut self, id: u32, told: &mut Vec<Told>) {
        let done = |session: &Session| matches!(session.role, Role::Serve(_, Step::Done, _));
        let mut sessions = self.sessions.iter();
        if let Some(session) = sessions.find(|session| session.id == id) {
            if !done(session) {
                told.push(Told::Ended { session: id });
            }
            self.forget(id);
        }
    }

    fn heard(
        &mut self,
        slp: Slp,
        picture: Option<&Arc<Picture>>,
        packets: &mut Vec<Vec<u8>>,
        told: &mut Vec<Told>,
    ) {
        match &slp.start {
            Start::Invite if slp.content.starts_with(slp::SESSION_REQUEST) => {
                self.invited(slp, picture, packets, told);
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
                self.say(&answer, packets);
            }
            Start::Bye => {
                let mut sessions = self.sessions.iter();
                if let Some(session) = sessions.find(|session| session.call == slp.call) {
                    self.closed(session.id, told);
                }
            }
            Start::Status(status, _) => {
                let mut sessions = self.sessions.iter_mut();
                let Some(session) = sessions.find(|session| session.call == slp.call) else {
                    return;
                };
                let id = session.id;
                match &mut session.role {
                    Role::Fetch(_, taken) if *status == 200 => *taken = true,
                    Role::Fetch(..) => {
                        let status = *status;
                        self.forget(id);
                        told.push(Told::Refused {
                            session: id,
                            status,
                        });
                    }
                    _ => {}
                }
            }
            Start::Invite | Start::Other(_) => {
                let answer = slp.answer(500, "Internal Error", &[]);
                self.say(&answer, packets);
            }
        }
    }

    fn invited(
        &mut self,
        slp: Slp,
        picture: Option<&Arc<Picture>>,
        packets: &mut Vec<Vec<u8>>,
        told: &mut Vec<Told>,
    ) {
        let id = slp.number("SessionID").unwrap_or_default();
        let context = slp.field("Context").unwrap_or_default();
        let role = if id == 0 {
            Err(Reason::Incomplete)
        } else if self.sessions.len() >= MOST_SESSIONS
            || self.sessions.iter().any(|session| session.id == id)
        {
            Err(Reason::Busy)
        } else {
            match slp.field("EUF-GUID").and_then(slp::purpose) {
                Some("object") => wanted(context, picture)
                    .map(|picture| Role::Serve(picture, Step::Taken, 0))
                    .ok_or(Reason::NoObject),
                Some("file transfer") => match Offer::read(context) {
                    None => Err(Reason::Incomplete),
                    Some(offer) if offer.size > MOST_FILE => Err(Reason::TooLarge),
                    Some(offer) => Ok(Role::File(offer, None)),
                },
                _ => Err(Reason::Purpose),
            }
        };
        let number = id.to_string();
        let role = match role {
            Ok(role) => role,
            Err(reason) => {
                let answer = match reason {
                    Reason::Purpose => slp.answer(500, "Internal Error", &[]),
                    _ => slp.answer(603, "Decline", &[("SessionID", &number)]),
                };
                self.say(&answer, packets);
                told.push(Told::Declined {
                    session: id,
                    reason,
                });
                return;
            }
        };
        let mut session = Session {
            id,
            call: slp.call.clone(),
            application: slp.number("AppID").unwrap_or(match role {
                Role::File(..) => FILE_APPLICATION,
                _ => PICTURE_APPLICATION,
            }),
            role,
        };
        match &mut session.role {
            Role::Serve(picture, _, waits) => {
                let answer = slp.answer(200, "OK", &[("SessionID", &number)]);
                *waits = self.say(&answer, packets);
                told.push(Told::Serving {
                    session: id,
                    size: picture.png.len() as u64,
                });
            }
            Role::File(offer, invitation) => {
                told.push(Told::Offered {
                    session: id,
                    offer: offer.clone(),
                });
                *invitation = Some(Box::new(slp));
            }
            Role::Fetch(..) => {}
        }
        self.sessions.push(session);
    }

    /// What was sent has arrived: the next thing goes out.
    fn acknowledged(&mut self, number: u32, packets: &mut Vec<Vec<u8>>, told: &mut Vec<Told>) {
        for session in &mut self.sessions {
            let Role::Serve(picture, step, waits) = &mut session.role else {
                continue;
            };
            if !self.transport.covers(number, *waits) {
                continue;
            }
            let (id, footer) = (session.id, session.application);
            match step {
                Step::Taken => {
                    *step = Step::Prepared;
                    let (sort, bytes) = (Sort::Preparation, &[0; 4]);
                    *waits = self.transport.send(id, footer, sort, bytes, packets);
                }
                Step::Prepared => {
                    *step = Step::Sent;
                    let (sort, bytes) = (Sort::Object, &picture.png);
                    *waits = self.transport.send(id, footer, sort, bytes, packets);
                }
                Step::Sent => {
                    *step = Step::Done;
                    told.push(Told::Served { session: id });
                }
                Step::Done => {}
            }
        }
    }

    fn data(
        &mut self,
        id: u32,
        data: bool,
        bytes: Vec<u8>,
        packets: &mut Vec<Vec<u8>>,
        told: &mut Vec<Told>,
    ) {
        let mut sessions = self.sessions.iter();
        let Some(session) = sessions.find(|session| session.id == id) else {
            return;
        };
        match &session.role {
            // Its preparation.
            Role::Fetch(..) if !data => {}
            Role::Fetch(object, _) => {
                told.push(Told::Fetched {
                    session: id,
                    genuine: object.is_of(&bytes),
                    object: object.clone(),
                    bytes,
                });
                self.end(id, packets);
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
                self.end(id, packets);
            }
        }
    }
}

impl Session {
    /// The most bytes that it takes in one message.
    fn most(&self) -> u64 {
        match &self.role {
            // Four bytes of preparation in any case.
            Role::Fetch(object, _) => object.size.clamp(4, MOST_PICTURE),
            Role::File(offer, _) => offer.size.min(MOST_FILE),
            Role::Serve(..) => 4,
        }
    }
}

/// The picture, where the context of an invitation is its object: by the hash of its data, as clients do.
fn wanted(context: &str, picture: Option<&Arc<Picture>>) -> Option<Arc<Picture>> {
    let bytes = BASE64.decode(context.trim()).ok()?;
    let xml = String::from_utf8(bytes).ok()?;
    let object = MsnObject::read(xml.trim_end_matches('\0')).ok()?;
    let picture = picture?;
    let is_it = object.kind == DISPLAY_PICTURE && object.is_of(&picture.png);
    is_it.then(|| picture.clone())
}

/// Numbers that a peer cannot mix up with those of another conversation. Nothing secret: splitmix64.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn guid(&mut self) -> String {
        let bytes = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        format!("{{{}}}", id.to_string().to_uppercase())
    }
}
