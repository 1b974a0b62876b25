//! One contact's entry of the lists, as SYN lists it up to MSNP12: LST, and BPR behind it.

use crate::msnp::adl::Lists;
use crate::msnp::dialect::Book;
use crate::msnp::percent;
use crate::roster::Contact;
use crate::server::book::Numbers;

/// The capability bit of a client that takes messages to a mobile phone.
const MOBILE: u32 = 0x40;

/// Whether a contact has an entry.
pub(super) fn is_listed(contact: &Contact) -> bool {
    contact.lists != Lists::default()
}

/// LST of a contact, and BPR behind it; `None` for one that is on no list.
pub(super) fn contact(
    book: Book,
    contact: &Contact,
    numbers: &Numbers,
) -> Option<impl Iterator<Item = String> + use<>> {
    if !is_listed(contact) {
        return None;
    }
    let Contact {
        account,
        name,
        lists,
        network,
        id,
        ..
    } = contact;
    let (name, bits) = (percent::encode(name), lists.0);
    let own = lists.contains(Lists::FORWARD);
    let groups = groups(book, contact, numbers);
    let line = match (book, own) {
        (Book::Numbers, _) => format!("LST {account} {name} {bits}"),
        (Book::Networks, true) => format!("LST N={account} F={name} C={id} {bits} {network}"),
        (Book::Networks, false) => format!("LST N={account} F={name} {bits} {network}"),
        (_, true) => format!("LST N={account} F={name} C={id} {bits}"),
        (_, false) => format!("LST N={account} F={name} {bits}"),
    };
    let line = match groups.as_str() {
        "" => format!("{line}\r\n"),
        groups => format!("{line} {groups}\r\n"),
    };
    Some(std::iter::once(line).chain(own.then(|| properties(contact)).into_iter().flatten()))
}

/// BPR: the phone numbers that a contact shows, and whether it takes messages to the mobile one.
fn properties(contact: &Contact) -> impl Iterator<Item = String> + use<> {
    let phones = &contact.phones;
    let takes = contact.capabilities & MOBILE != 0;
    let all = [
        ("PHH", percent::encode(&phones.home)),
        ("PHW", percent::encode(&phones.work)),
        ("PHM", percent::encode(&phones.mobile)),
        ("MOB", if takes { "Y".to_owned() } else { String::new() }),
    ];
    let known = all.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(key, value)| format!("BPR {key} {value}\r\n"))
}

/// The groups of a contact with commas between them: their numbers, or their GUIDs.
fn groups(book: Book, contact: &Contact, numbers: &Numbers) -> String {
    if !contact.lists.contains(Lists::FORWARD) {
        return String::new();
    }
    if book != Book::Numbers {
        return contact.groups.join(",");
    }
    if contact.groups.is_empty() {
        return "0".into();
    }
    let numbers = contact.groups.iter().filter_map(|id| numbers.of(id));
    numbers.map(|n| n.to_string()).collect::<Vec<_>>().join(",")
}
