//! Peer-to-peer as a contact answers it: pictures served and fetched, files taken or refused. Pure: what the client
//! sent goes in, payloads of MSG and what there is to tell come out.
//!
//! [`Peer`] knows sessions: invitations, answers, BYE. How messages are cut into pieces and acknowledged is
//! the transport's: `first` with the header of MSNC1, `later` with that of MSNP16 and above, which is used where both
//! endpoints have a GUID.
//!
//! A picture is served in this order: INVITE, 200 OK, four zero bytes as data preparation, the data in pieces, BYE;
//! each is acknowledged before the next one is sent. Source: the NINA wiki, "Display pictures" and "MSNSLP".

mod chance;
mod first;
mod later;
mod machine;
mod pieces;
mod session;
mod thing;
mod told;
mod transport;

#[cfg(test)]
mod tests;

pub use machine::{MOST_SESSIONS, Peer};
pub use pieces::Fault;
pub use session::{MOST_FILE, MOST_PICTURE};
pub use thing::{Thing, Things};
pub use told::{Reason, Told};
