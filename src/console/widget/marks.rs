//! The marks of the transcript and the lists: each is drawn from here, and explained in the help. (Those of a status stand
//! beside its name.)

/// A line from a client.
pub const IN: &str = "▶";
/// A line to a client.
pub const OUT: &str = "◀";
/// A line to a client that the operator put in.
pub const INJECTED: &str = "«";
/// A request over HTTP, with its answer.
pub const HTTP: &str = "⇄";
/// A TLS handshake.
pub const TLS: &str = "◇";
/// A connection that has come.
pub const CONNECTED: &str = "+";
/// A connection that has ended.
pub const DISCONNECTED: &str = "−";
/// A conversation that began, changed or ended.
pub const CONVERSATION: &str = "&";
/// Something that was said in a conversation.
pub const MESSAGE: &str = "\"";
/// A sign-in, or a step that is done.
pub const DONE: &str = "✓";
/// Signed out.
pub const SIGNED_OUT: &str = "×";
/// A contact that has changed.
pub const CONTACT: &str = "~";
/// A contact whose account has signed in for real: it is that client.
pub const REAL: &str = "≡";
/// A finding, or a message that warns.
pub const FINDING: &str = "⚠";
/// What came of a command.
pub const REPLY: &str = "=";
/// A message of the service; a step that is still to come.
pub const NOTICE: &str = "·";
/// Something that went wrong.
pub const WRONG: &str = "✗";
/// A step that is waited for.
pub const NOW: &str = "…";
/// A step that was left out.
pub const SKIPPED: &str = "–";
/// A payload that can be unfolded, or the row under the cursor.
pub const FOLDED: &str = "▸";
/// One that is unfolded.
pub const UNFOLDED: &str = "▾";

/// Every mark with a few words, for the help.
const LEGEND: [(&str, &str); 21] = [
    (IN, "from a client"),
    (OUT, "to a client"),
    (INJECTED, "injected by you"),
    (CONTACT, "a contact has changed"),
    (REAL, "a contact that signed in"),
    (REPLY, "what came of a command"),
    (TLS, "a TLS handshake"),
    (HTTP, "a request and its answer"),
    (NOTICE, "a message; a step to come"),
    (DONE, "signed in; a step is done"),
    (FINDING, "something is wrong"),
    (WRONG, "it went wrong"),
    (NOW, "a step is waited for"),
    (SKIPPED, "a step was left out"),
    (CONNECTED, "a connection has come"),
    (DISCONNECTED, "a connection has ended"),
    (CONVERSATION, "a conversation changed"),
    (MESSAGE, "something was said"),
    (SIGNED_OUT, "signed out"),
    (FOLDED, "unfolds; the cursor"),
    (UNFOLDED, "is unfolded"),
];

/// The columns of a mark with its meaning, of which several stand beside each other.
pub const COLUMN: usize = 28;

/// Every mark with its meaning.
pub fn legend() -> impl Iterator<Item = (&'static str, &'static str)> {
    LEGEND.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_meaning_has_room_beside_the_others() {
        for (mark, meaning) in legend() {
            assert!(mark.width() + 1 + meaning.width() < COLUMN, "{meaning}");
        }
    }
}
