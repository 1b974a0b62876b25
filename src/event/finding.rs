//! Findings: what is not as it should be. A row of one table says all that is known of a finding: its id, who tells of it,
//! how much it matters, what it is and what the real service did. The enum, the catalogue, and the names in JSON, filters
//! and recordings are read from that table.

use super::table::Told;
use super::{EventId, Newer, Sentence, Severity};
use std::fmt::{self, Write as _};

fields! {
    /// Something that is not as it should be: which rule, which field, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Finding {
        /// The rule, such as `unknown-verb`.
        pub id: FindingId,
        /// How much it matters.
        pub severity: Severity,
        /// The field that it is about; empty where it is about no single field.
        pub field: Sentence,
        /// What was seen, why it is wrong, and what was done.
        pub text: Sentence,
        // The service knows no numbers: whoever takes its events up fills it in (`findings::Findings::point`). A
        // recording does not keep it, since its reader numbers the events anew.
        /// The `n` of the event that shows it. That event always stands before it.
        passing evidence: Option<EventId>,
    }
}

impl Told for Finding {
    fn tell(&self, out: &mut String) -> fmt::Result {
        write!(out, "{} {}", self.severity.name(), self.id)?;
        if !self.field.is_empty() {
            write!(out, " ({})", self.field)?;
        }
        write!(out, ": {}", self.text)
    }
}

named!(FindingId name);

impl Finding {
    /// A finding that matters as much as it usually does. No event shows it yet.
    pub fn new(
        id: impl Into<FindingId>,
        field: impl Into<Sentence>,
        text: impl Into<Sentence>,
    ) -> Self {
        let id = id.into();
        let severity = id.about().map_or(Severity::Warning, |about| about.severity);
        Self {
            id,
            severity,
            field: field.into(),
            text: text.into(),
            evidence: None,
        }
    }

    /// The same finding, with this severity.
    pub fn weighing(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// Who tells of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The service itself, as it happens.
    Service,
    /// The login ladder.
    Ladder,
    /// A rule, from the events.
    Rule,
}

/// What is known of a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct About {
    /// Which.
    pub id: FindingId,
    /// Its name in JSON, filters and recordings.
    pub name: &'static str,
    /// Who tells of it.
    pub teller: Teller,
    /// How much it usually matters.
    pub severity: Severity,
    /// What it is, and why it matters.
    pub explanation: &'static str,
    /// What the real service did.
    pub real_service: &'static str,
}

macro_rules! findings {
    (
        service { $($own:ident $own_name:literal $own_severity:ident $own_explanation:literal, $own_real:literal;)* }
        others { $($id:ident $name:literal $teller:ident $severity:ident $explanation:literal, $real:literal;)* }
    ) => {
        /// A finding that the service itself tells of. The service makes its findings of these alone, and nothing else
        /// does: of one that is never told, the compiler says that it is never constructed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[deny(dead_code)]
        pub(crate) enum ServiceFinding {
            $(#[doc = $own_explanation] $own,)*
        }

        impl From<ServiceFinding> for FindingId {
            fn from(finding: ServiceFinding) -> Self {
                match finding {
                    $(ServiceFinding::$own => FindingId::$own,)*
                }
            }
        }

        findings! {
            $($own $own_name Service $own_severity $own_explanation, $own_real;)*
            $($id $name $teller $severity $explanation, $real;)*
        }
    };
    ($($id:ident $name:literal $teller:ident $severity:ident $explanation:literal, $real:literal;)*) => {
        /// Which finding.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingId {
            $(#[doc = $explanation] $id,)*
            /// One of a newer nudge, in a recording.
            Newer(Newer),
        }

        /// Every finding, in the order of the table.
        pub const FINDINGS: &[About] = &[$(About {
            id: FindingId::$id,
            name: $name,
            teller: Teller::$teller,
            severity: Severity::$severity,
            explanation: $explanation,
            real_service: $real,
        }),*];

        impl FindingId {
            /// What is known of it; `None` for a finding that only a newer nudge knows.
            pub fn about(&self) -> Option<&'static About> {
                /// The places in the table.
                #[derive(Clone, Copy)]
                enum Place { $($id),* }
                let place = match self {
                    $(FindingId::$id => Place::$id,)*
                    FindingId::Newer(_) => return None,
                };
                FINDINGS.get(place as usize)
            }

            /// The finding of this name; `None` where neither this nudge nor a newer one can have a finding of that name.
            pub fn read(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(FindingId::$id),)*
                    _ => Newer::read(name).map(FindingId::Newer),
                }
            }
        }
    };
}

