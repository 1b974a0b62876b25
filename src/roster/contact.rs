//! One contact, and what can stand in it.

use super::manner::Manner;
use super::picture::Picture;
use super::{EditError, Part};
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::msnp::personal::Personal;
use crate::msnp::presence::Presence;
use std::sync::Arc;

/// The capability bits that the article's service gave to every contact.
pub const CAPABILITIES: u32 = 1_085_276_192;
/// The extended ones, as the article's client gave them for itself.
pub const EXTENDED: u32 = 131_088;
/// The least MSN object that the Mac takes; without one it shows nobody (the article).
pub const MSNOBJ: &str = "<msnobj/>";
/// Network id of a Passport account.
pub const PASSPORT: u8 = 1;

/// Longest account that is taken, in bytes, as the real service had it.
pub const MAX_ACCOUNT: usize = 129;
/// Longest friendly name that is taken, in bytes before encoding. The real service took 387 after it.
pub const MAX_NAME: usize = 1_024;
/// Longest personal message or media that is taken, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;

/// Longest phone number that is taken, in bytes, as the real service had it.
const MAX_PHONE: usize = 95;

/// The phone numbers that a contact shows to its contacts; an empty text is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phones {
    /// At home.
    pub home: String,
    /// At work.
    pub work: String,
    /// In the pocket.
    pub mobile: String,
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its GUID, lower case with hyphens, as SOAP gives it.
    pub id: String,
    /// Its account, such as `busy@local`. Unique whatever its case.
    pub account: String,
    /// Its network id; 1 is Passport.
    pub network: u8,
    /// Its friendly name.
    pub name: String,
    /// What it shows itself as.
    pub status: Status,
    /// Its personal message and media.
    pub personal: Personal,
    /// Its capability bits.
    pub capabilities: u32,
    /// Its extended capability bits.
    pub extended: u32,
    /// Its MSN object, XML and not encoded; may be empty, and then the Mac does not show it.
    pub msnobj: String,
    /// The lists it is on, as FindMembership and ABFindAll give them.
    pub lists: Lists,
    /// The GUIDs of the groups it is in.
    pub groups: Vec<String>,
    /// Whether ABFindAll says that it uses Messenger; real clients show presence only then.
    pub messenger_user: bool,
    /// Its phone numbers, of which clients up to MSNP12 are told with the lists.
    pub phones: Phones,
    /// Its display picture, of a file beside those of the contacts. [`Contact::msnobj`] is its object unless somebody
    /// wrote another one.
    pub picture: Option<Arc<Picture>>,
    /// How it behaves in conversations by itself.
    pub manner: Manner,
}

impl Contact {
    /// A contact as a newly added one is: offline, on the forward, allow and reverse lists.
    pub fn new(account: impl Into<String>, name: Option<String>) -> Self {
        let account = account.into();
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.unwrap_or_else(|| account.clone()),
            account,
            network: PASSPORT,
            status: Status::Offline,
            personal: Personal::default(),
            capabilities: CAPABILITIES,
            extended: EXTENDED,
            msnobj: MSNOBJ.into(),
            lists: Lists(Lists::FORWARD.0 | Lists::ALLOW.0 | Lists::REVERSE.0),
            groups: Vec::new(),
            messenger_user: true,
            phones: Phones::default(),
            picture: None,
            manner: Manner::Silent,
        }
    }

    /// What is said of it on the wire.
    pub fn presence(&self) -> Presence<'_> {
        Presence {
            status: self.status,
            account: &self.account,
            network: self.network,
            name: &self.name,
            capabilities: self.capabilities,
            extended: self.extended,
            msnobj: &self.msnobj,
        }
    }

    /// Whether a signed-in client is told of it: it can be seen, and is one of the user's own contacts.
    pub fn is_seen(&self) -> bool {
        self.status.is_visible() && self.lists.contains(Lists::FORWARD)
    }

    /// The 64-bit number by which SOAP knows it: made from the account, so it stays the same.
    pub fn cid(&self) -> i64 {
        cid(&self.account)
    }

    /// What it takes, in bytes, about.
    pub fn bytes(&self) -> usize {
        let texts = [
            &self.id,
            &self.account,
            &self.name,
            &self.personal.message,
            &self.personal.media,
            &self.msnobj,
            &self.phones.home,
            &self.phones.work,
            &self.phones.mobile,
        ];
        let groups = self.groups.iter();
        let picture = self.picture.as_ref();
        size_of::<Self>()
            + picture.map_or(0, |picture| picture.png.len() + picture.object.len())
            + self.manner.bytes()
            + texts.map(String::len).iter().sum::<usize>()
            + groups
                .map(|id| size_of::<String>() + id.len())
                .sum::<usize>()
    }

    /// Refuses what could not be sent in a frame.
    ///
    /// # Errors
    /// [`EditError::Invalid`] with the field and the reason.
    pub fn check(&self) -> Result<(), EditError> {
        check_account(&self.account)?;
        check_text(Part::Name, &self.name, MAX_NAME, false)?;
        check_text(Part::Message, &self.personal.message, MAX_TEXT, true)?;
        check_text(Part::Media, &self.personal.media, MAX_TEXT, true)?;
        check_text(Part::Object, &self.msnobj, MAX_TEXT, false)?;
        check_text(Part::PhoneHome, &self.phones.home, MAX_PHONE, false)?;
        check_text(Part::PhoneWork, &self.phones.work, MAX_PHONE, false)?;
        check_text(Part::PhoneMobile, &self.phones.mobile, MAX_PHONE, false)?;
        self.manner.check()?;
        if uuid::Uuid::try_parse(&self.id).is_err() {
            return invalid(Part::Id, format!("{:?} is not a GUID", self.id));
        }
        Ok(())
    }
}

/// See [`Contact::cid`].
pub fn cid(account: &str) -> i64 {
    // FNV-1a: any stable spread over 64 bits will do, and the sign is kept off for old clients.
    let hash = account
        .bytes()
        .map(|b| b.to_ascii_lowercase())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    (hash >> 1) as i64
}

/// Refuses an account that could not stand as one argument of a line.
///
/// # Errors
/// [`EditError::Invalid`] with the reason.
pub fn check_account(account: &str) -> Result<(), EditError> {
    let mut parts = account.split('@');
    let two = matches!((parts.next(), parts.next(), parts.next()), (Some(a), Some(b), None) if !a.is_empty() && !b.is_empty());
    if !two && !account.starts_with("tel:") {
        return invalid(
            Part::Account,
            format!("{account:?} is not of the form user@domain"),
        );
    }
    if account.len() > MAX_ACCOUNT {
        return invalid(Part::Account, format!("longer than {MAX_ACCOUNT} bytes"));
    }
    if let Some(c) = account.chars().find(|c| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '&' | ';' | ',' | '%')
    }) {
        return invalid(Part::Account, format!("{c:?} cannot stand in an account"));
    }
    Ok(())
}

pub(super) fn check_text(
    part: Part,
    text: &str,
    most: usize,
    lines: bool,
) -> Result<(), EditError> {
    if text.len() > most {
        return invalid(part, format!("longer than {most} bytes"));
    }
    // XML 1.0 has no way to write other control characters, and a name is one line.
    match text.chars().find(|c| {
        (c.is_control() && !(lines && matches!(c, '\n' | '\t' | '\r')))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    }) {
        Some(c) => invalid(part, format!("{c:?} cannot stand in it")),
        None => Ok(()),
    }
}

fn invalid<T>(part: Part, reason: String) -> Result<T, EditError> {
    Err(EditError::Invalid { part, reason })
}
