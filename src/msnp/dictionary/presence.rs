//! Presence, personal messages, one's own name, and notes between users.

use super::Kind::*;
use super::*;
use crate::msnp::networks::{MESSAGE_TYPES, NOTE_TYPES};

const MAIL: Parameter = one("account", Account);
const JOINED: Parameter = one("contact", NetworkAccount);
const NETWORK: Parameter = one("network", Network);
const STATUS: Parameter = one("status", Status);
const NAME: Parameter = one("friendly name", FriendlyName);
const ONE_NUMBER: Parameter = one("capabilities", Capabilities);
const TWO_NUMBERS: Parameter = one("capabilities", CapabilityPair);
const OBJECT: Parameter = one("msnobj", Msnobj);
const ICON: Parameter = optional("icon", Encoded);

/// What follows the verb (and the transaction id) in ILN and NLN, by shape.
const AT_8: [Parameter; 4] = [STATUS, MAIL, NAME, ONE_NUMBER];
const AT_9: [Parameter; 5] = [STATUS, MAIL, NAME, ONE_NUMBER, OBJECT];
const AT_14: [Parameter; 7] = [STATUS, MAIL, NETWORK, NAME, ONE_NUMBER, OBJECT, ICON];
const AT_16: [Parameter; 7] = [STATUS, MAIL, NETWORK, NAME, TWO_NUMBERS, OBJECT, ICON];
const AT_18: [Parameter; 6] = [STATUS, JOINED, NAME, TWO_NUMBERS, OBJECT, ICON];

/// The shapes of [`AT_14`]: the Mac has one number at 16, and drops an ILN without msnobj (the article).
const SINGLE: Shapes = split((13, 15), (13, 17));

const PRIVACY: &[(&str, &str)] = &[
    ("AL", "who is on neither list is allowed"),
    ("BL", "who is on neither list is blocked"),
];

const PROPERTIES: &[(&str, &str)] = &[
    ("MFN", "the friendly name"),
    ("PHH", "phone at home"),
    ("PHW", "phone at work"),
    ("PHM", "mobile phone"),
    ("MOB", "messages to the mobile phone allowed (Y or N)"),
    ("MBE", "a mobile device is set up (Y or N)"),
    ("WWE", "an MSN Direct device is set up"),
    ("HSB", "has a Space"),
];

pub(super) const VERBS: &[Verb] = verbs! {
    "CHG" "the user's own status and capabilities", "article; NINA wiki" {
        CLIENT [STATUS, one("capabilities", AnyCapabilities), optional("msnobj", Msnobj), ICON];
        CLIENT [STATUS], "the status alone (one open client)";
        ANSWER [STATUS, one("capabilities", AnyCapabilities), optional("msnobj", Msnobj), ICON],
            "the same line, as taken; the initial presence follows";
    }
    "ILN" "initial presence of a contact, after CHG", "article; NINA wiki; at 18 Escargot sends NLN instead, Tachyon ILN" {
        ANSWER AT_14, shapes: SINGLE;
        ANSWER AT_8, shapes: windows(8, 8);
        ANSWER AT_9, shapes: windows(9, 12);
        ANSWER AT_16, shapes: windows(16, 17);
        ANSWER AT_18, shapes: since(18);
    }
    "NLN" "a contact is there, or has changed", "NINA wiki; the Mac's form is inferred from the article's ILN" {
        PUSH AT_14, shapes: SINGLE;
        PUSH AT_8, shapes: windows(8, 8);
        PUSH AT_9, shapes: windows(9, 12);
        PUSH AT_16, shapes: windows(16, 17);
        PUSH AT_18, shapes: since(18);
    }
    "FLN" "a contact is offline", "NINA wiki; Escargot" {
        PUSH [MAIL, NETWORK, optional("capabilities", Capabilities)], shapes: SINGLE;
        PUSH [MAIL], shapes: windows(8, 12);
        PUSH [MAIL, NETWORK, optional("capabilities", CapabilityPair)], shapes: windows(16, 17);
        PUSH [JOINED, optional("capabilities", AnyCapabilities)], shapes: since(18);
    }
    "UBX" "a contact's personal message and media", "article; NINA wiki" {
        PUSH [MAIL, NETWORK, LENGTH], shapes: between(13, 17);
        PUSH [MAIL, LENGTH], shapes: windows(11, 12);
        PUSH [JOINED, LENGTH], shapes: since(18);
    }
    "UUX" "the user's own personal message, or data of this endpoint", "article; NINA wiki" {
        CLIENT [LENGTH], shapes: since(11);
        ANSWER [one("zero", Word("0"))], "taken (the Mac takes ACK instead)", shapes: since(11);
    }
    "UUN" "a note to another user, or to one's own endpoints", "article; NINA wiki; papyon" {
        CLIENT [MAIL, one("type", Known(NOTE_TYPES)), LENGTH], shapes: since(13);
        ANSWER [one("result", Word("OK"))], "taken (the Mac takes ACK instead)", shapes: since(13);
    }
    "UBN" "a note from another user", "NINA wiki; papyon" {
        PUSH [MAIL, one("type", Known(NOTE_TYPES)), LENGTH], shapes: since(13);
    }
    "UUM" "a message to a user of another network", "NINA wiki; papyon" {
        CLIENT [MAIL, NETWORK, one("type", Known(MESSAGE_TYPES)), LENGTH], shapes: since(14);
    }
    "UBM" "a message from a user of another network", "NINA wiki; papyon" {
        PUSH [MAIL, NETWORK, one("type", Known(MESSAGE_TYPES)), LENGTH], shapes: since(14);
    }
    "PRP" "a property of the user: the friendly name, a phone number", "article; NINA wiki" {
        CLIENT [one("property", Known(PROPERTIES)), optional("value", FriendlyName)];
        ANSWER [one("property", OneOf(PROPERTIES)), optional("value", FriendlyName)],
            "the same line, as taken (the Mac takes ACK instead)";
        ANSWER [one("list version", Number), one("property", OneOf(PROPERTIES)), optional("value", FriendlyName)],
            "as taken, with the version of the lists", shapes: windows(8, 9);
        PUSH [one("property", OneOf(PROPERTIES)), optional("value", FriendlyName)], "told after SYN", shapes: windows(8, 12);
    }
    "BLP" "the privacy default: who is on neither the allow nor the block list", "article; NINA wiki" {
        CLIENT [one("default", OneOf(PRIVACY))];
        ANSWER [one("default", OneOf(PRIVACY))], "the same line, as taken (the Mac takes ACK instead)";
        ANSWER [one("list version", Number), one("default", OneOf(PRIVACY))],
            "as taken, with the version of the lists", shapes: windows(8, 9);
        PUSH [one("default", OneOf(PRIVACY))], "told after SYN", shapes: windows(8, 12);
    }
};
