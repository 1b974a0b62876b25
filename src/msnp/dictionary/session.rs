//! Signing in, staying signed in, and leaving.

use super::Kind::*;
use super::*;

/// The services that `URL` asks for.
const SERVICES: &[(&str, &str)] = &[
    ("INBOX", "the mailbox"),
    ("FOLDERS", "the mail folders"),
    ("COMPOSE", "a new mail"),
    ("MOBILE", "the settings of mobile messages"),
    ("CHGMOB", "the settings of the mobile device"),
    ("PROFILE", "the user's profile"),
    ("PERSON", "the user's account"),
    ("CHAT", "the chat rooms"),
    ("PASSWORD", "a new password"),
    ("ADDRBOOK", "the address book"),
    ("ADVSEARCH", "the directory, in detail"),
    ("INTSEARCH", "the directory, by interest"),
];

const REASONS: &[(&str, &str)] = &[
    ("OTH", "signed in from another place"),
    ("SSD", "the server shuts down"),
    ("MIG", "the account is being moved"),
    ("TOU", "the terms of use are to be accepted"),
    ("RCT", "reconnect after some minutes"),
];

/// Every error code, read as one verb: `911 4`. Its codes are in [`errors`](crate::msnp::errors).
pub(super) static ERROR: Verb = Verb {
    name: "error",
    meaning: "the command of this transaction was refused",
    source: "NINA wiki; papyon for the two with a payload",
    forms: forms! {
        ANSWER [], stages: EVERYWHERE;
        ANSWER [LENGTH], "with details (241 and 509)", stages: EVERYWHERE;
    },
};

