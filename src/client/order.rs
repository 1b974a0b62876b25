//! What a client is asked to do once it is signed in: typed at it, or written in a file. One line is one order.

use crate::msnp::{Status, nearest};
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

/// The longest wait, in seconds: a day.
const LONGEST: f64 = 86_400.0;
/// What stands for the next transaction id in a line of MSNP.
pub(super) const TRANSACTION: &str = "{id}";

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Wait so long before the next order of a script.
    Wait(Duration),
    /// Wait until the server says a line that begins with this.
    Await(String),
    /// Show another status.
    Status(Status),
    /// Show another personal message.
    Message(String),
    /// Say something to a contact.
    Say {
        /// The contact.
        account: String,
        /// The text; `\r`, `\n`, `\xHH` and `\\` stand for bytes.
        text: String,
    },
    /// Send this line of MSNP, as it is written: with `{id}`, `*` and escapes.
    Line(String),
    /// Send exactly the bytes that this stands for.
    Bytes(String),
    /// Sign out.
    Out,
    /// Say which orders there are.
    Help,
}

/// Every order: how it is written, and what it does.
pub const ORDERS: &[(&str, &str)] = &[
    ("wait SECONDS", "wait so long, such as 0.5"),
    (
        "until LINE",
        "wait until the server says a line that begins so, such as QNG",
    ),
    (
        "status STATUS",
        "online, busy, idle, away, brb, lunch, phone or hidden",
    ),
    ("message TEXT", "the personal message"),
    (
        "say ACCOUNT TEXT",
        "in a conversation, which is opened if there is none",
    ),
    (
        "VERB …",
        "a line of MSNP: {id} is the next transaction id, * the length of the payload, which follows \\r\\n",
    ),
    (
        "send BYTES",
        "exactly these bytes; \\r, \\n, \\xHH and \\\\ stand for bytes",
    ),
    ("out", "sign out, and end"),
    ("help", "these lines"),
];

/// [`ORDERS`] as a table for people.
pub fn orders_help() -> String {
    let width = ORDERS.iter().map(|(usage, _)| usage.chars().count()).max();
    let width = width.unwrap_or_default();
    ORDERS
        .iter()
        .fold(String::new(), |mut text, (usage, meaning)| {
            let _ = writeln!(text, "  {usage:width$}  {meaning}");
            text
        })
}

/// Why a line is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Its first word is none.
    #[error("{word:?} is no order: {}", meant(.0), word = .0)]
    Unknown(String),
    /// The order says too little.
    #[error("{0} needs something after it, such as `{1}`")]
    Empty(&'static str, &'static str),
    /// The order says too much.
    #[error("nothing follows {0}")]
    Full(&'static str),
    /// The time cannot be waited.
    #[error("{0:?} cannot be waited: 0 to {LONGEST} seconds can; `until LINE` waits for a line")]
    Time(String),
    /// Nobody can show that.
    #[error("{0}")]
    Status(String),
}

impl FromStr for Order {
    type Err = OrderError;

    fn from_str(text: &str) -> Result<Self, OrderError> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim_start();
        let needs = |name, example| match rest.is_empty() {
            true => Err(OrderError::Empty(name, example)),
            false => Ok(rest.to_owned()),
        };
        let alone = |name, order| match rest.is_empty() {
            true => Ok(order),
            false => Err(OrderError::Full(name)),
        };
        match word {
            "wait" => wait(&needs("wait", "wait 2")?),
            "until" => needs("until", "until QNG").map(Order::Await),
            "status" => match needs("status", "status busy")?.parse() {
                Ok(Status::Offline) => Err(OrderError::Status(
                    "offline is no status to show: `out` signs out".to_owned(),
                )),
                Ok(status) => Ok(Order::Status(status)),
                Err(error) => Err(OrderError::Status(error.to_string())),
            },
            // Without a text it takes the message away.
            "message" => Ok(Order::Message(rest.to_owned())),
            "say" => {
                let example = "say busy@local hello";
                let whole = needs("say", example)?;
                match whole.split_once(char::is_whitespace) {
                    Some((account, text)) if !text.trim().is_empty() => Ok(Order::Say {
                        account: account.to_owned(),
                        text: text.trim_start().to_owned(),
                    }),
                    _ => Err(OrderError::Empty("say", example)),
                }
            }
            "send" => needs("send", "send PNG\\r\\n").map(Order::Bytes),
            "out" => alone("out", Order::Out),
            "help" | "?" => alone("help", Order::Help),
            verb if is_verb(verb) => Ok(Order::Line(text.to_owned())),
            other => Err(OrderError::Unknown(other.to_owned())),
        }
    }
}

