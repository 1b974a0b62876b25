//! Lists over the notification connection, MSNP8 to 12. From MSNP13 on SYN, ADC, REM, ADG and GTC end it.

use super::Kind::*;
use super::*;

const OLD: Shapes = windows(8, 9);
const GUIDS: Shapes = windows(10, 12);
const OLDER: Shapes = windows(8, 12);

const MAIL: Parameter = one("account", Account);
const NAME: Parameter = one("friendly name", FriendlyName);
const GROUP_NAME: Parameter = one("group name", Encoded);
const GROUP_NUMBER: Parameter = one("group number", Number);
const GROUP: Parameter = one("group", Guid);
const VERSION: Parameter = one("list version", Number);
const ZERO: Parameter = one("zero", Number);
const LIST: Parameter = one("list", OneOf(LISTS));
const TAGGED_MAIL: Parameter = one("account", Tagged("N=", &Account));
const TAGGED_NAME: Parameter = optional("friendly name", Tagged("F=", &FriendlyName));
const TAGGED_ID: Parameter = optional("contact id", Tagged("C=", &Guid));
const CONTACT: Parameter = one("contact id", Guid);
const PROPERTY: Parameter = one("property", Known(PROPERTIES));
const PROPERTY_VALUE: Parameter = optional("value", Encoded);

/// `tel:+31123456789`, not encoded.
const PHONE: Parameter = one("phone number", Text);

const PROPERTIES: &[(&str, &str)] = &[("MFN", "the friendly name")];

const LISTS: &[(&str, &str)] = &[
    ("FL", "forward list"),
    ("AL", "allow list"),
    ("BL", "block list"),
    ("RL", "reverse list"),
    ("PL", "pending list"),
];

const NOTICES: &[(&str, &str)] = &[
    ("A", "ask when somebody adds the user"),
    ("N", "do not ask"),
];

const PHONES: &[(&str, &str)] = &[
    ("PHH", "phone at home"),
    ("PHW", "phone at work"),
    ("PHM", "mobile phone"),
    ("MOB", "messages to the mobile phone (Y or N)"),
    ("MBE", "a mobile device is set up"),
    ("WWE", "an MSN Direct device is set up"),
    ("HSB", "has a Space"),
];

