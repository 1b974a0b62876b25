//! Verbs that only MSNP18 has: circles and addressed messages.

use super::Kind::*;
use super::*;

const RESULT: [Parameter; 2] = [one("result", Word("OK")), repeated("more", Text)];

pub(super) const VERBS: &[Verb] = verbs! {
    "PUT" "presence of a circle, or of one's own endpoint", "NINA wiki; Tachyon" {
        CLIENT [repeated("more", Text), LENGTH], shapes: windows_since(18);
        ANSWER [one("result", Word("OK")), LENGTH], "taken, with headers", shapes: windows_since(18);
    }
    "DEL" "leaving a circle", "NINA wiki; Tachyon" {
        CLIENT [repeated("more", Text), LENGTH], shapes: windows_since(18);
        ANSWER RESULT, "taken", shapes: windows_since(18);
    }
    "SDG" "a message addressed by its headers: To, From, routing", "NINA wiki; Tachyon" {
        CLIENT [repeated("more", Text), LENGTH], shapes: windows_since(18);
        PUSH_ZERO [repeated("more", Text), LENGTH], "from a user", shapes: windows_since(18);
    }
    "NFY" "news of a circle", "NINA wiki; Tachyon" {
        PUSH [one("what", Known(&[("PUT", "it is there, or changed"), ("DEL", "it is gone")])), LENGTH], shapes: windows_since(18);
    }
    "VAS" "a report to a value-added service", "NINA wiki" {
        CLIENT [repeated("more", Text), LENGTH], shapes: windows_since(18);
        ANSWER RESULT, "taken", shapes: windows_since(18);
    }
};
