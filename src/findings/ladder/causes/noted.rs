//! A finding about the client as the cause.

use super::scene::{Scene, Weighed};
use crate::event::{Detail, FindingId, Severity};
use crate::findings::ladder::row::Noted;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::StepId;

/// A finding about the client: that on the failing line, or else the last since its progress, before all others; an
/// older one is a guess.
pub fn noted(scene: &Scene<'_>) -> Option<Weighed> {
    let unheard = scene
        .errand
        .is_some_and(|errand| errand.step == StepId::Words);
    if unheard || matches!(scene.kind, Kind::Nobody | Kind::Quiet | Kind::Resumed) {
        return None;
    }
    let harmed = scene.ladder.harmed.filter(|_| *scene.kind == Kind::Harmed);
    let failed = *scene.kind == Kind::Failed || scene.errand.is_some() || harmed.is_some();
    let refused = scene.ladder.refused.as_ref().filter(|_| failed);
    let line = match scene.errand {
        Some(errand) => Some(errand.event),
        None => harmed
            .map(|harmed| harmed.event)
            .or(refused.map(|(_, event, _)| *event)),
    };
    let noted = || scene.ladder.noted.iter().rev();
    let heavy = |severity: Severity| severity == Severity::Error;
    // It is of what was answered last: that it was answered is no progress that clears it.
    let answered = scene.ladder.answer.as_ref().map(|answer| answer.event);
    let fresh = |noted: &Noted| {
        noted.time >= scene.ladder.progressed()
            || Some(noted.event) == answered && !is_tolerated(&noted.id)
    };
    let on_line = || {
        noted().filter(|noted| {
            // Or it was found while the client was to do something.
            Some(noted.event) == line || scene.errand.is_some_and(|e| noted.time >= e.time)
        })
    };
    // A length that is wrong is why a payload cannot be read; what was tolerated is why nothing is.
    let on_line = on_line().min_by_key(|noted| {
        let root = noted.id == FindingId::PayloadLength;
        (is_tolerated(&noted.id), !root, !heavy(noted.severity))
    });
    let since = || {
        noted()
            .filter(|noted| fresh(noted) && !failed)
            .max_by_key(|noted| (!is_tolerated(&noted.id), noted.sure, heavy(noted.severity)))
    };
    let (found, weight) = match (on_line, since()) {
        (Some(found), _) => (found, 101),
        (None, Some(found)) if is_tolerated(&found.id) => (found, TOLERATED),
        (None, Some(found)) if found.sure => (found, if heavy(found.severity) { 101 } else { 96 }),
        (None, Some(found)) => (found, if found.alone { 79 } else { 60 }),
        (None, None) => {
            let found = noted().find(|_| !failed)?;
            // Of its last line, whose answer it may not have taken for that reason.
            let last = found.event == scene.ladder.heard && !is_tolerated(&found.id);
            (found, if last { 78 } else { 33 })
        }
    };
    Some(Weighed {
        weight,
        text: found.text.clone(),
        event: Some(found.event),
        finding: Some(found.id.clone()),
        check: Some(found.check),
    })
}

/// How much speaks for what nudge took all the same.
const TOLERATED: u8 = 25;

/// What is not as it should be and was taken all the same: it keeps no client from going on.
pub fn is_tolerated(id: &FindingId) -> bool {
    matches!(
        id,
        FindingId::EmptyLine
            | FindingId::ListSpaces
            | FindingId::ListBits
            | FindingId::ListBoth
            | FindingId::ListLong
            | FindingId::LongField
            | FindingId::ChallengeProduct
            | FindingId::PassportNonce
            | FindingId::SoapNotKept
            | FindingId::WrongCount
            | FindingId::ArgumentEncoding
    )
}