/// The order that was probably meant, or which there are.
fn meant(word: &str) -> String {
    let orders = ORDERS
        .iter()
        .filter_map(|(usage, _)| usage.split(' ').next());
    let orders = orders.filter(|order| *order != "VERB");
    let other = match word {
        "psm" => Some("message"),
        "q" | "quit" | "exit" | "bye" => Some("out"),
        _ => word.parse::<Status>().ok().map(|_| "status"),
    };
    let upper = word.to_ascii_uppercase();
    match other.or_else(|| nearest(word, orders)) {
        Some(order) => format!("did you mean {order:?}?"),
        None if is_verb(&upper) => format!("did you mean {upper:?}?"),
        None => {
            "wait, until, status, message, say, send, out, help, or a line of MSNP, such as PNG"
                .into()
        }
    }
}

fn wait(what: &str) -> Result<Order, OrderError> {
    match what.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST).contains(&seconds) => {
            Ok(Order::Wait(Duration::from_secs_f64(seconds)))
        }
        _ => Err(OrderError::Time(what.to_owned())),
    }
}

/// A verb of MSNP is three capitals or digits.
fn is_verb(word: &str) -> bool {
    word.len() == 3
        && word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Where in a script something is wrong, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct ScriptError {
    /// The file, as it was named.
    pub file: String,
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: OrderError,
}

/// Reads a script: one order a line. What begins with `#` is a remark; empty lines are passed over.
///
/// # Errors
/// [`ScriptError`] names the first line that is no order.
pub fn read_script(file: &str, text: &str) -> Result<Vec<Order>, ScriptError> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|(at, line)| {
            line.parse().map_err(|why| ScriptError {
                file: file.to_owned(),
                line: at + 1,
                why,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_line_by_line_and_a_mistake_has_its_place() {
        let script = "# a remark\n\n  wait 0.5\r\nuntil QNG 6\nstatus busy\nmessage \nmessage a  b\nsay busy@local  a  b\nPNG\n\
                      CHG {id} BSY 0\nsend x\\r\\n\nout\n";
        assert_eq!(
            read_script("a.txt", script),
            Ok(vec![
                Order::Wait(Duration::from_millis(500)),
                Order::Await("QNG 6".into()),
                Order::Status(Status::Busy),
                Order::Message(String::new()),
                Order::Message("a  b".into()),
                Order::Say {
                    account: "busy@local".into(),
                    text: "a  b".into(),
                },
                Order::Line("PNG".into()),
                Order::Line("CHG {id} BSY 0".into()),
                Order::Bytes("x\\r\\n".into()),
                Order::Out,
            ])
        );
        for (line, word) in [
            ("wiat 2", "no order"),
            ("wait", "wait 2"),
            ("wait QNG", "until LINE"),
            ("until", "until QNG"),
            ("wait -1", "cannot be waited"),
            ("wait 1e99", "cannot be waited"),
            ("wait nan", "cannot be waited"),
            ("status", "status busy"),
            ("status gone", "unknown status"),
            ("status offline", "out"),
            ("out now", "nothing follows"),
            ("send", "PNG"),
            ("say busy@local ", "say busy@local hello"),
        ] {
            let error = read_script("a.txt", &format!("PNG\n{line}\n")).expect_err(line);
            let error = error.to_string();
            assert!(
                error.starts_with("a.txt:2: ") && error.contains(word),
                "{error}"
            );
        }
    }

    #[test]
    fn the_order_that_was_probably_meant_is_offered() {
        let refused = |line: &str| line.parse::<Order>().expect_err(line).to_string();
        for (line, meant) in [
            ("stauts busy", "status"),
            ("busy", "status"),
            ("psm hello", "message"),
            ("quit", "out"),
            ("hlep", "help"),
            ("png", "PNG"),
        ] {
            let word = line.split(' ').next().expect("a word");
            let said = format!("{word:?} is no order: did you mean {meant:?}?");
            assert_eq!(refused(line), said);
        }
        assert!(refused("frobnicate").contains("wait, until, status"));
    }

    #[test]
    fn every_order_of_the_table_is_one() {
        for (usage, _) in ORDERS {
            let example = usage
                .replace("SECONDS", "1")
                .replace("STATUS", "busy")
                .replace("VERB …", "PNG")
                .replace("ACCOUNT", "busy@local");
            assert!(example.parse::<Order>().is_ok(), "{example}");
        }
    }
}
