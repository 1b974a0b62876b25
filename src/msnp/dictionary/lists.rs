//! Membership lists from MSNP13 on, where SOAP holds them and the client tells the notification service.

use super::Kind::*;
use super::*;

const OK: [Parameter; 1] = [one("result", Word("OK"))];

pub(super) const VERBS: &[Verb] = verbs! {
    "ADL" "contacts that are put on lists", "article; NINA wiki; papyon" {
        CLIENT [LENGTH], "an <ml> payload; l=\"1\" on it is the list with which a client signs in", shapes: since(13);
        ANSWER OK, "taken", shapes: since(13);
        PUSH_ZERO [LENGTH], "somebody has added the user (l=\"8\", the reverse list)", shapes: since(13);
    }
    "RML" "contacts that are taken off lists", "NINA wiki; papyon" {
        CLIENT [LENGTH], shapes: since(13);
        ANSWER OK, "taken", shapes: since(13);
        PUSH_ZERO [LENGTH], "somebody has removed the user", shapes: since(13);
    }
    "FQY" "to which network an account belongs", "NINA wiki; papyon" {
        CLIENT [LENGTH], "asks", shapes: since(14);
        ANSWER [LENGTH], "the same XML with t, the network", shapes: since(14);
    }
};
