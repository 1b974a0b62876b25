//! What the service itself tells of, and what is known of any finding. It stands below the rules, which count what the
//! service told, and below the catalogue, which lists both.

use crate::event::Severity;
use Severity::{Error, Info, Warning};

/// What a finding is, whoever finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub id: &'static str,
    /// How much it matters, as a rule.
    pub severity: Severity,
    /// What it is, and why it matters.
    pub explanation: &'static str,
    /// What the real service did.
    pub real_service: &'static str,
}

pub(super) const fn about(
    id: &'static str,
    severity: Severity,
    explanation: &'static str,
    real_service: &'static str,
) -> About {
    About {
        id,
        severity,
        explanation,
        real_service,
    }
}

/// The id of every stall of the login ladder.
pub const STALLED: &str = "stalled";

/// What the service itself tells of. A test holds it against the ids in `src/server`.
pub const SERVICE: &[About] = &[
    about(
        "no-common-dialect",
        Error,
        "The client offers no dialect that is served",
        "answered VER n 0 and closed",
    ),
    about(
        "out-of-order",
        Error,
        "A command came where it does not belong: before the sign-in that it needs, or a second time",
        "answered 715 and closed, 731 to a CVR before the first USR",
    ),
    about(
        "long-field",
        Warning,
        "A field that the client says of itself is longer than a contact's may be: personal message, media, endpoint, capabilities, GUID, software; it was cut, and the session goes on",
        "had shorter bounds, and closed or passed it over",
    ),
    about(
        "transaction-id",
        Error,
        "A command has no transaction id where one belongs, or something else stands there",
        "had the error 200 (syntax) for it",
    ),
    about(
        "argument-count",
        Error,
        "A command has too few arguments; at PNG and USR, too many",
        "had the error 200 (syntax) for it",
    ),
    about(
        "bad-account",
        Error,
        "The account in USR cannot be one",
        "had the errors 205 and 208 (no such user) for it",
    ),
    about(
        "sign-in-method",
        Error,
        "The client asks for a way to sign in that is not served: TWN is",
        "knew TWN and, from MSNP15 on, SSO",
    ),
    about(
        "ticket",
        Error,
        "The ticket in USR was not issued by this run of nudge, was changed, has ended (--ticket-life), or is of another account",
        "answered 911 and closed",
    ),
    about(
        "empty-line",
        Info,
        "An empty line came between two commands; it was ignored",
        "is not known to have taken it",
    ),
    about(
        "bare-lf",
        Warning,
        "A line ends in LF without CR",
        "is not known to have taken it",
    ),
    about(
        "unfinished",
        Warning,
        "A part of a command has come and no more of it for a second: no line end, or less payload than its length says. Nothing is closed, since the client may be stopped in a debugger",
        "is not known to have said anything",
    ),
    about(
        "line-too-long",
        Error,
        "A line has no end within 8 KiB; where the next command begins is unknown",
        "is not known to have taken it",
    ),
    about(
        "bad-length",
        Error,
        "The payload length is missing, no plain number, or more than 64 KiB",
        "is not known to have taken it",
    ),
    about(
        "unknown-verb",
        Warning,
        "The verb is none of the protocol's; it got no reply, and its payload is taken to be none",
        "closed without a word, during sign-in; later it is not known",
    ),
    about(
        "wrong-stage",
        Warning,
        "The verb belongs to the switchboard and came on the notification connection, or the other way round",
        "is not known to have answered it",
    ),
    about(
        "other-dialect",
        Error,
        "The verb belongs to another dialect than the one agreed on",
        "ended the connection on the list verbs of older dialects, from MSNP13 on on all of them",
    ),
    about(
        "list-edit",
        Error,
        "A command that edits lists, groups or settings was refused, with the code of its reason",
        "had the same codes",
    ),
    about(
        "not-served",
        Error,
        "The verb is known, and nudge does not serve it yet; 502 was answered",
        "served it",
    ),
    about(
        "not-encoded",
        Warning,
        "The friendly name in PRP is not percent-encoded",
        "read a bare space as the end of the name",
    ),
    about(
        "friendly-name",
        Error,
        "The friendly name in PRP is empty, or longer than 387 bytes encoded",
        "answered 209",
    ),
    about(
        "privacy",
        Error,
        "The default in BLP is neither AL nor BL",
        "had the error 201 (parameter) for it",
    ),
    about(
        "status",
        Error,
        "The status in CHG is none, or FLN, which cannot be chosen",
        "answered 201",
    ),
    about(
        "capabilities",
        Error,
        "The capabilities in CHG are neither a number nor two with a colon between",
        "had the error 201 (parameter) for it",
    ),
    about(
        "list-bits",
        Warning,
        "An entry of ADL or RML is put on no list that exists",
        "had the error 241 (bad payload) for it",
    ),
    about(
        "list-both",
        Warning,
        "An entry of ADL is on the allow and the block list at once; it was taken",
        "had the error 219 (opposite list) for it",
    ),
    about(
        "list-spaces",
        Warning,
        "White space stands between the elements of ADL or RML; it was taken",
        "answered 241",
    ),
    about(
        "list-long",
        Warning,
        "One ADL or RML has more than about 7,500 bytes or 150 entries; it was taken",
        "took no more, and clients sent several",
    ),
    about(
        "list-stranger",
        Error,
        "RML takes somebody off a list who is on none",
        "answered 216",
    ),
    about(
        "challenge-product",
        Warning,
        "QRY names a product whose key is not known, so its answer cannot be checked; it was taken",
        "answered 540 to a product that it did not know",
    ),
    about(
        "challenge-refused",
        Error,
        "QRY answers a challenge wrongly: 540 was answered and the connection closed, or with --no-540 it was taken",
        "answered 540 and closed",
    ),
    about(
        "list-payload",
        Error,
        "The payload of ADL, RML or FQY cannot be read",
        "had the errors 240 (empty domain) and 241 (bad payload) for it",
    ),
    about(
        "personal-payload",
        Error,
        "The payload of UUX cannot be read",
        "had the error 200 (syntax) for it",
    ),
    about(
        "offline",
        Error,
        "UUN or CAL is for an account that cannot be seen: offline, hidden, or one that blocks the client",
        "answered 217",
    ),
    about(
        "hidden",
        Error,
        "A client that is hidden asked for a switchboard",
        "answered 913",
    ),
    about(
        "bad-cookie",
        Error,
        "USR or ANS at the switchboard with a cookie that was not given to this account, was shown before, is more than a minute old, or whose conversation is over",
        "answered 911 and closed",
    ),
    about(
        "no-such-account",
        Error,
        "CAL is for an account that nobody has",
        "answered 208",
    ),
    about(
        "in-conversation",
        Error,
        "CAL is for somebody who is in the conversation already",
        "answered 215",
    ),
    about(
        "conversation-full",
        Error,
        "A conversation has as many members as one may have",
        "had fewer, and answered an error of its own",
    ),
    about(
        "too-many-conversations",
        Error,
        "A client is in as many conversations as one may be in",
        "is not known to have counted them so",
    ),
    about(
        "too-many-messages",
        Warning,
        "More messages came in one second of a conversation than are carried; NAK was answered where a receipt was asked for",
        "answered 800 to a client that was too fast",
    ),
    about(
        "nobody-there",
        Warning,
        "A message came while nobody else was in the conversation: nobody was called yet, or the last has left; NAK was answered where a receipt was asked for",
        "did the same",
    ),
    about(
        "unasked-challenge",
        Info,
        "QRY came without a challenge of the service; it was acknowledged",
        "had the error 540 for a wrong answer",
    ),
    about(
        "no-descriptors",
        Error,
        "The system has no file descriptor left: no further connection is accepted until another closes",
        "is not known to have met it",
    ),
    about(
        "wrong-port",
        Warning,
        "What came belongs to another port: TLS or HTTP to the notification or the switchboard port, MSNP to a port of the web, TLS to the HTTP port; the connection was closed",
        "is not known to have met it",
    ),
    about(
        "not-msnp",
        Warning,
        "What came is no Messenger, or one that writes something else than MSNP: a request for a proxy, SIP, SSH, UTF-16, verbs in lower case and so on; the connection was closed",
        "is not known to have met it",
    ),
    about(
        "plain-on-tls-port",
        Warning,
        "Plain HTTP came to the TLS port; it is served, and takes no password",
        "is not known to have met it",
    ),
    about(
        "unknown-sni",
        Warning,
        "The client asked over TLS for a host that the certificate is not for; it was answered all the same, and most clients then refuse the certificate",
        "had each service on hosts of its own",
    ),
    about(
        "http-malformed",
        Warning,
        "What came is not understood as HTTP",
        "is not known to have met it",
    ),
    about(
        "http-timeout",
        Warning,
        "A request was not whole in time",
        "is not known to have met it",
    ),
    about(
        "http-cut",
        Warning,
        "The client closed in the middle of a request",
        "is not known to have met it",
    ),
    about(
        "body-too-large",
        Warning,
        "The body of a request is longer than nudge takes",
        "is not known to have met it",
    ),
    about(
        "unknown-path",
        Warning,
        "The path of a request is nothing that nudge serves; answered 404",
        "had services that nudge does not have",
    ),
    about(
        "proxy-set",
        Warning,
        "A request came as to a proxy: a proxy is set in the client or its system. What leads to nudge is answered, what leads elsewhere is refused",
        "was reached through a proxy all the same",
    ),
    about(
        "gateway-session",
        Warning,
        "A request to the HTTP gateway was refused: it names no session, one that has ended, one of another address, or by an id that was used already",
        "answered with an error, by which clients open another session",
    ),
    about(
        "passport-authorization",
        Warning,
        "A request to sign in has no Authorization header, or not one of Passport 1.4; answered 401",
        "answered 401",
    ),
    about(
        "passport-field",
        Warning,
        "The Authorization header lacks the account or the password, or the account cannot be one; answered 401",
        "answered 401",
    ),
    about(
        "rst-xml",
        Warning,
        "The body of a request for tokens (RST) is not XML that is taken; answered a fault",
        "answered a fault",
    ),
    about(
        "rst-field",
        Warning,
        "A request for tokens (RST) lacks the account, the password or an address, or has too many addresses; answered a fault",
        "answered a fault",
    ),
    about(
        "wrong-passwords",
        Warning,
        "Passwords that are wrong come in a row, for one account of accounts.toml or from one address; from the third on each answer waits 250 ms behind the others",
        "locked the account for a while",
    ),
    about(
        "two-hosts",
        Warning,
        "A request has more than one Host header; answered 400",
        "is not known to have said anything",
    ),
    about(
        "foreign-host",
        Warning,
        "Sign-in or address book were asked of a host that is none of Messenger's, no address, not localhost and not --public, as a page in a browser does that makes its own name lead here (DNS rebinding); answered 421",
        "had each service on hosts of its own",
    ),
    about(
        "passport-refused",
        Warning,
        "The account may not sign in, or its password is another; answered 401",
        "answered 401 with a text for the user",
    ),
    about(
        "passport-nonce",
        Warning,
        "The TWN parameters that came back are not of this run, so whose sign-in it is cannot be told",
        "is not known to have checked them",
    ),
    about(
        "clear-password",
        Warning,
        "A password came in the clear; on the TLS port it was refused",
        "had its login over TLS",
    ),
    about(
        "soap-method",
        Warning,
        "A SOAP request is no POST; answered 405",
        "is not known to have met it",
    ),
    about(
        "soap-xml",
        Warning,
        "The body of a SOAP request is not XML that is taken; answered a fault",
        "is not known to have met it",
    ),
    about(
        "soap-action",
        Warning,
        "SOAPAction and the body name different actions; the header counts",
        "is not known to have met it",
    ),
    about(
        "soap-unknown-action",
        Warning,
        "nudge does not know this SOAP action; answered a fault",
        "had actions that nudge does not have",
    ),
    about(
        "soap-no-ticket",
        Error,
        "A SOAP request has no ticket, neither in TicketToken nor in the cookie MSPAuth; answered a fault",
        "answered the fault PassportAuthFail",
    ),
    about(
        "soap-ticket",
        Error,
        "The ticket of a SOAP request was not issued by this run of nudge, or has ended (--ticket-life); answered a fault",
        "answered the fault PassportAuthFail",
    ),
    about(
        "soap-refused",
        Warning,
        "A SOAP request was answered with a fault",
        "had faults of the same names",
    ),
    about(
        "offline-message",
        Info,
        "Somebody left a message for an account or a contact that is not there",
        "left a message",
    ),
    about(
        "offline-refused",
        Warning,
        "An offline message was not kept: it cannot be read, or too many wait",
        "had a message kept",
    ),
    about(
        "soap-not-kept",
        Info,
        "The client asked for a change that nudge does not keep, and was told that all is well",
        "kept it",
    ),
];
