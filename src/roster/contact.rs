//! One contact: its fields, their bounds, and what is refused in them.

use super::manner::Manner;
use super::picture::Picture;
use super::{EditError, Part, Unfit};
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::msnp::personal::Personal;
use crate::msnp::presence::Presence;
use std::sync::Arc;

/// The capability bits of a contact whose file names none: those that the article's service gave to every contact.
pub const CAPABILITIES: u32 = 1_085_276_192;
/// The extended capability bits of a contact whose file names none: those that the article's client gave itself.
pub const EXTENDED: u32 = 131_088;
/// The smallest MSN object that the Mac takes. A contact without one is not shown (the article).
pub const MSNOBJ: &str = "<msnobj/>";
/// Network id of a Passport account.
pub const PASSPORT: u8 = 1;

/// Bytes of the longest account, as in the real service.
pub const MAX_ACCOUNT: usize = 129;
/// Bytes of the longest friendly name, before percent-encoding. The real service took 387 bytes after it.
pub const MAX_NAME: usize = 1_024;
/// Bytes of the longest personal message, media or MSN object.
pub const MAX_TEXT: usize = 8 * 1024;

/// Bytes of the longest phone number, as in the real service.
const MAX_PHONE: usize = 95;

/// The phone numbers that a contact shows to its contacts. An empty text stands for no number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phones {
    /// At home.
    pub home: String,
    /// At work.
    pub work: String,
    /// Mobile.
    pub mobile: String,
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its GUID, lower case with hyphens, as SOAP gives it.
    pub id: String,
    /// Its account, such as `busy@local`. No other contact has the same, whatever its case.
    pub account: String,
    /// Its network id; 1 is Passport.
    pub network: u8,
    /// Its friendly name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// Its personal message and media.
    pub personal: Personal,
    /// Its capability bits.
    pub capabilities: u32,
    /// Its extended capability bits.
    pub extended: u32,
    /// Its MSN object: XML, not percent-encoded. The Mac does not show a contact whose object is empty.
    pub msnobj: String,
    /// The lists it is on, as FindMembership and ABFindAll give them.
    pub lists: Lists,
    /// The GUIDs of the groups it is in.
    pub groups: Vec<String>,
    /// Whether ABFindAll says that it uses Messenger. Real clients show the presence of no other contact.
    pub messenger_user: bool,
    /// Its phone numbers. Clients up to MSNP12 are told of them with the lists.
    pub phones: Phones,
    /// Its display picture, from a PNG file beside the contact files. [`Contact::msnobj`] describes it, unless the
    /// contact's file has an object of its own.
    pub picture: Option<Arc<Picture>>,
    /// What it does in conversations by itself.
    pub manner: Manner,
}

impl Contact {
    /// A contact as it is when it is added: offline, on the forward, allow and reverse lists.
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

    /// Its presence, as frames carry it.
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

    /// Whether a signed-in client is told of it: it is not offline, and it is on the forward list.
    pub fn is_seen(&self) -> bool {
        self.status.is_visible() && self.lists.contains(Lists::FORWARD)
    }

    /// The 64-bit number by which SOAP knows it. It is made from the account, so it is the same at every start.
    pub fn cid(&self) -> i64 {
        cid(&self.account)
    }

    /// Bytes that it takes in memory, about.
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
            return invalid(Part::Id, Unfit::NoGuid(self.id.clone()));
        }
        Ok(())
    }
}

/// See [`Contact::cid`].
pub fn cid(account: &str) -> i64 {
    // FNV-1a: any spread that stays the same will do. The number is never negative, for old clients.
    let hash = account
        .bytes()
        .map(|b| b.to_ascii_lowercase())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    (hash >> 1) as i64
}

/// Refuses an account that cannot be one argument of a line.
///
/// # Errors
/// [`EditError::Invalid`] with the reason.
pub fn check_account(account: &str) -> Result<(), EditError> {
    let mut parts = account.split('@');
    let two = matches!((parts.next(), parts.next(), parts.next()), (Some(a), Some(b), None) if !a.is_empty() && !b.is_empty());
    if !two && !account.starts_with("tel:") {
        return invalid(Part::Account, Unfit::NoAccount(account.to_owned()));
    }
    if account.len() > MAX_ACCOUNT {
        return invalid(Part::Account, Unfit::TooLong(MAX_ACCOUNT));
    }
    if let Some(c) = account.chars().find(|c| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '&' | ';' | ',' | '%')
    }) {
        return invalid(Part::Account, Unfit::NotInAccount(c));
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
        return invalid(part, Unfit::TooLong(most));
    }
    // XML 1.0 has no way to write other control characters, and a name is one line.
    match text.chars().find(|c| {
        (c.is_control() && !(lines && matches!(c, '\n' | '\t' | '\r')))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    }) {
        Some(c) => invalid(part, Unfit::NotInText(c)),
        None => Ok(()),
    }
}

fn invalid<T>(part: Part, reason: Unfit) -> Result<T, EditError> {
    Err(EditError::Invalid { part, reason })
}
