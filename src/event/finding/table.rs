//! The table of findings: a row says all that is known of one.

use super::{About, CHECK, Newer, Severity, Teller};

// Its name; who tells of it, unless that is the service; how much it usually matters; `no cause` if it is no reason for a
// stall; `is tolerated` if what the client sent was taken all the same. Then what it is; what the real service did; and
// where there is something to check, what.
findings! {
    service {
        NoCommonDialect "no-common-dialect" Error
            "The client offers no dialect that is served",
            "answered VER n 0 and closed",
            "which dialects are served (`dialects`, `--dialects`): `nudge explain VER` says which nudge has";
        OutOfOrder "out-of-order" Error
            "A command came where it does not belong: before the sign-in that it needs, or a second time",
            "answered 715 and closed, 731 to a CVR before the first USR",
            "the order of the client's commands: VER, CVR, USR, and after USR OK the others";
        LongField "long-field" Warning is tolerated
            "A field that the client says of itself is longer than a contact's may be: personal message, media, endpoint, capabilities, GUID, software; it was cut, and the session goes on",
            "had shorter bounds, and closed or passed it over",
            "the length of what it sends, in bytes";
        TransactionId "transaction-id" Error
            "A command has no transaction id where one belongs, or something else stands there",
            "had the error 200 (syntax) for it",
            "the words of that line, and their order (`nudge explain VERB`)";
        ArgumentCount "argument-count" Error
            "A command has too few arguments; at PNG and USR, too many",
            "had the error 200 (syntax) for it",
            "the words of that line, and their order (`nudge explain VERB`)";
        BadAccount "bad-account" Error
            "The account in USR cannot be one",
            "had the errors 205 and 208 (no such user) for it",
            "the account that the user typed: user@domain";
        SignInMethod "sign-in-method" Error
            "The client asks for a way to sign in that is not served: TWN is",
            "knew TWN and, from MSNP15 on, SSO",
            "the way in which this client signs in (TWN, SSO), and the dialects that are served (`--dialects`): SSO is of MSNP14 and above";
        Ticket "ticket" Error no cause
            "The ticket in USR was not issued by this run of nudge, was changed, has ended (--ticket-life), or is of another account",
            "answered 911 and closed";
        EmptyLine "empty-line" Info is tolerated
            "An empty line came between two commands; it was ignored",
            "is not known to have taken it";
        BareLf "bare-lf" Warning
            "A line ends in LF without CR",
            "is not known to have taken it";
        Unfinished "unfinished" Warning no cause
            "Only a part of a command or of a request's body came, and nothing more for a second: the line end is missing, or the payload is shorter than its length says. The connection stays open, since the client may be stopped in a debugger",
            "is not known to have said anything",
            "the length that the client gives: the bytes of its payload, and not its letters";
        LineTooLong "line-too-long" Error
            "A line has no end within 8 KiB; where the next command begins is unknown",
            "is not known to have taken it",
            "the line end (CR LF) of what the client sends";
        BadLength "bad-length" Error
            "The payload length is missing, no plain number, or more than 64 KiB",
            "is not known to have taken it",
            "the length that the client gives: the bytes of its payload, and not its letters";
        PayloadShort "payload-short" Error
            "What follows a payload is no command: the payload is longer than its length says, so its rest is read as commands",
            "read as many bytes as the line said",
            "the length that the client gives: the bytes of its payload, and not its letters";
        UnknownVerb "unknown-verb" Warning
            "The protocol has no such verb. It got no reply, and nudge takes it to have no payload",
            "closed without a word during sign-in; what it did later is not known",
            "what that program is: a verb of MSNP is three letters in upper case, and the first is VER";
        WrongStage "wrong-stage" Warning
            "The verb belongs to the switchboard and came on the notification connection, or the other way round",
            "is not known to have answered it",
            "to which port the client was sent: the switchboard has one of its own, which XFR and RNG name";
        OtherDialect "other-dialect" Error
            "The verb belongs to another dialect than the one agreed on",
            "ended the connection for the list verbs of older dialects; from MSNP13 on for all of them",
            "the dialect that was agreed on (`nudge explain VERB`), and `--dialects`";
        ListEdit "list-edit" Error
            "A command that edits lists, groups or settings was refused, with the code of its reason",
            "had the same codes",
            "the list, the account or the group that the command names (`nudge explain VERB`)";
        NotServed "not-served" Error
            "The verb is known, and nudge does not serve it yet; 502 was answered",
            "served it",
            "whether the client needs it: nudge does not serve it yet";
        NotEncoded "not-encoded" Warning
            "The friendly name in PRP is not percent-encoded",
            "read a bare space as the end of the name",
            "that the client percent-encodes its arguments (a space is %20)";
        FriendlyName "friendly-name" Error
            "The friendly name in PRP is empty, or longer than 387 bytes encoded",
            "answered 209",
            "the length of what it sends, in bytes";
        Privacy "privacy" Error
            "The default in BLP is neither AL nor BL",
            "had the error 201 (parameter) for it",
            "BLP AL or BLP BL";
        PhoneNumber "phone-number" Error
            "What LKP looks up is no phone number, such as tel:+31123456789, or is encoded",
            "answered 201";
        Status "status" Error
            "The status in CHG is none, or FLN, which cannot be chosen",
            "answered 201",
            "the status: NLN, BSY, IDL, BRB, AWY, PHN, LUN, or HDN to be hidden";
        Capabilities "capabilities" Error
            "The capabilities in CHG are neither a number nor two with a colon between",
            "had the error 201 (parameter) for it",
            "the capabilities in CHG: a number, from MSNP16 on two with a colon between";
        ListBits "list-bits" Warning is tolerated
            "An entry of ADL or RML names no list that exists",
            "had the error 241 (bad payload) for it";
        ListBoth "list-both" Warning is tolerated
            "An entry of ADL is on the allow and the block list at once; it was taken",
            "had the error 219 (opposite list) for it";
        ListSpaces "list-spaces" Warning is tolerated
            "White space stands between the elements of ADL or RML; it was taken",
            "answered 241";
        ListLong "list-long" Warning is tolerated
            "One ADL or RML has more than about 7,500 bytes or 150 entries; it was taken",
            "took no more, and clients sent several";
        ListStranger "list-stranger" Error
            "RML takes somebody off a list who is on none",
            "answered 216",
            "the list, the account or the group that the command names (`nudge explain VERB`)";
        ChallengeProduct "challenge-product" Warning is tolerated
            "QRY names a product whose key nudge does not know, so the answer cannot be checked; it was taken",
            "answered 540 to a product that it did not know";
        ChallengeRefused "challenge-refused" Error
            "QRY answers a challenge wrongly: 540 was answered and the connection closed, or with --no-540 it was taken",
            "answered 540 and closed",
            "how the client computes QRY: the MD5 over the challenge and the key of the product id that it names (`nudge explain QRY`)";
        ListPayload "list-payload" Error
            "The payload of ADL, RML or FQY cannot be read",
            "had the errors 240 (empty domain) and 241 (bad payload) for it",
            "the payload of its list (ADL, RML or FQY): <ml l=\"1\"><d n=\"domain\"><c n=\"name\" l=\"3\" t=\"1\"/></d></ml>, one ml, and each domain around its names";
        PersonalPayload "personal-payload" Error
            "The payload of UUX cannot be read",
            "had the error 200 (syntax) for it",
            "the payload of its UUX: well-formed XML, <Data><PSM>…</PSM><CurrentMedia>…</CurrentMedia></Data>";
        Offline "offline" Error
            "UUN or CAL is for an account that cannot be seen: offline, hidden, or one that blocks the client",
            "answered 217",
            "whom it calls, against `contacts`: it has to be there, and not hidden";
        Hidden "hidden" Error
            "A client that is hidden asked for a switchboard",
            "answered 913",
            "its status: CHG to another than HDN, and then XFR SB again";
        BadCookie "bad-cookie" Error
            "USR or ANS at the switchboard shows no good cookie: it was given to another account, was shown before, is more than a minute old, is for the other verb, or its conversation is over; or something else stands in its place",
            "answered 911 and closed",
            "which words the client takes out of XFR (XFR n SB ADDRESS CKI COOKIE) or RNG (RNG SESSION ADDRESS CKI COOKIE), and where it puts them: USR n ACCOUNT COOKIE, ANS n ACCOUNT COOKIE SESSION";
        NoSuchAccount "no-such-account" Error
            "CAL is for an account that nobody has",
            "answered 208",
            "whom it calls, against `contacts`: it has to be there, and not hidden";
        InConversation "in-conversation" Error
            "CAL is for somebody who is in the conversation already",
            "answered 215",
            "whom it calls, against `contacts`: it has to be there, and not hidden";
        ConversationFull "conversation-full" Error
            "A conversation is full",
            "had fewer, and answered an error of its own",
            "how many the client makes: the finding names the bound";
        TooManyConversations "too-many-conversations" Error
            "A client is in too many conversations already",
            "is not known to have counted them so",
            "how many the client makes: the finding names the bound";
        TooManyCookies "too-many-cookies" Warning
            "A client holds too many unused cookies: the oldest is no longer good",
            "gave each a minute, however many there were";
        TooManyAnswers "too-many-answers" Warning
            "A contact does not answer: too many answers are on their way in that conversation already",
            "had nobody who answers by itself";
        TooManyMessages "too-many-messages" Warning
            "More messages came in one second than a conversation carries; NAK was answered where a receipt was asked for",
            "answered 800 to a client that was too fast",
            "how many the client makes: the finding names the bound";
        TooManyShown "too-many-shown" Info
            "Clients have shown more custom emoticons and winks than nudge remembers: the first ones cannot be fetched any more",
            "did not look at them: clients ask each other for them",
            "how many the client makes: the finding names the bound";
        NobodyThere "nobody-there" Warning
            "A message came while nobody else was in the conversation: nobody was called yet, or the last has left; NAK was answered where a receipt was asked for",
            "did the same",
            "that the client calls somebody (CAL) and waits for JOI before its first MSG";
        UnaskedChallenge "unasked-challenge" Info
            "QRY came without a challenge of the service; it was acknowledged",
            "had the error 540 for a wrong answer";
        NoDescriptors "no-descriptors" Error
            "The system has no file descriptor left: no further connection is accepted until another closes",
            "is not known to have met it";
        WrongPort "wrong-port" Warning
            "The client came to the wrong port: with TLS or HTTP to the notification or switchboard port, with MSNP to a web port, or with TLS to the HTTP port. The connection was closed",
            "is not known to have met it",
            "the ports that the client was given: nudge prints its own when it starts, and those of the real service are 1863, 443 and 80";
        NotMsnp "not-msnp" Warning
            "Whoever came is no Messenger, or does not write MSNP: a request for a proxy, SIP, SSH, UTF-16, verbs in lower case and so on. The connection was closed",
            "is not known to have met it",
            "which program that is, and why it was given this host and port";
        PlainOnTlsPort "plain-on-tls-port" Warning no cause
            "Plain HTTP came to the TLS port; it is answered, but no password is taken there",
            "is not known to have met it";
        UnknownSni "unknown-sni" Warning
            "The client asked over TLS for a host that the certificate is not for; it was answered all the same, and most clients then refuse the certificate",
            "had each service on hosts of its own",
            "which host the client is told to reach, against those of `nudge hosts`; `--public` takes another";
        HttpMalformed "http-malformed" Warning
            "What came is not understood as HTTP",
            "is not known to have met it",
            "how the client writes HTTP: a request line, headers, an empty line, and as many bytes as Content-Length says";
        HttpTimeout "http-timeout" Warning
            "A request was not complete in time",
            "is not known to have met it",
            "how the client writes HTTP: a request line, headers, an empty line, and as many bytes as Content-Length says";
        HttpCut "http-cut" Warning
            "The client closed in the middle of a request",
            "is not known to have met it",
            "how the client writes HTTP: a request line, headers, an empty line, and as many bytes as Content-Length says";
        BodyTooLarge "body-too-large" Warning
            "The body of a request is longer than nudge takes",
            "is not known to have met it",
            "the headers of the client's request";
        UnknownPath "unknown-path" Warning
            "The path of a request is nothing that nudge serves; answered 404",
            "had services that nudge does not have",
            "the address that the client was given for it (a cached or patched URL), against the paths that nudge serves";
        BrowserScript "browser-script" Warning
            "A script in a page asks leave of its browser to speak to nudge (CORS), and is given none: a Messenger is no web page. Answered 405",
            "is not known to have met it",
            "that the client runs outside of a browser: nudge answers no page of another origin";
        ProxySet "proxy-set" Warning
            "A request came as to a proxy: a proxy is set in the client or its system. What leads to nudge is answered, what leads elsewhere is refused",
            "was reached through a proxy all the same",
            "the proxy in the client's settings, and in those of its system (Internet Options)";
        PatchedClient "patched-client" Warning
            "A request is from a client that was patched for another revival service: its host or its path belongs to that service, or to no service of Messenger's",
            "is not known to have met it",
            "that the client is as Microsoft made it: install an unpatched one, or set the hosts of `nudge hosts` in it";
        ClientClock "client-clock" Info no cause
            "The time in a request for tokens (RST) is far from this machine's: to the client each token is out of date, or comes from the future",
            "refused a stamp that was more than some minutes old";
        GatewaySession "gateway-session" Warning
            "A request to the HTTP gateway was refused: it names no session, a session that has ended, a session of another address, or an id that was used already; or it is no POST",
            "answered with an error, by which clients open another session",
            "what stands between (a proxy that keeps answers), and whether nudge was started anew: each answer names the session for the next request";
        PassportAuthorization "passport-authorization" Warning
            "A request to sign in has no Authorization header, or not one of Passport 1.4; answered 401",
            "answered 401",
            "the request of the login: `Authorization: Passport1.4 …,sign-in=account,pwd=password`";
        PassportField "passport-field" Warning
            "The Authorization header lacks the account or the password, or the account cannot be one; answered 401",
            "answered 401",
            "the request of the login: `Authorization: Passport1.4 …,sign-in=account,pwd=password`";
        RstXml "rst-xml" Warning
            "The body of a request for tokens (RST) is not XML that is taken; answered a fault",
            "answered a fault",
            "how the client writes its XML: every element closed, & as &amp; and < as &lt;, and the charset that it names";
        RstField "rst-field" Warning
            "A request for tokens (RST) lacks the account, the password or an address, or has too many addresses; answered a fault",
            "answered a fault",
            "the request for tokens: wsse:Username and wsse:Password, and an AppliesTo with an address for each token";
        WrongPasswords "wrong-passwords" Warning
            "Several wrong passwords came in a row, for one account of accounts.toml or from one address. From the third on, each answer comes 250 ms after the one before",
            "locked the account for a while",
            "the account and the password: `accounts.toml` lists who may sign in. Clients show 80048821, 81000303";
        TwoHosts "two-hosts" Warning
            "A request has more than one Host header; answered 400",
            "is not known to have said anything",
            "the headers of the client's request";
        ForeignHost "foreign-host" Warning
            "A request for sign-in or address book names a host that is not Messenger's, not localhost, not --public and no address; answered 421. A page in a browser does so if its own name leads here (DNS rebinding)",
            "had each service on hosts of its own",
            "which host the client is told to reach, against those of `nudge hosts`; `--public` takes another";
        PassportRefused "passport-refused" Warning
            "The account may not sign in, or its password is wrong; answered 401",
            "answered 401 with a text for the user",
            "the account and the password: `accounts.toml` lists who may sign in. Clients show 80048821, 81000303";
        PassportNonce "passport-nonce" Warning is tolerated
            "The TWN parameters that came back are from another run of nudge, so it is not known whose sign-in this is",
            "is not known to have checked them";
        ClearPassword "clear-password" Warning
            "A password came in the clear; on the TLS port it was refused",
            "had its login over TLS",
            "that the client speaks TLS to this port (https://), or goes to the plain HTTP port";
        SoapMethod "soap-method" Warning
            "A SOAP request is no POST; answered 405",
            "is not known to have met it",
            "the request: POST, SOAPAction, and an element of that name in the body, as the finding says";
        SoapXml "soap-xml" Warning
            "The body of a SOAP request is not XML that is taken; answered a fault",
            "is not known to have met it",
            "how the client writes its XML: every element closed, & as &amp; and < as &lt;, and the charset that it names";
        SoapAction "soap-action" Warning
            "SOAPAction and the body name different actions; the header counts",
            "is not known to have met it",
            "the client's request against a good sign-in's: POST, Content-Type: text/xml, SOAPAction, and an element of that name and namespace in the body";
        SoapForm "soap-form" Warning
            "A SOAP request is not of the form that Messengers write: another Content-Type, an envelope of SOAP 1.2, or its action in another namespace; it was answered as theirs are",
            "is not known to have met it",
            "the client's request against a good sign-in's: POST, Content-Type: text/xml, SOAPAction, and an element of that name and namespace in the body";
        SoapUnknownAction "soap-unknown-action" Warning
            "nudge does not know this SOAP action; answered a fault",
            "had actions that nudge does not have",
            "the request: POST, SOAPAction, and an element of that name in the body, as the finding says";
        SoapNoTicket "soap-no-ticket" Error
            "A SOAP request has no ticket, neither in TicketToken nor in the cookie MSPAuth; answered a fault",
            "answered the fault PassportAuthFail",
            "how the client puts its ticket into TicketToken: as it was given, with & as &amp;";
        SoapTicket "soap-ticket" Error
            "The ticket of a SOAP request was not issued by this run of nudge, or has ended (--ticket-life); answered a fault",
            "answered the fault PassportAuthFail",
            "how the client puts its ticket into TicketToken: as it was given, with & as &amp;";
        SoapRefused "soap-refused" Warning
            "A SOAP request was answered with a fault",
            "had faults of the same names",
            "the request: POST, SOAPAction, and an element of that name in the body, as the finding says";
        OfflineMessage "offline-message" Info
            "Somebody left a message for an account or a contact that is not there",
            "left a message";
        OfflineRefused "offline-refused" Warning
            "An offline message was not kept: it cannot be read, or too many wait",
            "had a message kept";
        MessageForm "message-form" Warning
            "The payload of a message does not have the form that clients read: header lines that end in CR LF, a Content-Type, a blank line, then the text in the charset that the header names; or its length is wrong. It was carried all the same",
            "carried it unread, and clients showed nothing of it",
            "how the client makes a message: header lines in CR LF, Content-Type: text/plain; charset=UTF-8, an empty line, and then the text";
        PeerToPeer "peer-to-peer" Warning
            "A peer-to-peer message to a contact has a header or a text that cannot be read, or it belongs to no session, or to one too many. Its session is over, and all others go on",
            "carried it unread";
        PeerDeclined "peer-declined" Info
            "A client asked a contact for something by peer-to-peer, or invited it in the older way, and was refused: the text says why",
            "left that to the other client";
        FileOffered "file-offered" Info
            "A client offers a contact a file: nothing is done until the operator accepts or refuses it",
            "left that to the other client";
        SoapNotKept "soap-not-kept" Info is tolerated
            "The client asked for a change that nudge does not keep, and was told that all is well",
            "kept it";
    }
    others {
        // What the ladder tells of.
        Stalled "stalled" Ladder Warning no cause
            "A sign-in does not go on: the next step is late, or it went wrong. Or a client that is online asked for something that was not done. The likely causes are listed. While nudge waits for the client this is no warning, since the client may be stopped in a debugger",
            "is not known to have said anything";
        // What the rules find.
        TransactionReused "transaction-reused" Rule Warning no cause
            "The client used a transaction id again, so its answers cannot be told apart",
            "echoed whatever id came; whether it minded one that came again is not known";
        TransactionUnanswered "transaction-unanswered" Rule Warning no cause
            "A command that is always answered had no answer within ten seconds; the client may wait for it",
            "answered every command that has an answer, with an error code where it refused";
        ArgumentEncoding "argument-encoding" Rule Warning is tolerated
            "An argument has a byte that must be written %HH, or a % that encodes nothing",
            "read a bare space as the end of the argument; what it made of other bytes is not known",
            "that the client percent-encodes its arguments (a space is %20)";
        WrongCount "wrong-count" Rule Warning is tolerated
            "The line has more or fewer arguments than its verb takes in this dialect",
            "had the error 200 (syntax) for it",
            "the words of that line, and their order (`nudge explain VERB`)";
        ArgumentValue "argument-value" Rule Info
            "An argument is not of the kind that the dictionary has in its place",
            "had the error 201 (parameter) for it";
        PayloadLength "payload-length" Rule Error
            "The length of a payload does not fit its XML. If it is too small, the rest of the XML is read as commands; if it is too large, the next command is swallowed",
            "read as many bytes as the line said",
            "the length that the client gives: the bytes of its payload, and not its letters";
        VerbDialect "verb-dialect" Rule Warning
            "The client sent a verb, or a form of one, that the dialect it agreed on does not have",
            "ended the connection for the list verbs of older dialects from MSNP13 on; what it did for other verbs is not known",
            "the dialect that was agreed on (`nudge explain VERB`), and `--dialects`";
        NoMsnobj "no-msnobj" Rule Error no cause
            "Presence was sent without an msnobj: Messenger for Mac drops the line without a word and shows nobody; `%3Cmsnobj%2F%3E` is enough",
            "sent the field from MSNP9 on";
        CapabilityForm "capability-form" Rule Warning no cause
            "Capabilities are one number up to MSNP15 and two with a colon from MSNP16 on; in presence for Messenger for Mac they are one number",
            "sent each client the form of its own dialect";
        PresenceForm "presence-form" Rule Error no cause
            "Presence was sent in a form that this client does not read: the network id is not where its dialect has it, or fields are missing",
            "sent each client the form of its own dialect";
        ListedNotInBook "listed-not-in-book" Rule Warning no cause
            "The client lists a contact in ADL that its address book does not have: it kept an older book, or added the contact without a request",
            "is not known to have compared the two";
        InBookNotListed "in-book-not-listed" Rule Warning no cause
            "A contact on the forward list of the address book was in no ADL before CHG: the client did not understand its record, and will not show it",
            "is not known to have compared the two";
        UnreadContact "unread-contact" Rule Info
            "The client is told of the presence of a contact that the operator added after it had read its address book: it shows the contact once it has signed in again, or its user has added it",
            "told a client of a contact once it was on its list";
        ClosedAfter "closed-after" Rule Info no cause
            "The client closed its connection within a second after something was sent to it: that may be the reason",
            "is not known to have noted it";
        LongName "long-name" Rule Warning no cause
            "A friendly name is longer than the real service allowed: 129 characters, or 387 bytes encoded. A client's buffer may be made for that length",
            "answered 209 to a longer one";
        LongMessage "long-message" Rule Info no cause
            "A personal message is longer than the 129 characters that real clients let their users write",
            "is not known to have refused one";
        InjectedUnknown "injected-unknown" Rule Info no cause
            "The operator sent the client a line that its dialect does not have, or not at this stage. What the client does with it says nothing about good lines",
            "never sent it to such a client";
        InjectedFraming "injected-framing" Rule Warning no cause
            "What the operator injected does not end where its line says: its payload is shorter than its length, or the line end is missing. The client reads what is sent next as a part of it",
            "sent what its lengths said";
        ChallengeUnanswered "challenge-unanswered" Rule Warning
            "CHL was sent, and no QRY came within 50 s",
            "closed the connection after about 50 s",
            "how the client computes QRY: the MD5 over the challenge and the key of the product id that it names (`nudge explain QRY`)";
        ChallengeWrong "challenge-wrong" Rule Error
            "QRY answers the challenge wrongly: the answer was not made with the key of the product id that it names",
            "answered 540 and closed",
            "how the client computes QRY: the MD5 over the challenge and the key of the product id that it names (`nudge explain QRY`)";
        TlsVersion "tls-version" Rule Error no cause
            "The client speaks no TLS that is served: SSL 2.0 alone, SSL 3.0 alone where --no-ssl3 shuts that out, or no version in common",
            "took an SSLv2-format hello and spoke TLS 1.0 (the article)",
            "the client's SSL settings: TLS 1.0 to 1.3 are served, and RSA key exchange with AES, 3DES or RC4 below 1.2";
        TlsCipher "tls-cipher" Rule Error no cause
            "Client and service have no cipher suite, curve or signature in common",
            "had suites that its clients knew",
            "the client's SSL settings: TLS 1.0 to 1.3 are served, and RSA key exchange with AES, 3DES or RC4 below 1.2";
        TlsAlert "tls-alert" Rule Error no cause
            "The client ended the handshake with an alert: it does not know the root (install and trust it), its clock is wrong, or it refuses the certificate",
            "had a certificate of a root that its clients came with",
            "that the root is trusted for SSL, the client's clock, and that the host it asked for is one that `nudge hosts` lists";
        TlsClosed "tls-closed" Rule Warning no cause
            "The client closed in the middle of a handshake without an alert: many old clients do so when they do not trust the root",
            "had a certificate of a root that its clients came with",
            "that the root is trusted: many old clients close without an alert when it is not";
        TlsFailed "tls-failed" Rule Warning no cause
            "A handshake failed in another way: not TLS, nonsense, or too slow",
            "is not known to have met it",
            "the line of the handshake in the transcript, which has the client's first bytes";
        UnknownHost "unknown-host" Rule Info no cause
            "A request names a host that is none of those which nudge serves: it was answered by its path all the same, but over TLS the certificate does not have that name",
            "had each service on hosts of its own";
    }
}
