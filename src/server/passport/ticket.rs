//! Tickets, and the nonce in the TWN parameters. Both carry a MAC made with a key of this run, so
//! the service needs no table to know what it issued, to whom, and over which connection.
//!
//! A ticket looks like `t=…&p=`, since clients look for the `&` (clients watched). What this service
//! issued for an account is good for every service, as often as it is shown, until it ends; while its client is signed
//! in it does not end, since that may be stopped in a debugger for hours ([`Hub::holds`](crate::server::hub::Hub::holds)).

use crate::event::ClientId;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD as BASE64,
};
use ring::{hmac, rand};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a ticket is good where nothing else is asked for.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

/// Makes tickets and knows them again.
#[derive(Debug)]
pub struct Tickets {
    key: hmac::Key,
    marker: String,
    asked: AtomicU64,
    started: Instant,
    life: Duration,
}

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// For whom it was issued.
    pub account: String,
    /// The client whose TWN nonce the Passport request carried, if it did.
    pub client: Option<ClientId>,
    /// When it was issued: milliseconds since the service began.
    pub issued: u64,
}

/// Why a ticket is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// This run of nudge did not make it.
    #[error("the ticket was not issued by this run of nudge, or has been changed")]
    Foreign,
    /// It is older than its life, and its client is not signed in.
    #[error(
        "the ticket has ended: it was good for {} s (`--ticket-life`), and its client is not signed in", life.as_secs()
    )]
    Ended {
        /// What it says.
        ticket: Ticket,
        /// How long it was good.
        life: Duration,
    },
}

/// How many bytes of the MAC are kept: 128 bits.
pub(super) const TAG: usize = 16;
/// Bytes of a secret, as the real service had it, of which the first are those of the marker.
const SECRET: usize = 24;
/// Bytes of a question: 64 letters in base64.
const QUESTION: usize = 48;
/// Random bytes in the marker of a run's tickets: 72 bits, which nothing else has by chance.
const MARKER: usize = 9;
/// Letters of the marker.
pub(super) const MARKER_LETTERS: usize = MARKER / 3 * 4;

/// The system has no random numbers to make a key from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers for the ticket key")]
pub struct NoRandom;

impl Tickets {
    /// With a key of its own, made anew, and tickets that are good for [`LIFE`].
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn new() -> Result<Self, NoRandom> {
        Self::with_life(LIFE)
    }

    /// The same, with tickets that are good for this long.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn with_life(life: Duration) -> Result<Self, NoRandom> {
        let random = rand::SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random).map_err(|_| NoRandom)?;
        let mut bytes = [0; MARKER];
        rand::SecureRandom::fill(&random, &mut bytes).map_err(|_| NoRandom)?;
        // Letters and digits alone: no way of writing a ticket changes them.
        let marker = BASE64.encode(bytes).replace('-', "a").replace('_', "b");
        let asked = AtomicU64::default();
        Ok(Self {
            key,
            marker,
            asked,
            started: Instant::now(),
            life,
        })
    }

    /// How long a ticket is good.
    pub fn life(&self) -> Duration {
        self.life
    }

    /// What every ticket of this run begins with behind its `t=`, so that one is known wherever it stands.
    pub fn marker(&self) -> &str {
        &self.marker
    }

    /// A ticket for this account: `t=…&p=`.
    pub fn issue(&self, account: &str, client: Option<ClientId>) -> String {
        let text = format!(
            "{}:{}:{}",
            client.map_or(0, |c| c.0),
            self.now(),
            account.to_ascii_lowercase()
        );
        format!("t={}{}&p=", self.marker, self.seal("ticket", &text))
    }

    /// Milliseconds since the service began.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What a ticket says, if it is good: this service issued it, and it has not ended, or is `held` by a client that is
    /// signed in with it.
    ///
    /// # Errors
    /// [`TicketError`] says why it is not.
    pub fn check(
        &self,
        ticket: &str,
        held: impl FnOnce(&Ticket) -> bool,
    ) -> Result<Ticket, TicketError> {
        let known = self.verify(ticket).ok_or(TicketError::Foreign)?;
        let age = Duration::from_millis(self.now().saturating_sub(known.issued));
        if age >= self.life && !held(&known) {
            let (ticket, life) = (known, self.life);
            return Err(TicketError::Ended { ticket, life });
        }
        Ok(known)
    }

    /// What a ticket says, if this service issued it, ended or not. Takes it with or without its `&p=…`, and with
    /// further parameters after a comma, which some clients leave on.
    pub fn verify(&self, ticket: &str) -> Option<Ticket> {
        let sealed = ticket.strip_prefix("t=")?.strip_prefix(&self.marker)?;
        let sealed = sealed.split(['&', ',']).next()?;
        let text = self.open("ticket", sealed)?;
        let mut parts = text.splitn(3, ':');
        let client: u64 = parts.next()?.parse().ok()?;
        let issued = parts.next()?.parse().ok()?;
        let account = parts.next()?;
        Some(Ticket {
            account: account.to_owned(),
            client: (client != 0).then_some(ClientId(client)),
            issued,
        })
    }

    /// The secret of a ticket that this service issued, in base64: the `BinarySecret` with which a client proves by SSO
    /// that the ticket was given to it. Tickets of one request share it, since some clients read the first alone.
    pub fn secret(&self, ticket: &str) -> Option<String> {
        let known = self.verify(ticket)?;
        let client = known.client.map_or(0, |client| client.0);
        Some(self.secret_of(client, &known.account))
    }

    /// It begins with the marker, so that it is known wherever it stands, as tickets are.
    fn secret_of(&self, client: u64, account: &str) -> String {
        let tag = self.tag("secret", &format!("{client}:{account}"));
        let rest = STANDARD.encode(&tag.as_ref()[..SECRET - MARKER]);
        format!("{}{rest}", self.marker)
    }

    /// Whether this is the secret that goes with the tickets of this account.
    pub(super) fn is_secret(&self, shown: &str, client: Option<ClientId>, account: &str) -> bool {
        let account = account.to_ascii_lowercase();
        let of = |client: u64| self.secret_of(client, &account) == shown;
        of(client.map_or(0, |client| client.0)) || of(0)
    }

    /// Whether this is what stands behind the marker of a ticket that was issued.
    pub(super) fn opens(&self, sealed: &str) -> Option<()> {
        self.open("ticket", sealed).map(|_| ())
    }

    /// What a client has to prove by SSO: 64 letters, new each time. One client takes no other length.
    pub fn question(&self) -> String {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let half = |name: &str| self.tag("question", &format!("{name}{number}"));
        let bytes = [half("a").as_ref(), half("b").as_ref()].concat();
        STANDARD.encode(&bytes[..QUESTION])
    }

    /// A nonce for the TWN parameters of this client.
    pub fn nonce(&self, client: ClientId) -> String {
        self.seal("nonce", &client.0.to_string())
    }

    /// The client that a nonce was made for.
    pub fn client(&self, nonce: &str) -> Option<ClientId> {
        self.open("nonce", nonce)?.parse().ok().map(ClientId)
    }

    fn tag(&self, purpose: &str, text: &str) -> hmac::Tag {
        hmac::sign(&self.key, format!("{purpose}\0{text}").as_bytes())
    }

    fn seal(&self, purpose: &str, text: &str) -> String {
        let tag = self.tag(purpose, text);
        let mut bytes = tag.as_ref()[..TAG].to_vec();
        bytes.extend_from_slice(text.as_bytes());
        BASE64.encode(bytes)
    }

    fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed).ok()?;
        let (tag, text) = bytes.split_at_checked(TAG)?;
        let text = std::str::from_utf8(text).ok()?;
        let expected = self.tag(purpose, text);
        // Every byte is looked at, so that the time taken says nothing of where they differ.
        let differ = expected.as_ref()[..TAG]
            .iter()
            .zip(tag)
            .fold(0, |differ, (a, b)| differ | (a ^ b));
        (differ == 0).then(|| text.to_owned())
    }
}

