//! The causes that are known of why a sign-in does not go on: an id, and what to check. What speaks for each is weighed
//! in `causes`.

use crate::event::{EventId, FindingId};

rows! {
    /// A cause that is known. Where two weigh the same, the earlier stands first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[allow(missing_docs)] // What to check says what each is.
    pub enum CauseId {
        /// Its name.
        pub fn name;
        /// What to check, or to change.
        pub fn check;
    }
    Unfinished "unfinished"
        "the line end (CR LF) and the length (of a payload, Content-Length) of what the client sent last: nudge waits for the rest. If both are right, something between the two machines may lose larger packets (an MTU, a firewall)";
    BodyWhole "body-whole"
        "how the client computes Content-Length: it has to be the number of bytes of this body, not of its letters";
    RootNotTrusted "root-not-trusted"
        "install nudge's root on the client's machine and trust it for SSL (`nudge certs export`; on a Mac: Keychain Access, System, Always Trust). Clients show 80048820, 80072f0d";
    ClientClock "client-clock"
        "the date of the client's machine: it must lie within the dates of the certificate. Clients show 80072f05, 80048820";
    CertificateRefused "certificate-refused"
        "that the root is trusted for SSL, the client's clock, and that the host it asked for is one that `nudge hosts` lists";
    HandshakeClosed "handshake-closed"
        "that the root is trusted: many old clients close without an alert when it is not";
    NoTlsInCommon "no-tls-in-common"
        "the client's SSL settings: TLS 1.0 to 1.3 are served, and RSA key exchange with AES, 3DES or RC4 below 1.2. Clients show 80072f7d, 80048820";
    HelloCut "hello-cut"
        "what is between the client and this machine: a firewall, a proxy, an MTU smaller than 1500 (VPN, PPPoE)";
    NoHello "no-hello"
        "what is between the client and the HTTPS port: a proxy, an antivirus program or a firewall that takes the connection";
    HandshakeFailed "handshake-failed"
        "the line of the handshake in the transcript, which has the client's first bytes";
    CertificateRefusedQuietly "certificate-refused-quietly"
        "that the root is trusted, and that the certificate names the host: some clients finish the handshake and refuse only then";
    OldSignature "old-signature"
        "the signature of the root (`nudge certs show`): `nudge certs init --force --sha1` makes one for such a system, to be trusted anew";
    NexusStatus "nexus-status"
        "what answers for nexus.passport.com: it has to be 200 with PassportURLs";
    NoPassportUrls "no-passport-urls"
        "the answer of the nexus: the client reads the login address from the header PassportURLs, in exactly this case";
    NoDalogin "no-dalogin"
        "the answer of the nexus: PassportURLs has to name DALogin=host/path";
    PassportUrlsCase "passport-urls-case"
        "that no proxy rewrites header names: PassportURLs in exactly this case";
    LoginRefused "login-refused"
        "the account and the password: `accounts.toml`, where there is one, lists who may sign in. Clients show 80048821, 81000303";
    LoginNoAuthorization "login-no-authorization"
        "the request of the login: `Authorization: Passport1.4 …,sign-in=account,pwd=password`; a client that did not understand the TWN parameters (lc=, ct=) sends none";
    LoginField "login-field"
        "the Authorization header of the login: a comma list with sign-in and pwd";
    LoginNoTicket "login-no-ticket"
        "the answer of the login: Authentication-Info: Passport1.4 da-status=success,from-PP='t=…&p='";
    TokensRefused "tokens-refused"
        "the request for tokens (RST): the account and its password, and the form of its XML. Clients show 80048821, 80048800";
    LoginStatus "login-status"
        "what answers at the login address: it has to be 200, 302 or 401";
    TicketChanged "ticket-changed"
        "how the client takes the ticket out of the answer (Authentication-Info: from-PP='t=…&p=', or BinarySecurityToken) and writes it in USR: byte for byte, from t= to &p=";
    ProofWrong "proof-wrong"
        "how the client computes the proof (the second word behind S in USR SSO S): HMAC-SHA1 of the nonce with a key derived of BinarySecret, and the nonce in 3DES; `nudge explain USR`";
    TicketRefused "ticket-refused"
        "that the ticket is of this run of nudge and of this account: sign out, quit the client, and sign in again. Clients show 81000395, 81000303";
    ProofForm "proof-form"
        "the words of USR n SSO S TICKET PROOF: the ticket first, then the proof in one word of base64, whole and without line breaks or spaces (`nudge explain USR`)";
    TicketEnded "ticket-ended"
        "`--ticket-life`, or let the client ask for a new ticket before it signs in again: sign out, quit the client, and sign in again";
    SoapFault "soap-fault"
        "the fault in the answer: PassportAuthFail is a ticket of another run, InvalidRequest a request that nudge cannot read";
    NoMe "no-me"
        "the answer of ABFindAll: one Contact with contactType Me and a CID; without it a client never finishes signing in";
    NoCid "no-cid"
        "the answer of ABFindAll: the contact of type Me needs a CID";
    NoMemberships "no-memberships"
        "the answer of FindMembership: Service, Memberships, Membership with a MemberRole, even with nobody in it";
    ListRefused "list-refused"
        "the payload of its ADL in the transcript, beside the error code";
    MsnobjMissing "msnobj-missing"
        "the msnobj of each contact: `%3Cmsnobj%2F%3E` is enough, and without it the Mac shows nobody and says nothing";
    NetworkId "network-id"
        "the shape of this client (`shape`): account and network id are two fields at MSNP14 to 17, one before, and 1:account at 18";
    CapabilitiesForm "capabilities-form"
        "the shape of this client (`shape`): one number up to MSNP15 and for the Mac, two with a colon from MSNP16 on";
    PresenceShort "presence-short"
        "the ILN lines in the transcript, beside `nudge explain ILN`";
    ChgUnanswered "chg-unanswered"
        "what answers CHG: the same line has to come back with its transaction id, and then an ILN for each contact";
    PngUnanswered "png-unanswered"
        "what answers PNG: QNG with the seconds to the next ping; without it the client takes the connection for dead";
    PresenceNotSent "presence-not-sent"
        "that contacts are online and on the forward list: a client that is shown nobody after CHG looks as if it hung";
    Unanswered "unanswered"
        "the log and the transcript: nudge did not answer";
    NoCommonDialect "no-common-dialect"
        "which dialects the client offers, and which are served (`dialects`, `--dialects`): `nudge explain VER` says which nudge has";
    Refused "refused"
        "the error code (`nudge explain CODE`), and the finding beside it";
    OperatorClosed "operator-closed"
        "nothing, if it was meant (`kick`)";
    TakesTurns "takes-turns"
        "whether one of the two signs in again by itself (its settings), or give it an account of its own: each ends the other";
    Elsewhere "elsewhere"
        "which other client is signed in with that account (`clients`): the later one wins";
    InjectedFraming "injected-framing"
        "the length in the line that the operator put in (`send!`): the bytes of the payload behind it, and CR LF at the end of each line; `send` looks at it first";
    Reset "reset"
        "whether the client crashed or was killed (its machine's log, its window), and what stands between: a router or firewall that forgets idle connections, a network that changed";
    RosterChange "roster-change"
        "the line that told the client of it (compare `nudge explain`), and the contact in its file: the client may not have understood it";
    Injected "injected"
        "the line that the operator put in (`send`, `send!`; compare `nudge explain`): the client may not have understood it";
    ClosedByNudge "closed-by-nudge"
        "the finding before the end of the connection: it says why nudge closed it";
    CutOff "cut-off"
        "the line end (CR LF) and the payload's length of what the client sent last, and what is between the two machines (MTU, firewall)";
    Closed "closed"
        "what was sent last, in the transcript: a client that closes at once did not accept it";
    NoByte "no-byte"
        "whether it is a Messenger at all, and what stands between: a proxy or SOCKS setting, an antivirus program or firewall that takes the connection first; or somebody only looked whether the port is open";
    NoVersion "no-version"
        "what the client sends first: VER with the dialects it speaks, and nothing before it (`nudge explain VER`)";
    DialectNotTaken "dialect-not-taken"
        "the dialects that are served (`--dialects`): offer it another of those it speaks, and compare its VER with `nudge explain VER`";
    VersionNotTaken "version-not-taken"
        "the answer to CVR: a client may look for an update at the address in it, or wait for other fields (`nudge explain CVR`)";
    HelloMissing "hello-missing"
        "what is between the client and the HTTPS port: a proxy, an antivirus program or a firewall that takes the connection, or a packet that is lost on the way (MTU)";
    SniNotInLeaf "sni-not-in-leaf"
        "which host the client is told to reach (`nudge hosts` lists those that the certificate names; login.live.com needs `--login-live`)";
    BookNotTaken "book-not-taken"
        "the first of these answers, compared with a good sign-in: the client read its address book no further";
    ChallengeNotTaken "challenge-not-taken"
        "whether this client knows challenges (CHL, QRY) in its dialect: `--challenge` and `challenge` send them, and without those nudge sends none";
    AnswerNotTaken "answer-not-taken"
        "the last answers in the transcript, compared with those that this client expects (its shape: `shape`)";
    StatusUntold "status-untold"
        "that the client sends CHG with its status (CHG n NLN CAPABILITIES) once it has its lists";
    ShapeDiffers "shape-differs"
        "`shape CLIENT SHAPE`: the shape that its CVR says";
    BookEmpty "book-empty"
        "the roster (`contacts`): add a contact (`add ACCOUNT`), with \"forward\" among its lists";
    AllOffline "all-offline"
        "the status of the contacts (`contacts`; `status CONTACT online`)";
    NoMessengerUser "no-messenger-user"
        "`messenger-user` in the files of contacts: true, or left out";
    NoAdl "no-adl"
        "why the client sends no ADL: it took nothing out of ABFindAll and FindMembership, or keeps an old address book of its own";
    DomainWithoutDot "domain-without-dot"
        "`--domain local.test` (or any with a dot): it puts the default contacts there";
    AdlEmpty "adl-empty"
        "the answers of ABFindAll and FindMembership, compared with a good sign-in: the client took no contact out of them";
    AdlNotForward "adl-not-forward"
        "the answer of ABFindAll: contacts of the forward list come from there, those of FindMembership are on the allow list alone";
    AdlStrangers "adl-strangers"
        "each c of its ADL: n is what stands before the @, inside a d whose n is what stands behind it; else which address book the client keeps";
    NetworkDiffers "network-differs"
        "`network` of the contact in its file, and t in the client's ADL: they have to be the same";
    Asleep "asleep"
        "the client's machine: it sleeps, the client is stopped (a debugger, a dialog), or the network between is gone; nudge keeps its connection open";
    NotPolled "not-polled"
        "whether the client still runs, and what stands between: a proxy that ends long requests, or keeps answers. Each next request names the SessionID of the answer before it; the gateway keeps the session, and what waits";
    Resumed "resumed"
        "nothing";
    Finding "finding"
        "the line that shows it, in the transcript";
    LoginLive "login-live"
        "`--login-live`, of nudge and of `nudge hosts` and `nudge certs init`: login.live.com leads here only when it is asked for. Real sign-ins on that machine stop meanwhile";
    HostsLines "hosts-lines"
        "the hosts file of the client's machine (`nudge hosts` prints the lines), and that its name cache is emptied. Clients show 80072ee7, 81000301, 81000306";
    NexusNotTaken "nexus-not-taken"
        "how the client reads the answer of the nexus: the header PassportURLs, in it DALogin=HOST/PATH up to the next comma, and https:// before it; and that this host leads here";
    DaloginHost "dalogin-host"
        "that the host which DALogin names leads to this machine, at that port, on the client's machine";
    Port443 "port-443"
        "that port 443 of this machine leads to nudge: `--lan`, `--https 0.0.0.0:443`, or a port forward; and the firewall. Clients show 80072efd, 80048820";
    CachedServerName "cached-server-name"
        "delete ~/Library/Preferences/com.microsoft.Messenger.plist (8) or Microsoft/com.microsoft.Messenger.plist (6, 7): it keeps server names";
    NoMessengerToken "no-messenger-token"
        "the request for tokens: one of its addresses has to be messengerclear.live.com (by TWN messenger.msn.com), whose token USR shows";
    TokensNotTaken "tokens-not-taken"
        "what the client does with the answer of RST: the BinarySecurityToken (Id Compact1 or PPToken1) and the BinarySecret beside it go into USR S; and its clock, by which tokens end";
    GivenUp "given-up"
        "whether it comes again: then nothing is the matter. If it leaves so each time, `nudge explain VER`, and offer another dialect first";
    TicketForm "ticket-form"
        "the ticket in Authentication-Info: clients look for `from-PP='t=…&p='`, with nothing after it";
    ProfileMissing "profile-missing"
        "clients that sign in by SSO wait for MSG Hotmail Hotmail with their profile before the address book";
    BookElement "book-element"
        "the answers of FindMembership and ABFindAll, compared with a good sign-in: an element that the client needs is missing";
    ReferralElsewhere "referral-elsewhere"
        "`--public` and `--switchboard`: clients have to reach the address that they are sent to";
    ReferralUnreached "referral-unreached"
        "whether the client can reach this port of this machine: a firewall, or a container or router that lets only 1863 through";
    RingStranger "ring-stranger"
        "the lists of the client: most take a call only from somebody whom they allow";
    RingIgnored "ring-ignored"
        "the RNG line (compare `nudge explain RNG`), and whether the client is stopped, or asks its user";
    SeatSilent "seat-silent"
        "what the client does once it is connected (`nudge explain USR`, `nudge explain ANS`), and what stands between: a proxy that takes the connection and passes nothing on";
    NoWords "no-words"
        "nothing is wrong with the client: `say CONTACT CLIENT TEXT` speaks as the contact, and `behave CONTACT echo` (or reply) has it answer by itself";
    PictureKept "picture-kept"
        "the INVITE that it was sent, in the transcript: a client that shows no pictures, or has none any more, does not answer";
    ChallengeLeft "challenge-left"
        "that the client answers CHL by QRY, with the MD5 over the challenge and the key of its product (`nudge explain QRY`): the real service closed 50 s after a challenge that had no answer";
    LockLeft "lock-left"
        "that the client reads LockKeyChallenge in the fault, answers it as it answers CHL, and sends the request once more with that as lockkey";
    AddedUnlisted "added-unlisted"
        "that behind ABContactAdd the client sends ADL for the new contact, on the forward list (l=\"1\") and the allow list (l=\"2\")";
    FileWaits "file-waits"
        "nothing is wrong with the client: `accept CLIENT` takes the file, `refuse CLIENT` does not";
    ReceiptRefused "receipt-refused"
        "who was in the conversation, in the transcript: NAK says that the message reached nobody";
    ReceiptMissing "receipt-missing"
        "the frames of the conversation: nudge owes ACK or NAK for that message";
    Debugger "debugger"
        "nothing, if it is stopped in a debugger: nudge keeps its connection open";
    Unknown "unknown"
        "the last lines of the transcript";
}