/// What to check where this was found.
pub fn check(id: &FindingId, detail: Option<Detail>) -> &'static str {
    match id {
        FindingId::NoCommonDialect if detail == Some(Detail::OfferForm) => {
            "the line VER of the client: VER 1 MSNP12 MSNP11 CVR0, with one space between any two words (`nudge explain VER`)"
        }
        FindingId::BadCookie if detail == Some(Detail::CookieUsed) => {
            "that the client asks XFR SB anew for each conversation, and shows what it is given at once, and once"
        }
        FindingId::BadCookie if detail == Some(Detail::CookieVerb) => {
            "the verb at the switchboard: USR n ACCOUNT COOKIE upon XFR, ANS n ACCOUNT COOKIE SESSION upon RNG"
        }
        FindingId::BadCookie if detail == Some(Detail::CookieAccount) => {
            "the account in USR or ANS: it is that which signed in and was given the cookie"
        }
        FindingId::NotMsnp => "which program that is, and why it was given this host and port",
        FindingId::WrongPort => {
            "the ports that the client was given: nudge prints its own when it starts, and those of the real service are 1863, 443 and 80"
        }
        FindingId::NoCommonDialect => {
            "which dialects are served (`dialects`, `--dialects`): nudge can serve MSNP8 to MSNP18"
        }
        FindingId::SignInMethod => {
            "the way in which this client signs in (TWN, SSO), and the dialects that are served (`--dialects`): SSO is of MSNP14 and above"
        }
        FindingId::BadAccount => "the account that the user typed: user@domain",
        FindingId::UnknownVerb => {
            "what that program is: a verb of MSNP is three letters in upper case, and the first is VER"
        }
        FindingId::WrongStage => {
            "to which port the client was sent: the switchboard has one of its own, which XFR and RNG name"
        }
        FindingId::GatewaySession => {
            "what stands between (a proxy that keeps answers), and whether nudge was started anew: each answer names the session for the next request"
        }
        FindingId::OutOfOrder => {
            "the order of the client's commands: VER, CVR, USR, and after USR OK the others"
        }
        FindingId::OtherDialect | FindingId::VerbDialect => {
            "the dialect that was agreed on (`nudge explain VERB`), and `--dialects`"
        }
        FindingId::BadLength | FindingId::PayloadLength | FindingId::Unfinished => {
            "the length that the client gives: the bytes of its payload, and not its letters"
        }
        FindingId::ListPayload => {
            "the payload of its list (ADL, RML or FQY): <ml l=\"1\"><d n=\"domain\"><c n=\"name\" l=\"3\" t=\"1\"/></d></ml>, one ml, and each domain around its names"
        }
        FindingId::UnknownPath => {
            "the address that the client was given for it (a cached or patched URL), against the paths that nudge serves"
        }
        FindingId::NotEncoded | FindingId::ArgumentEncoding => {
            "that the client percent-encodes its arguments (a space is %20)"
        }
        FindingId::ProxySet => {
            "the proxy in the client's settings, and in those of its system (Internet Options)"
        }
        FindingId::PatchedClient => {
            "that the client is as Microsoft made it: install an unpatched one, or set the hosts of `nudge hosts` in it"
        }
        FindingId::ForeignHost | FindingId::UnknownSni => {
            "which host the client is told to reach, against those of `nudge hosts`; `--public` takes another"
        }
        FindingId::ClearPassword => {
            "that the client speaks TLS to this port (https://), or goes to the plain HTTP port"
        }
        FindingId::PassportRefused | FindingId::WrongPasswords => {
            "the account and the password: `accounts.toml` lists who may sign in. Clients show 80048821, 81000303"
        }
        FindingId::PassportAuthorization | FindingId::PassportField => {
            "the request of the login: `Authorization: Passport1.4 …,sign-in=account,pwd=password`"
        }
        FindingId::RstXml | FindingId::SoapXml => {
            "how the client writes its XML: every element closed, & as &amp; and < as &lt;, and the charset that it names"
        }
        FindingId::RstField => {
            "the request for tokens: wsse:Username and wsse:Password, and an AppliesTo with an address for each token"
        }
        FindingId::SoapNoTicket | FindingId::SoapTicket => {
            "how the client puts its ticket into TicketToken: as it was given, with & as &amp;"
        }
        FindingId::SoapAction | FindingId::SoapForm => {
            "the client's request against a good sign-in's: POST, Content-Type: text/xml, SOAPAction, and an element of that name and namespace in the body"
        }
        FindingId::SoapMethod | FindingId::SoapUnknownAction | FindingId::SoapRefused => {
            "the request: POST, SOAPAction, and an element of that name in the body, as the finding says"
        }
        FindingId::HttpMalformed | FindingId::HttpCut | FindingId::HttpTimeout => {
            "how the client writes HTTP: a request line, headers, an empty line, and as many bytes as Content-Length says"
        }
        FindingId::BodyTooLarge | FindingId::TwoHosts => "the headers of the client's request",
        FindingId::TransactionId | FindingId::ArgumentCount | FindingId::WrongCount => {
            "the words of that line, and their order (`nudge explain VERB`)"
        }
        FindingId::Status => "the status: NLN, BSY, IDL, BRB, AWY, PHN, LUN, or HDN to be hidden",
        FindingId::Capabilities => {
            "the capabilities in CHG: a number, from MSNP16 on two with a colon between"
        }
        FindingId::Hidden => "its status: CHG to another than HDN, and then XFR SB again",
        FindingId::PersonalPayload => {
            "the payload of its UUX: well-formed XML, <Data><PSM>…</PSM><CurrentMedia>…</CurrentMedia></Data>"
        }
        FindingId::PayloadShort => {
            "the length that the client gives: the bytes of its payload, and not its letters"
        }
        FindingId::MessageForm => {
            "how the client makes a message: header lines in CR LF, Content-Type: text/plain; charset=UTF-8, an empty line, and then the text"
        }
        FindingId::NobodyThere if detail == Some(Detail::AllLeft) => {
            "who left, and by whom (BYE, `leave`), in the transcript: the client calls them anew (CAL); `say` comes back as a contact"
        }
        FindingId::NobodyThere => {
            "that the client calls somebody (CAL) and waits for JOI before its first MSG"
        }
        FindingId::Offline | FindingId::NoSuchAccount | FindingId::InConversation => {
            "whom it calls, against `contacts`: it has to be there, and not hidden"
        }
        FindingId::BadCookie => {
            "which words the client takes out of XFR (XFR n SB ADDRESS CKI COOKIE) or RNG (RNG SESSION ADDRESS CKI COOKIE), and where it puts them: USR n ACCOUNT COOKIE, ANS n ACCOUNT COOKIE SESSION"
        }
        FindingId::ChallengeRefused
        | FindingId::ChallengeWrong
        | FindingId::ChallengeUnanswered => {
            "how the client computes QRY: the MD5 over the challenge and the key of the product id that it names (`nudge explain QRY`)"
        }
        FindingId::ListEdit | FindingId::ListStranger => {
            "the list, the account or the group that the command names (`nudge explain VERB`)"
        }
        FindingId::FriendlyName | FindingId::LongField => "the length of what it sends, in bytes",
        FindingId::Privacy => "BLP AL or BLP BL",
        FindingId::NotServed => "whether the client needs it: nudge does not serve it yet",
        FindingId::LineTooLong => "the line end (CR LF) of what the client sends",
        FindingId::TooManyConversations
        | FindingId::ConversationFull
        | FindingId::TooManyMessages
        | FindingId::TooManyShown => "how many the client makes: the finding names the bound",
        _ => {
            "what the finding is (`nudge findings`), and `nudge explain` of the line that shows it"
        }
    }
}