/// The bytes of a sealed text, with its seal; a few bits that are left over at its end do not count.
pub(super) fn decoded(sealed: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    lenient.decode(sealed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_issued_is_known_again_and_nothing_else_is() {
        let (tickets, others) = (
            Tickets::new().expect("a key"),
            Tickets::new().expect("a key"),
        );
        let ticket = tickets.issue("Me@Local", Some(ClientId(7)));
        let known = tickets.verify(&ticket).expect("ours");
        assert_eq!(
            (known.account.as_str(), known.client),
            ("me@local", Some(ClientId(7)))
        );
        assert!(ticket.starts_with("t=") && ticket.ends_with("&p="));
        assert_eq!(
            tickets.verify(&format!("{ticket},ru=http://x")),
            Some(known)
        );
        assert_eq!(others.verify(&ticket), None);
        for bad in [
            "",
            "t=",
            "t=&p=",
            "t=(null)&p=(null)",
            "a=HENLO",
            "t=AAAA&p=",
            "t=ÿ",
        ] {
            assert_eq!(tickets.verify(bad), None, "{bad:?}");
        }
        let mut changed = ticket.into_bytes();
        changed[20] ^= 1;
        assert_eq!(tickets.verify(&String::from_utf8_lossy(&changed)), None);
    }

    #[test]
    fn a_ticket_ends_unless_its_client_holds_it() {
        let tickets = Tickets::with_life(Duration::ZERO).expect("a key");
        let ticket = tickets.issue("me@local", None);
        let ended = tickets.check(&ticket, |_| false);
        assert!(matches!(ended, Err(TicketError::Ended { .. })), "{ended:?}");
        assert!(
            tickets
                .check(&ticket, |known| known.client.is_none())
                .is_ok()
        );
        let foreign = tickets.check("t=x&p=", |_| true);
        assert_eq!(foreign, Err(TicketError::Foreign));
        let tickets = Tickets::new().expect("a key");
        let ticket = tickets.issue("me@local", None);
        assert!(tickets.check(&ticket, |_| false).is_ok());
    }

    #[test]
    fn a_nonce_is_no_ticket() {
        let tickets = Tickets::new().expect("a key");
        let nonce = tickets.nonce(ClientId(3));
        assert_eq!(tickets.client(&nonce), Some(ClientId(3)));
        assert_eq!(tickets.verify(&format!("t={nonce}&p=")), None);
        assert!(
            nonce
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
    }
}