impl CauseId {
    /// Whether it says no more than that the step was refused: beside a cause of the same line it is said twice.
    pub(super) fn repeats(self) -> bool {
        matches!(
            self,
            CauseId::Refused
                | CauseId::ClosedByNudge
                | CauseId::LoginRefused
                | CauseId::LoginNoAuthorization
                | CauseId::LoginField
                | CauseId::LoginStatus
                | CauseId::TokensRefused
                | CauseId::SoapFault
                | CauseId::ListRefused
                | CauseId::NoCommonDialect
        )
    }

    /// Whether it may be the cause of whatever stands still, and not of a sign-in alone.
    pub(super) fn is_of_any(self) -> bool {
        matches!(
            self,
            CauseId::Finding
                | CauseId::Resumed
                | CauseId::Asleep
                | CauseId::NotPolled
                | CauseId::Debugger
                | CauseId::Unknown
        )
    }
}

/// A likely cause, and what to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which.
    pub id: CauseId,
    /// The finding that it is, where one told of it already.
    pub finding: Option<FindingId>,
    /// What is the matter, in a sentence.
    pub text: String,
    /// What to check, or to change.
    pub check: &'static str,
    /// How much speaks for it, 1 to 100; the causes of a stall are in this order.
    pub weight: u8,
    /// The event that speaks for it.
    pub event: Option<EventId>,
}

impl Cause {
    /// A short id: that of the finding, where it is one.
    pub fn name(&self) -> &str {
        match &self.finding {
            Some(finding) => finding.name(),
            None => self.id.name(),
        }
    }

    /// What tells it apart from others.
    pub(super) fn named(&self) -> Named {
        (self.id, self.finding.clone())
    }
}

/// A cause without what speaks for it.
pub(super) type Named = (CauseId, Option<FindingId>);