impl FindingId {
    /// Its name in JSON, filters and recordings.
    pub fn name(&self) -> &str {
        match self {
            FindingId::Newer(newer) => newer.name(),
            known => known.about().map_or("", |about| about.name),
        }
    }

    /// Whether the service itself tells of it, or another program did: no rule finds it, and it is no stall.
    pub fn is_services(&self) -> bool {
        self.about()
            .is_none_or(|about| about.teller == Teller::Service)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// Its name, who tells of it unless that is the service, how much it usually matters; what it is; what the real service did.
findings! {
    service {
        NoCommonDialect "no-common-dialect" Error
            "The client offers no dialect that is served",
            "answered VER n 0 and closed";
        OutOfOrder "out-of-order" Error
            "A command came where it does not belong: before the sign-in that it needs, or a second time",
            "answered 715 and closed, 731 to a CVR before the first USR";
        LongField "long-field" Warning
            "A field that the client says of itself is longer than a contact's may be: personal message, media, endpoint, capabilities, GUID, software; it was cut, and the session goes on",
            "had shorter bounds, and closed or passed it over";
        TransactionId "transaction-id" Error
            "A command has no transaction id where one belongs, or something else stands there",
            "had the error 200 (syntax) for it";
        ArgumentCount "argument-count" Error
            "A command has too few arguments; at PNG and USR, too many",
            "had the error 200 (syntax) for it";
        BadAccount "bad-account" Error
            "The account in USR cannot be one",
            "had the errors 205 and 208 (no such user) for it";
        SignInMethod "sign-in-method" Error
            "The client asks for a way to sign in that is not served: TWN is",
            "knew TWN and, from MSNP15 on, SSO";
        Ticket "ticket" Error
            "The ticket in USR was not issued by this run of nudge, was changed, has ended (--ticket-life), or is of another account",
            "answered 911 and closed";
        EmptyLine "empty-line" Info
            "An empty line came between two commands; it was ignored",
            "is not known to have taken it";
        BareLf "bare-lf" Warning
            "A line ends in LF without CR",
            "is not known to have taken it";
        Unfinished "unfinished" Warning
            "A part of a command has come and no more of it for a second: no line end, or less payload than its length says; or a part of a request's body. Nothing is closed, since the client may be stopped in a debugger",
            "is not known to have said anything";
        LineTooLong "line-too-long" Error
            "A line has no end within 8 KiB; where the next command begins is unknown",
            "is not known to have taken it";
        BadLength "bad-length" Error
            "The payload length is missing, no plain number, or more than 64 KiB",
            "is not known to have taken it";
        PayloadShort "payload-short" Error
            "What stands right behind a payload is no command: the length of the payload is less than what was sent, and the rest of it is read as commands",
            "read as many bytes as the line said";
        UnknownVerb "unknown-verb" Warning
            "The verb is none of the protocol's; it got no reply, and its payload is taken to be none",
            "closed without a word, during sign-in; later it is not known";
        WrongStage "wrong-stage" Warning
            "The verb belongs to the switchboard and came on the notification connection, or the other way round",
            "is not known to have answered it";
        OtherDialect "other-dialect" Error
            "The verb belongs to another dialect than the one agreed on",
            "ended the connection on the list verbs of older dialects, from MSNP13 on on all of them";
        ListEdit "list-edit" Error
            "A command that edits lists, groups or settings was refused, with the code of its reason",
            "had the same codes";
        NotServed "not-served" Error
            "The verb is known, and nudge does not serve it yet; 502 was answered",
            "served it";
        NotEncoded "not-encoded" Warning
            "The friendly name in PRP is not percent-encoded",
            "read a bare space as the end of the name";
        FriendlyName "friendly-name" Error
            "The friendly name in PRP is empty, or longer than 387 bytes encoded",
            "answered 209";
        Privacy "privacy" Error
            "The default in BLP is neither AL nor BL",
            "had the error 201 (parameter) for it";
        PhoneNumber "phone-number" Error
            "What LKP looks up is no phone number, such as tel:+31123456789, or is encoded",
            "answered 201";
        Status "status" Error
            "The status in CHG is none, or FLN, which cannot be chosen",
            "answered 201";
        Capabilities "capabilities" Error
            "The capabilities in CHG are neither a number nor two with a colon between",
            "had the error 201 (parameter) for it";
        ListBits "list-bits" Warning
            "An entry of ADL or RML is put on no list that exists",
            "had the error 241 (bad payload) for it";
        ListBoth "list-both" Warning
            "An entry of ADL is on the allow and the block list at once; it was taken",
            "had the error 219 (opposite list) for it";
        ListSpaces "list-spaces" Warning
            "White space stands between the elements of ADL or RML; it was taken",
            "answered 241";
        ListLong "list-long" Warning
            "One ADL or RML has more than about 7,500 bytes or 150 entries; it was taken",
            "took no more, and clients sent several";
        ListStranger "list-stranger" Error
            "RML takes somebody off a list who is on none",
            "answered 216";
        ChallengeProduct "challenge-product" Warning
            "QRY names a product whose key is not known, so its answer cannot be checked; it was taken",
            "answered 540 to a product that it did not know";
        ChallengeRefused "challenge-refused" Error
            "QRY answers a challenge wrongly: 540 was answered and the connection closed, or with --no-540 it was taken",
            "answered 540 and closed";
        ListPayload "list-payload" Error
            "The payload of ADL, RML or FQY cannot be read",
            "had the errors 240 (empty domain) and 241 (bad payload) for it";
        PersonalPayload "personal-payload" Error
            "The payload of UUX cannot be read",
            "had the error 200 (syntax) for it";
        Offline "offline" Error
            "UUN or CAL is for an account that cannot be seen: offline, hidden, or one that blocks the client",
            "answered 217";
        Hidden "hidden" Error
            "A client that is hidden asked for a switchboard",
            "answered 913";
        BadCookie "bad-cookie" Error
            "USR or ANS at the switchboard with a cookie that was not given to this account, was shown before, is more than a minute old, is for the other verb, or whose conversation is over; or something else stands where it belongs",
            "answered 911 and closed";
        NoSuchAccount "no-such-account" Error
            "CAL is for an account that nobody has",
            "answered 208";
        InConversation "in-conversation" Error
            "CAL is for somebody who is in the conversation already",
            "answered 215";
        ConversationFull "conversation-full" Error
            "A conversation has as many members as one may have",
            "had fewer, and answered an error of its own";
        TooManyConversations "too-many-conversations" Error
            "A client is in as many conversations as one may be in",
            "is not known to have counted them so";
        TooManyCookies "too-many-cookies" Warning
            "A client has been given more cookies than it may hold unused: the oldest is good no more",
            "gave each a minute, however many there were";
        TooManyAnswers "too-many-answers" Warning
            "A contact was to answer while as many answers as may be are on their way in that conversation; it answers nothing",
            "had nobody who answers by itself";
        TooManyMessages "too-many-messages" Warning
            "More messages came in one second of a conversation than are carried; NAK was answered where a receipt was asked for",
            "answered 800 to a client that was too fast";
        TooManyShown "too-many-shown" Info
            "Clients have shown more custom emoticons and winks than are remembered, so that those that were shown first cannot be fetched any more",
            "did not look at them: clients ask each other for them";
        NobodyThere "nobody-there" Warning
            "A message came while nobody else was in the conversation: nobody was called yet, or the last has left; NAK was answered where a receipt was asked for",
            "did the same";
        UnaskedChallenge "unasked-challenge" Info
            "QRY came without a challenge of the service; it was acknowledged",
            "had the error 540 for a wrong answer";
        NoDescriptors "no-descriptors" Error
            "The system has no file descriptor left: no further connection is accepted until another closes",
            "is not known to have met it";
        WrongPort "wrong-port" Warning
            "What came belongs to another port: TLS or HTTP to the notification or the switchboard port, MSNP to a port of the web, TLS to the HTTP port; the connection was closed",
            "is not known to have met it";
        NotMsnp "not-msnp" Warning
            "What came is no Messenger, or one that writes something else than MSNP: a request for a proxy, SIP, SSH, UTF-16, verbs in lower case and so on; the connection was closed",
            "is not known to have met it";
        PlainOnTlsPort "plain-on-tls-port" Warning
            "Plain HTTP came to the TLS port; it is served, and takes no password",
            "is not known to have met it";
        UnknownSni "unknown-sni" Warning
            "The client asked over TLS for a host that the certificate is not for; it was answered all the same, and most clients then refuse the certificate",
            "had each service on hosts of its own";
        HttpMalformed "http-malformed" Warning
            "What came is not understood as HTTP",
            "is not known to have met it";
        HttpTimeout "http-timeout" Warning
            "A request was not whole in time",
            "is not known to have met it";
        HttpCut "http-cut" Warning
            "The client closed in the middle of a request",
            "is not known to have met it";
        BodyTooLarge "body-too-large" Warning
            "The body of a request is longer than nudge takes",
            "is not known to have met it";
        UnknownPath "unknown-path" Warning
            "The path of a request is nothing that nudge serves; answered 404",
            "had services that nudge does not have";
        ProxySet "proxy-set" Warning
            "A request came as to a proxy: a proxy is set in the client or its system. What leads to nudge is answered, what leads elsewhere is refused",
            "was reached through a proxy all the same";
        PatchedClient "patched-client" Warning
            "A request is one of a client that was patched for another revival service: its host or its path is that one's, or none of Messenger's",
            "is not known to have met it";
        ClientClock "client-clock" Info
            "A request for tokens (RST) is stamped with a time that is far from this machine's: the client takes each token for out of date, or for one of the future",
            "refused a stamp that was more than some minutes old";
        GatewaySession "gateway-session" Warning
            "A request to the HTTP gateway was refused: it names no session, one that has ended, one of another address, or by an id that was used already",
            "answered with an error, by which clients open another session";
        PassportAuthorization "passport-authorization" Warning
            "A request to sign in has no Authorization header, or not one of Passport 1.4; answered 401",
            "answered 401";
        PassportField "passport-field" Warning
            "The Authorization header lacks the account or the password, or the account cannot be one; answered 401",
            "answered 401";
        RstXml "rst-xml" Warning
            "The body of a request for tokens (RST) is not XML that is taken; answered a fault",
            "answered a fault";
        RstField "rst-field" Warning
            "A request for tokens (RST) lacks the account, the password or an address, or has too many addresses; answered a fault",
            "answered a fault";
        WrongPasswords "wrong-passwords" Warning
            "Passwords that are wrong come in a row, for one account of accounts.toml or from one address; from the third on each answer waits 250 ms behind the others",
            "locked the account for a while";
        TwoHosts "two-hosts" Warning
            "A request has more than one Host header; answered 400",
            "is not known to have said anything";
        ForeignHost "foreign-host" Warning
            "Sign-in or address book were asked of a host that is none of Messenger's, no address, not localhost and not --public, as a page in a browser does that makes its own name lead here (DNS rebinding); answered 421",
            "had each service on hosts of its own";
        PassportRefused "passport-refused" Warning
            "The account may not sign in, or its password is another; answered 401",
            "answered 401 with a text for the user";
        PassportNonce "passport-nonce" Warning
            "The TWN parameters that came back are not of this run, so whose sign-in it is cannot be told",
            "is not known to have checked them";
        ClearPassword "clear-password" Warning
            "A password came in the clear; on the TLS port it was refused",
            "had its login over TLS";
        SoapMethod "soap-method" Warning
            "A SOAP request is no POST; answered 405",
            "is not known to have met it";
        SoapXml "soap-xml" Warning
            "The body of a SOAP request is not XML that is taken; answered a fault",
            "is not known to have met it";
        SoapAction "soap-action" Warning
            "SOAPAction and the body name different actions; the header counts",
            "is not known to have met it";
        SoapForm "soap-form" Warning
            "A SOAP request is not of the form that Messengers write: another Content-Type, an envelope of SOAP 1.2, or its action in another namespace; it was answered as theirs are",
            "is not known to have met it";
        SoapUnknownAction "soap-unknown-action" Warning
            "nudge does not know this SOAP action; answered a fault",
            "had actions that nudge does not have";
        SoapNoTicket "soap-no-ticket" Error
            "A SOAP request has no ticket, neither in TicketToken nor in the cookie MSPAuth; answered a fault",
            "answered the fault PassportAuthFail";
        SoapTicket "soap-ticket" Error
            "The ticket of a SOAP request was not issued by this run of nudge, or has ended (--ticket-life); answered a fault",
            "answered the fault PassportAuthFail";
        SoapRefused "soap-refused" Warning
            "A SOAP request was answered with a fault",
            "had faults of the same names";
        OfflineMessage "offline-message" Info
            "Somebody left a message for an account or a contact that is not there",
            "left a message";
        OfflineRefused "offline-refused" Warning
            "An offline message was not kept: it cannot be read, or too many wait",
            "had a message kept";
        MessageForm "message-form" Warning
            "The payload of a message is not of the form that clients read: header lines that end in CR LF, a Content-Type, a blank line, then the text, in the charset that it names; or its length is not that of its bytes. It was carried all the same",
            "carried it unread, and clients showed nothing of it";
        PeerToPeer "peer-to-peer" Warning
            "A peer-to-peer message to a contact has a header or a text that cannot be taken, or is of a session that there is not, or of too many; the session that it is of is over, and all others go on",
            "carried it unread";
        PeerDeclined "peer-declined" Info
            "A client asked a contact for something by peer-to-peer, or invited it in the way of before, and was told no: the text says why",
            "left that to the other client";
        FileOffered "file-offered" Info
            "A client offers a contact a file: nothing is done until the operator accepts or refuses it",
            "left that to the other client";
        SoapNotKept "soap-not-kept" Info
            "The client asked for a change that nudge does not keep, and was told that all is well",
            "kept it";
    }
    others {
        // What the ladder tells of.
        Stalled "stalled" Ladder Warning
            "A sign-in does not go on: what is expected has not come for longer than that step normally takes, or it went wrong; or a client that is online wants something that is not done. The likely causes are listed. While it is the client that is waited for, which may be stopped in a debugger, this is no warning",
            "is not known to have said anything";
        // What the rules find.
        TransactionReused "transaction-reused" Rule Warning
            "The client used a transaction id again, so its answers cannot be told apart",
            "echoed whatever id came; whether it minded one that came again is not known";
        TransactionUnanswered "transaction-unanswered" Rule Warning
            "A command that is always answered had no answer within ten seconds; the client may wait for it",
            "answered every command that has an answer, with an error code where it refused";
        ArgumentEncoding "argument-encoding" Rule Warning
            "An argument has a byte that must be written %HH, or a % that encodes nothing",
            "read a bare space as the end of the argument; what it made of other bytes is not known";
        WrongCount "wrong-count" Rule Warning
            "The line has more or fewer arguments than its verb takes in this dialect",
            "had the error 200 (syntax) for it";
        ArgumentValue "argument-value" Rule Info
            "An argument is not of the kind that the dictionary has in its place",
            "had the error 201 (parameter) for it";
        PayloadLength "payload-length" Rule Error
            "The length of a payload is not that of its XML: too short, and the rest of it is read as commands; too long, and the next command is swallowed",
            "read as many bytes as the line said";
        VerbDialect "verb-dialect" Rule Warning
            "The client sent a verb, or a form of one, that the dialect it agreed on does not have",
            "ended the connection, from MSNP13 on, on the list verbs of older dialects; of other verbs it is not known";
        NoMsnobj "no-msnobj" Rule Error
            "Presence was sent without an msnobj: Messenger for Mac drops the line without a word and shows nobody; `%3Cmsnobj%2F%3E` is enough",
            "sent the field from MSNP9 on";
        CapabilityForm "capability-form" Rule Warning
            "Capabilities are one number up to MSNP15 and two with a colon from MSNP16 on; in presence for Messenger for Mac they are one number",
            "sent each client the form of its own dialect";
        PresenceForm "presence-form" Rule Error
            "Presence was sent in a form that this client does not read: the network id is not where its dialect has it, or fields are missing",
            "sent each client the form of its own dialect";
        ListedNotInBook "listed-not-in-book" Rule Warning
            "The client lists a contact in ADL that its address book does not have: it kept an older one, or added it without a request",
            "is not known to have compared the two";
        InBookNotListed "in-book-not-listed" Rule Warning
            "A contact on the forward list of the address book was in no ADL before CHG: the client did not understand its record, and will not show it",
            "is not known to have compared the two";
        UnreadContact "unread-contact" Rule Info
            "The client is told of the presence of a contact that the operator added after it had read its address book: it shows the contact once it has signed in again, or its user has added it",
            "told a client of a contact once it was on its list";
        ClosedAfter "closed-after" Rule Info
            "The client closed its connection within a second of something that was sent to it: it may not have liked that",
            "is not known to have noted it";
        LongName "long-name" Rule Warning
            "A friendly name is longer than the 129 characters, or 387 bytes encoded, that the real service had; a client's buffer may be made for that",
            "answered 209 to a longer one";
        LongMessage "long-message" Rule Info
            "A personal message is longer than the 129 characters that real clients let their users write",
            "is not known to have refused one";
        InjectedUnknown "injected-unknown" Rule Info
            "The operator sent the client a line that its dialect does not have, or not at this stage; what the client makes of it proves nothing about a good one",
            "never sent it to such a client";
        InjectedFraming "injected-framing" Rule Warning
            "What the operator injected does not end where its line says: a payload shorter than its length, or no line end; the client takes what is sent next for a part of it",
            "sent what its lengths said";
        ChallengeUnanswered "challenge-unanswered" Rule Warning
            "CHL was sent, and no QRY came within 50 s",
            "closed the connection after about 50 s";
        ChallengeWrong "challenge-wrong" Rule Error
            "QRY does not answer the challenge that was sent, by the product key that belongs to the product id it names",
            "answered 540 and closed";
        TlsVersion "tls-version" Rule Error
            "The client speaks no TLS that is served: SSL 2.0 alone, SSL 3.0 alone where --no-ssl3 shuts that out, or no version in common",
            "took an SSLv2-format hello and spoke TLS 1.0 (the article)";
        TlsCipher "tls-cipher" Rule Error
            "Client and service have no cipher suite, curve or signature in common",
            "had suites that its clients knew";
        TlsAlert "tls-alert" Rule Error
            "The client ended the handshake with an alert: it does not know the root (install and trust it), its clock is wrong, or it refuses the certificate",
            "had a certificate of a root that its clients came with";
        TlsClosed "tls-closed" Rule Warning
            "The client closed in the middle of a handshake without an alert: many old clients do so when they do not trust the root",
            "had a certificate of a root that its clients came with";
        TlsFailed "tls-failed" Rule Warning
            "A handshake failed in another way: not TLS, nonsense, or too slow",
            "is not known to have met it";
        UnknownHost "unknown-host" Rule Info
            "A request names a host that is none of those which nudge serves: it was answered by its path all the same, but over TLS the certificate does not have that name",
            "had each service on hosts of its own";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_finding_has_a_name_of_its_own_is_read_back_from_it_and_explains_itself() {
        let names: BTreeSet<_> = FINDINGS.iter().map(|about| about.name).collect();
        assert_eq!(names.len(), FINDINGS.len());
        for about in FINDINGS {
            assert_eq!(about.id.about(), Some(about));
            assert_eq!(FindingId::read(about.name).as_ref(), Some(&about.id));
            assert_eq!(about.id.to_string(), about.name);
            assert!(
                about.explanation.len() > 20 && about.real_service.len() > 5,
                "{}",
                about.name
            );
        }
    }

    #[test]
    fn a_finding_of_a_newer_nudge_keeps_its_name_and_nothing_is_known_of_it() {
        let newer = FindingId::read("of-next-year").expect("a name");
        assert_eq!((newer.name(), newer.about()), ("of-next-year", None));
        assert!(newer.is_services());
        assert_eq!(Finding::new(newer, "", "").severity, Severity::Warning);
        assert_eq!(FindingId::read("no name"), None);
    }
}