pub(super) const VERBS: &[Verb] = verbs! {
    "VER" "which dialects the client speaks, and the one that is agreed", "article; NINA wiki" {
        CLIENT [one("dialect", Dialect), repeated("dialect", Dialect)],
            "the dialects that the client speaks, best first", stages: SIGN_IN;
        ANSWER [one("dialect", Dialect), optional("CVR0", Word("CVR0"))],
            "the dialect that is agreed (the article's service echoes CVR0)", stages: SIGN_IN;
        ANSWER [one("no dialect", Word("0"))], "nothing in common; the service closes", stages: SIGN_IN;
    }
    "CVR" "the client's name and version, and which one is recommended", "article; NINA wiki" {
        CLIENT [one("language", Language), one("operating system", Text), one("its version", Text), one("architecture", Text),
            one("client", Text), one("client version", Text), one("brand", Text), optional("account", Account),
            repeated("more", Text)], "what the client is", stages: SIGN_IN;
        ANSWER [one("recommended version", Text), one("recommended version again", Text), one("least version", Text),
            one("download URL", Text), one("information URL", Text)],
            "versions and where to get one (the Mac takes 1 2 3 4 5)", stages: SIGN_IN;
    }
    "USR" "sign in", "article; NINA wiki; Escargot" {
        CLIENT [one("method", Word("TWN")), one("step", Word("I")), one("account", Account)],
            "begins to sign in with a Passport ticket (Tweener)", stages: SIGN_IN;
        CLIENT [one("method", Word("TWN")), one("step", Word("S")), one("ticket", Secret), optional("machine GUID", Guid)],
            "shows the Passport ticket", stages: SIGN_IN;
        CLIENT [one("method", Word("SSO")), one("step", Word("I")), one("account", Account)],
            "begins to sign in with a token of the security service", shapes: windows_since(14), stages: SIGN_IN;
        CLIENT [one("method", Word("SSO")), one("step", Word("S")), one("ticket", Secret), one("proof", Secret),
            optional("machine GUID", Guid)],
            "shows the token and the proof made of the nonce", shapes: windows_since(14), stages: SIGN_IN;
        CLIENT [one("account", Account), one("switchboard token", Secret)],
            "enters a switchboard that it asked for", stages: SWITCHBOARD;
        ANSWER [one("result", Word("OK")), one("account", Account), one("verified", Number), one("child", Number)],
            "signed in", shapes: since(10), stages: SIGN_IN;
        ANSWER [one("method", Word("TWN")), one("step", Word("S")), one("ticket parameters", Text)],
            "what the client takes to the Passport login", stages: SIGN_IN;
        ANSWER [one("method", Word("SSO")), one("step", Word("S")), one("policy", Text), one("nonce", Text)],
            "the policy to ask for and the nonce to prove", shapes: windows_since(14), stages: SIGN_IN;
        ANSWER [one("result", Word("OK")), one("account", Account), one("friendly name", FriendlyName), one("verified", Number),
            one("child", Number)], "signed in", shapes: windows(8, 9), stages: SIGN_IN;
        ANSWER [one("result", Word("OK")), one("account", Account), one("friendly name", FriendlyName)],
            "entered the switchboard", stages: SWITCHBOARD;
    }
    "XFR" "go to another server: notification or switchboard", "NINA wiki; Escargot" {
        CLIENT [one("server", Word("SB"))], "asks for a switchboard";
        ANSWER [one("server", Word("NS")), one("address", HostPort), one("zero", Text), one("current address", Text)],
            "sign in at this notification server", shapes: windows(8, 12), stages: NOTIFICATION;
        ANSWER [one("server", Word("NS")), one("address", HostPort), one("U", Text), one("D", Text)],
            "sign in at this notification server", shapes: since(13), stages: NOTIFICATION;
        ANSWER [one("server", Word("SB")), one("address", HostPort), one("method", Word("CKI")), one("switchboard token", Secret),
            optional("U", Word("U")), optional("domain", Text), optional("direct", Text)],
            "the switchboard (U and domain from MSNP13, 1 from MSNP14)";
    }
    "SBS" "a setting of mobile messages that no client needs", "NINA wiki" {
        PUSH_ZERO [one("number", Text), repeated("more", Text)], shapes: since(11), stages: NOTIFICATION;
        CLIENT [repeated("more", Text)], "asks for it; the line is echoed", shapes: since(11);
        ANSWER [repeated("more", Text)], "the same line", shapes: since(11);
    }
    "GCF" "policies: what may be sent (\"shields\")", "NINA wiki; Escargot" {
        CLIENT [one("file", Text)], "asks for the file Shields.xml", shapes: since(11);
        PUSH_ZERO [LENGTH],
            "the policies, pushed before USR is answered (the Mac works without)", shapes: since(13), stages: NOTIFICATION;
        ANSWER [one("file", Text), LENGTH], "the file that was asked for", shapes: since(11);
    }
    "CHL" "a challenge: the client must answer with QRY", "NINA wiki" {
        PUSH_ZERO [one("challenge", Text)];
    }
    "QRY" "the answer to a challenge", "NINA wiki" {
        CLIENT [one("product id", Text), LENGTH], "32 hexadecimal digits, made of the challenge and the product key";
        ANSWER [], "the answer is right";
    }
    "PNG" "ping: is the service there?", "NINA wiki; article (the Mac sends a number)" {
        CLIENT [], transaction: Transaction::Either, stages: EVERYWHERE;
    }
    "QNG" "the answer to a ping", "NINA wiki; article" {
        PUSH [one("seconds to the next ping", Number)], shapes: since(9), stages: EVERYWHERE;
        PUSH [], shapes: windows(8, 8), stages: EVERYWHERE;
    }
    "OUT" "goodbye", "NINA wiki" {
        CLIENT [optional("reason", Text)],
            "the client signs out, or leaves the switchboard", transaction: Transaction::Never, stages: EVERYWHERE;
        PUSH [optional("reason", OneOf(REASONS)), optional("minutes", Number)],
            "the service ends the connection (MIG and TOU from MSNP10, RCT from 11)", stages: EVERYWHERE;
    }
    "URL" "the address of a web service", "NINA wiki; article" {
        CLIENT [one("service", Known(SERVICES)), optional("language or account", Text)], "asks for it";
        ANSWER [one("redirect URL", Url), one("login URL", Url), one("id", Number)],
            "where it is, and where to log in for it", shapes: windows_since(8);
        ANSWER [one("service", Known(SERVICES)), optional("language or account", Text), one("URL", Url)],
            "where it is (what the Mac takes)", shapes: mac(13, 17);
    }
    "ACK" "taken", "article; NINA wiki" {
        ANSWER [one("verb", Text)], "the command was taken (in place of an echo, for the Mac)", shapes: mac(13, 17);
        ANSWER [], "the message arrived (asked for with A or D)", stages: SWITCHBOARD;
    }
    "NOT" "a notification in XML: an alert, or ABCHInternal, after which the address book is read again", "NINA wiki; papyon" {
        PUSH [LENGTH];
    }
    "IPG" "a page from a mobile phone", "NINA wiki" {
        PUSH [LENGTH];
    }
    "PAG" "a page to a mobile phone", "NINA wiki" {
        CLIENT [repeated("contact", Text), LENGTH];
        ANSWER [repeated("result", Text)];
    }
    "PGD" "a page to a mobile phone, with a receipt", "NINA wiki" {
        CLIENT [repeated("contact", Text), LENGTH];
        ANSWER [repeated("result", Text)];
    }
    "SDC" "an invitation by mail to use Messenger", "NINA wiki" {
        CLIENT [one("account", Account), one("language", Language), repeated("more", Text), LENGTH];
        ANSWER [repeated("result", Text)];
    }
};
