//! The steps of a sign-in, as data: by dialect and by the way of signing in.

use crate::event::HttpAction;
use std::time::Duration;

/// A step of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepId {
    /// The notification service was reached.
    Reached,
    /// VER.
    Version,
    /// CVR.
    ClientVersion,
    /// `USR … I`.
    Identify,
    /// A TLS handshake at the HTTPS door.
    Tls,
    /// The nexus was read.
    Nexus,
    /// The Passport login gave a ticket.
    Login,
    /// RST gave tokens (SSO).
    Tokens,
    /// `USR … S`.
    Ticket,
    /// FindMembership.
    Membership,
    /// ABFindAll.
    AddressBook,
    /// SYN (MSNP12 and below).
    Synchronise,
    /// ADL.
    Lists,
    /// PRP.
    Name,
    /// BLP.
    Privacy,
    /// CHG.
    Status,
    /// The presence of every contact.
    Presence,
    /// UUX.
    Personal,
    /// URL.
    Url,
    /// UUN.
    Note,
    /// The first PNG.
    Ping,
    /// It was sent on to another notification server (XFR NS). This and what follows is no step of a sign-in.
    SentOn,
    /// It asked for a switchboard (XFR SB).
    Referral,
    /// It was rung (RNG).
    Ring,
    /// It said something in a conversation, and asked for a receipt.
    Message,
    /// It said something to a contact, and its user waits for words.
    Words,
    /// A contact asked it for its picture.
    Picture,
    /// It came by the HTTP gateway, and is to fetch what was sent to it.
    Fetch,
    /// It was asked a challenge (CHL).
    Challenge,
    /// It was asked for the lock of an offline message that it leaves.
    Lock,
    /// It added a contact to the address book, and is to list it.
    Adding,
    /// It offered a file, for which the operator answers.
    Offer,
    /// Something was wrong with what it sent, and was taken all the same: it is to go on.
    Onward,
    /// Any other command of a client that is online.
    Command,
}

impl StepId {
    /// How many there are.
    pub const COUNT: usize = StepId::Command as usize + 1;

    /// The name of what is no step of a sign-in.
    pub fn errand(self) -> &'static str {
        match self {
            StepId::SentOn => "XFR NS",
            StepId::Referral => "XFR SB",
            StepId::Ring => "RNG",
            StepId::Message | StepId::Words | StepId::Picture | StepId::Offer => "MSG",
            StepId::Fetch => "the HTTP gateway",
            StepId::Challenge => "CHL",
            StepId::Lock => "Store",
            StepId::Adding => "ABContactAdd",
            StepId::Onward => "its last command",
            _ => "?",
        }
    }
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepDef {
    /// Which.
    pub id: StepId,
    /// Its name: the verb, or the name of the request.
    pub name: &'static str,
    /// Steps of one phase come in any order; once one of a later phase has come, what has not come of an
    /// earlier one is not waited for.
    pub phase: u8,
    /// What is expected, in a few words.
    pub expects: &'static str,
    /// How long the client normally takes to begin it, in seconds; 0 where it may leave it out.
    pub patience: u16,
    /// The first dialect that has it.
    pub since: u8,
}

/// How long the service may take to answer, before that is said.
pub const ANSWER_PATIENCE: Duration = Duration::from_secs(3);

macro_rules! steps {
    ($($step:ident $id:ident $name:literal phase $phase:literal patience $patience:literal since $since:literal $expects:literal;)*) => {
        $(const $step: StepDef = StepDef {
            id: StepId::$id,
            name: $name,
            phase: $phase,
            expects: $expects,
            patience: $patience,
            since: $since,
        };)*
    };
}

steps! {
    REACHED Reached "reached" phase 0 patience 0 since 8 "a connection to port 1863";
    VER Version "VER" phase 1 patience 5 since 8 "VER with the dialects it speaks";
    CVR ClientVersion "CVR" phase 2 patience 5 since 8 "CVR with its name and version";
    USR_I Identify "USR I" phase 3 patience 5 since 8 "USR … I with its account";
    TLS Tls "TLS" phase 4 patience 10 since 8 "a TLS connection to port 443";
    NEXUS Nexus "nexus" phase 5 patience 10 since 8 "GET /rdr/pprdr.asp of nexus.passport.com";
    LOGIN Login "login" phase 6 patience 10 since 8 "the Passport login at the host that DALogin named";
    RST Tokens "RST" phase 6 patience 15 since 8 "RST.srf of login.live.com, for its tokens";
    USR_S Ticket "USR S" phase 7 patience 5 since 8 "USR … S with the ticket";
    MEMBERSHIP Membership "FindMembership" phase 8 patience 15 since 8 "FindMembership over SOAP, perhaps after a login of its own";
    BOOK AddressBook "ABFindAll" phase 8 patience 15 since 8 "ABFindAll over SOAP, perhaps after a login of its own";
    SYN Synchronise "SYN" phase 8 patience 10 since 8 "SYN for the lists";
    ADL Lists "ADL" phase 9 patience 10 since 8 "ADL with its contacts";
    PRP Name "PRP" phase 9 patience 0 since 8 "PRP with its friendly name";
    BLP Privacy "BLP" phase 9 patience 0 since 8 "BLP with its privacy default";
    CHG Status "CHG" phase 11 patience 10 since 8 "CHG with its status";
    PRESENCE Presence "presence" phase 12 patience 0 since 8 "ILN and UBX of every contact that can be seen";
    UUX Personal "UUX" phase 13 patience 0 since 11 "UUX with its personal message";
    URL Url "URL" phase 13 patience 0 since 8 "URL of a web service";
    UUN Note "UUN" phase 13 patience 0 since 13 "UUN to its own endpoints";
    PNG Ping "PNG" phase 14 patience 0 since 8 "the first PNG";
}

