//! What both transports share: messages of which some pieces are there, and what can be wrong with a piece.

use crate::msnp::p2p::slp::{self, SlpError};
use crate::msnp::p2p::{CHUNK, P2pError};
use bytes::Bytes;

/// The most messages that are put together at once.
const MOST_UNFINISHED: usize = 8;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// MSNSLP, in session 0.
    Slp,
    /// Four zero bytes before the data.
    Preparation,
    /// An object.
    Object,
}

/// What came of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A message is whole.
    Message {
        /// Its session; 0 for MSNSLP.
        session: u32,
        /// Whether it is marked as data of an object or a file.
        data: bool,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// The peer has what was sent with this number.
    Acknowledged(u32),
    /// The peer gave this session up.
    Closed(u32),
}

/// A message that is to be sent, and how much of it is.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Its session; 0 for MSNSLP.
    pub session: u32,
    /// The session that it is about.
    pub owner: u32,
    /// What stands behind its pieces.
    pub footer: u32,
    pub sort: Sort,
    pub bytes: Bytes,
    /// How many bytes are sent.
    pub sent: usize,
    /// The number that its pieces share, once there is one.
    pub number: u32,
}

impl Outgoing {
    pub(super) fn new(sort: Sort, owner: u32, footer: u32, bytes: Bytes) -> Self {
        Self {
            session: if sort == Sort::Slp { 0 } else { owner },
            owner,
            footer,
            sort,
            bytes,
            sent: 0,
            number: 0,
        }
    }

    /// Takes the next piece off.
    pub(super) fn piece(&mut self) -> Bytes {
        let end = self.bytes.len().min(self.sent + CHUNK);
        let piece = self.bytes.slice(self.sent..end);
        self.sent = end;
        piece
    }

    pub(super) fn is_whole(&self) -> bool {
        self.sent == self.bytes.len()
    }
}

/// What a client did that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its binary header lies.
    #[error("a peer-to-peer header cannot be read: {0}")]
    Packet(#[from] P2pError),
    /// Its text cannot be answered.
    #[error("an MSNSLP message cannot be read: {0}")]
    Slp(#[from] SlpError),
    /// Data of a session that there is not.
    #[error("there is no peer-to-peer session {0}")]
    NoSession(u32),
    /// More than the session may take.
    #[error("session {session} has {total} bytes, more than {most}")]
    TooLong {
        /// The session; 0 for MSNSLP.
        session: u32,
        /// As its header says.
        total: u64,
        /// What is taken.
        most: u64,
    },
    /// A file that ends before what was offered of it, or behind.
    #[error("the file of session {session} has {total} bytes, and {offered} were offered")]
    NotAsOffered {
        /// The session.
        session: u32,
        /// How many came.
        total: u64,
        /// How many the invitation named.
        offered: u64,
    },
    /// A piece that does not follow the last one.
    #[error("a piece of session {session} does not follow the one before it")]
    OutOfOrder {
        /// The session.
        session: u32,
    },
    /// Too many messages at once.
    #[error("more than {MOST_UNFINISHED} peer-to-peer messages were begun and not ended")]
    TooManyPieces,
    /// Too many sessions at once.
    #[error("more than {0} peer-to-peer sessions at once")]
    TooManySessions(usize),
}

impl Fault {
    /// The session that it is the end of.
    pub fn session(&self) -> Option<u32> {
        match self {
            Self::TooLong { session, .. }
            | Self::NotAsOffered { session, .. }
            | Self::OutOfOrder { session } => Some(*session),
            _ => None,
        }
    }
}

/// Messages of which some pieces are there.
#[derive(Debug, Default)]
pub(super) struct Unfinished(Vec<Pieces>);

#[derive(Debug)]
struct Pieces {
    session: u32,
    /// The number that the pieces share.
    number: u32,
    total: u64,
    bytes: Vec<u8>,
}

/// One piece of a message.
pub(super) struct Piece<'a> {
    pub session: u32,
    pub number: u32,
    pub offset: u64,
    pub total: u64,
    pub bytes: &'a [u8],
}

impl Unfinished {
    /// Adds a piece; the whole message where that was the last one. Memory is taken as pieces come, whatever their
    /// header promises.
    pub(super) fn add(
        &mut self,
        piece: &Piece<'_>,
        most: impl Fn(u32) -> Option<u64>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let session = piece.session;
        let most = match session {
            0 => slp::MOST as u64,
            _ => most(session).ok_or(Fault::NoSession(session))?,
        };
        if piece.total > most {
            return Err(Fault::TooLong {
                session,
                total: piece.total,
                most,
            });
        }
        let held = self
            .0
            .iter()
            .position(|pieces| (pieces.session, pieces.number) == (session, piece.number));
        let at = match (held, piece.offset) {
            // A message that is sent again takes the place of its first try.
            (Some(at), 0) => {
                self.0[at].bytes.clear();
                self.0[at].total = piece.total;
                at
            }
            (Some(at), _) => at,
            (None, 0) if self.0.len() < MOST_UNFINISHED => {
                self.0.push(Pieces {
                    session,
                    number: piece.number,
                    total: piece.total,
                    bytes: Vec::new(),
                });
                self.0.len() - 1
            }
            (None, 0) => return Err(Fault::TooManyPieces),
            (None, _) => return Err(Fault::OutOfOrder { session }),
        };
        let pieces = &mut self.0[at];
        let have = pieces.bytes.len() as u64;
        if piece.offset != have || have + piece.bytes.len() as u64 > pieces.total {
            self.0.remove(at);
            return Err(Fault::OutOfOrder { session });
        }
        pieces.bytes.extend_from_slice(piece.bytes);
        let whole = pieces.bytes.len() as u64 == pieces.total;
        Ok(whole.then(|| self.0.remove(at).bytes))
    }

    /// How long a message is of which something is there.
    pub(super) fn total(&self, session: u32, number: u32) -> Option<u64> {
        let mut held = self.0.iter();
        let found = held.find(|pieces| (pieces.session, pieces.number) == (session, number))?;
        Some(found.total)
    }

    /// How many bytes there are.
    pub(super) fn held(&self) -> usize {
        self.0.iter().map(|pieces| pieces.bytes.capacity()).sum()
    }

    /// Forgets a session.
    pub(super) fn forget(&mut self, session: u32) {
        self.0.retain(|pieces| pieces.session != session);
    }
}