pub(super) const VERBS: &[Verb] = verbs! {
    "SYN" "the lists are wanted, if they have changed", "NINA wiki; Escargot" {
        CLIENT [VERSION], shapes: OLD;
        CLIENT [one("contacts stamp", Text), one("settings stamp", Text)], shapes: GUIDS;
        ANSWER [VERSION, one("how many contacts", Number), one("how many groups", Number)], shapes: OLD;
        ANSWER [one("contacts stamp", Text), one("settings stamp", Text), one("how many contacts", Number),
            one("how many groups", Number)], shapes: GUIDS;
        ANSWER [VERSION], "the lists have not changed", shapes: OLD;
        ANSWER [one("contacts stamp", Text), one("settings stamp", Text)], "the lists have not changed", shapes: GUIDS;
    }
    "LSG" "a group, after SYN", "NINA wiki" {
        PUSH [GROUP_NUMBER, GROUP_NAME, ZERO], shapes: OLD;
        PUSH [GROUP_NAME, GROUP], shapes: GUIDS;
    }
    "LST" "a contact, after SYN", "NINA wiki; Escargot" {
        PUSH [MAIL, NAME, one("lists", Lists), optional("group numbers", Text)], shapes: OLD;
        PUSH [TAGGED_MAIL, TAGGED_NAME, TAGGED_ID, one("lists", Lists), optional("groups", Text)], shapes: windows(10, 11);
        PUSH [TAGGED_MAIL, TAGGED_NAME, TAGGED_ID, one("lists", Lists), one("network", Network), optional("groups", Text)],
            shapes: windows(12, 12);
    }
    "BPR" "a phone number or setting of the contact of the LST before it", "NINA wiki" {
        PUSH [one("property", OneOf(PHONES)), optional("value", Encoded)], shapes: OLDER;
        PUSH [VERSION, MAIL, one("property", OneOf(PHONES)), optional("value", Encoded)], "a contact has changed it", shapes: OLD;
        PUSH [MAIL, one("property", OneOf(PHONES)), optional("value", Encoded)], "a contact has changed it", shapes: GUIDS;
    }
    "GTC" "whether the user is asked when somebody adds them", "NINA wiki" {
        CLIENT [one("setting", OneOf(NOTICES))], shapes: OLDER;
        ANSWER [one("setting", OneOf(NOTICES))], shapes: OLDER;
        ANSWER [VERSION, one("setting", OneOf(NOTICES))], shapes: OLD;
        PUSH [one("setting", OneOf(NOTICES))], "told after SYN", shapes: OLDER;
    }
    "ADG" "a new group", "NINA wiki" {
        CLIENT [GROUP_NAME, ZERO], shapes: OLD;
        CLIENT [GROUP_NAME], shapes: GUIDS;
        ANSWER [VERSION, GROUP_NAME, GROUP_NUMBER, ZERO], shapes: OLD;
        ANSWER [GROUP_NAME, GROUP], shapes: GUIDS;
    }
    "REG" "a new name of a group", "NINA wiki" {
        CLIENT [GROUP_NUMBER, GROUP_NAME, ZERO], shapes: OLD;
        CLIENT [GROUP, GROUP_NAME], shapes: GUIDS;
        ANSWER [VERSION, GROUP_NUMBER, GROUP_NAME, ZERO], shapes: OLD;
        ANSWER [GROUP, GROUP_NAME], shapes: GUIDS;
    }
    "RMG" "the end of a group", "NINA wiki" {
        CLIENT [GROUP_NUMBER], shapes: OLD;
        CLIENT [GROUP], shapes: GUIDS;
        ANSWER [VERSION, GROUP_NUMBER], shapes: OLD;
        ANSWER [GROUP], shapes: GUIDS;
    }
    "ADD" "a contact is put on a list", "NINA wiki" {
        CLIENT [LIST, MAIL, NAME, optional("group number", Number)], shapes: OLD;
        ANSWER [LIST, VERSION, MAIL, NAME, optional("group number", Number)],
            "taken; with transaction 0, somebody has added the user", shapes: OLD;
    }
    "ADC" "a contact is put on a list, or into a group", "NINA wiki" {
        CLIENT [LIST, TAGGED_MAIL, TAGGED_NAME], shapes: GUIDS;
        CLIENT [LIST, one("contact id", Tagged("C=", &Guid)), GROUP], "into a group", shapes: GUIDS;
        ANSWER [LIST, TAGGED_MAIL, TAGGED_NAME, TAGGED_ID, optional("group", Guid)],
            "taken; with transaction 0, somebody has added the user", shapes: GUIDS;
        ANSWER [LIST, one("contact id", Tagged("C=", &Guid)), GROUP], "taken, into a group", shapes: GUIDS;
    }
    "REM" "a contact is taken off a list, or out of a group", "NINA wiki" {
        CLIENT [LIST, MAIL, optional("group number", Number)], shapes: OLD;
        CLIENT [LIST, MAIL], "from the allow, block, reverse or pending list", shapes: GUIDS;
        CLIENT [LIST, one("contact id", Guid), optional("group", Guid)], "from the forward list, or out of a group", shapes: GUIDS;
        ANSWER [LIST, VERSION, MAIL, optional("group number", Number)],
            "taken; with transaction 0, somebody has removed the user", shapes: OLD;
        ANSWER [LIST, MAIL], "taken; with transaction 0, somebody has removed the user", shapes: GUIDS;
        ANSWER [LIST, one("contact id", Guid), optional("group", Guid)], "taken", shapes: GUIDS;
    }
    "REA" "another name of a contact, or of the user", "NINA wiki; clients watched" {
        CLIENT [MAIL, NAME], shapes: OLD;
        ANSWER [VERSION, MAIL, NAME], shapes: OLD;
    }
    "SBP" "a property of a contact, such as its name", "msnp-wiki; clients watched" {
        CLIENT [CONTACT, PROPERTY, PROPERTY_VALUE], shapes: GUIDS;
        ANSWER [CONTACT, PROPERTY, PROPERTY_VALUE], "the same line, as taken", shapes: GUIDS;
    }
    "LKP" "looks up whether a phone number takes messages", "NINA wiki, MSNP12" {
        CLIENT [PHONE], shapes: windows_since(12);
        ANSWER [PHONE], "it does", shapes: windows_since(12);
    }
};