/// TWN from MSNP13 on: Messenger for Mac, in the order of the article.
const TWN: &[StepDef] = &[
    REACHED, VER, CVR, USR_I, TLS, NEXUS, LOGIN, USR_S, MEMBERSHIP, BOOK, ADL, PRP, BLP, CHG,
    PRESENCE, UUX, URL, UUN, PNG,
];
/// TWN up to MSNP12: the lists come over the notification connection.
const OLDER: &[StepDef] = &[
    REACHED, VER, CVR, USR_I, TLS, NEXUS, LOGIN, USR_S, SYN, CHG, PRESENCE, UUX, URL, PNG,
];
/// The same with a ticket by RST.
const OLDER_RST: &[StepDef] = &[
    REACHED, VER, CVR, USR_I, TLS, RST, USR_S, SYN, CHG, PRESENCE, UUX, URL, PNG,
];
/// SSO, from MSNP14 on, and TWN with a ticket by RST from 13 on.
const SSO: &[StepDef] = &[
    REACHED, VER, CVR, USR_I, TLS, RST, USR_S, MEMBERSHIP, BOOK, BLP, ADL, PRP, CHG, PRESENCE, UUX,
    URL, UUN, PNG,
];

/// How a client signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// By a Passport ticket.
    #[default]
    Twn,
    /// By a Passport ticket that RST gave.
    TwnByRst,
    /// By tokens of RST.
    Sso,
}

/// The steps of a sign-in in this dialect (by its number) and this way.
pub fn plan(dialect: u8, method: Method) -> impl Iterator<Item = &'static StepDef> {
    let steps = match method {
        Method::TwnByRst if dialect < 13 => OLDER_RST,
        Method::Sso | Method::TwnByRst => SSO,
        Method::Twn if dialect < 13 => OLDER,
        Method::Twn => TWN,
    };
    steps.iter().filter(move |step| step.since <= dialect)
}

/// The step that a client begins with this verb, USR aside.
pub fn of_verb(verb: &[u8]) -> Option<StepId> {
    Some(match verb {
        b"VER" => StepId::Version,
        b"CVR" => StepId::ClientVersion,
        b"SYN" => StepId::Synchronise,
        b"ADL" => StepId::Lists,
        b"PRP" => StepId::Name,
        b"BLP" => StepId::Privacy,
        b"CHG" => StepId::Status,
        b"UUX" => StepId::Personal,
        b"URL" => StepId::Url,
        b"UUN" => StepId::Note,
        b"PNG" => StepId::Ping,
        _ => return None,
    })
}

/// The step that a request over HTTP is.
pub fn of_action(action: &HttpAction) -> Option<StepId> {
    Some(match action {
        HttpAction::Nexus => StepId::Nexus,
        HttpAction::Login => StepId::Login,
        HttpAction::Rst => StepId::Tokens,
        HttpAction::FindMembership => StepId::Membership,
        HttpAction::AbFindAll => StepId::AddressBook,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::Dialect;

    #[test]
    fn every_plan_has_each_step_once_in_the_order_of_its_phases_where_the_mac_is_concerned() {
        for dialect in Dialect::all().map(Dialect::number) {
            for method in [Method::Twn, Method::TwnByRst, Method::Sso] {
                let steps: Vec<_> = plan(dialect, method).map(|s| s.id).collect();
                let unique: std::collections::BTreeSet<_> = steps.iter().collect();
                assert_eq!(unique.len(), steps.len());
                assert_eq!(steps.first(), Some(&StepId::Reached));
                assert_eq!(steps.last(), Some(&StepId::Ping));
            }
        }
        let phases: Vec<_> = plan(16, Method::Twn).map(|s| s.phase).collect();
        assert!(phases.is_sorted());
        assert!(!plan(8, Method::Twn).any(|s| s.id == StepId::Personal));
        assert!(plan(12, Method::Twn).any(|s| s.id == StepId::Synchronise));
    }
}
