//! Standard input: one command a line.

use super::Patience;
use crate::command::{Parsed, Registry};
use crate::control::{Action, Answer, Command};
use crate::event::CommandId;
use crate::event::ReplyData;
use crate::findings::ladder;
use std::io::{self, BufRead};

/// The longest line that is taken, in bytes: a payload of 64 KiB with each byte escaped is longer, one
/// with some bytes escaped is not.
pub const MAX_COMMAND: usize = 128 * 1024;

/// Reads commands until the input ends or `send` says, by false, that nobody takes them any more.
/// Blocks: it is for a thread of its own.
///
/// A blank line and one that begins with `#` are passed over. The others are numbered from 1, and the service replies
/// to each with its number, in the order of the lines. (A command that waits for a client, as `picture` and `accept`
/// do, gets its reply when that has come.) A mistake and a question for help go to the service too, as actions that
/// hold their answer. Of a line that is too long only the beginning is held in memory. Before each line `wait` is
/// called: it blocks while too many replies are due, and returns false when none will come any more.
///
/// # Errors
/// What the input says. The end of it is no error.
pub fn read_commands(
    mut input: impl BufRead,
    registry: Registry,
    patience: &Patience,
    mut wait: impl FnMut() -> bool,
    mut send: impl FnMut(Command) -> bool,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut id = CommandId(0);
    while let Some(whole) = next_line(&mut input, &mut line)? {
        if whole && matches!(line.trim_ascii_start().first(), None | Some(b'#')) {
            continue;
        }
        if !wait() {
            return Ok(());
        }
        id.0 += 1;
        let (ok, text, data) = match understand(whole, &line, registry) {
            Ok(Parsed::Action(action)) => {
                if send(Command { id, action }) {
                    continue;
                }
                return Ok(());
            }
            // The service answers in its turn.
            Ok(Parsed::Help(topic)) => {
                let lines = registry.help_lines(topic.as_deref());
                (
                    true,
                    topic.unwrap_or_else(|| "the commands".into()),
                    ReplyData::Lines(lines),
                )
            }
            Ok(Parsed::Patience(factor)) => {
                if let Some(factor) = factor {
                    patience.set(factor);
                }
                let text = ladder::patience(patience.get());
                (true, text, ReplyData::None)
            }
            Ok(Parsed::Console { name, .. }) => (
                false,
                format!("{name} is for the console, and this runs without one"),
                ReplyData::None,
            ),
            Err(text) => (false, text, ReplyData::None),
        };
        let action = Action::Answer(Box::new(Answer { ok, text, data }));
        if !send(Command { id, action }) {
            return Ok(());
        }
    }
    Ok(())
}

fn understand(whole: bool, line: &[u8], registry: Registry) -> Result<Parsed, String> {
    if !whole {
        return Err(format!(
            "the line has more than {MAX_COMMAND} bytes, and was not read"
        ));
    }
    let line = std::str::from_utf8(line).map_err(|error| {
        format!(
            "byte {} of the line is not UTF-8: in what is sent, write it as \\xHH",
            error.valid_up_to() + 1
        )
    })?;
    registry.parse(line).map_err(|error| error.to_string())
}

/// The next line without its end, and whether that is all of it: of one that is too long only the
/// beginning is kept. `None` at the end of the input.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let mut whole = true;
    let mut any = false;
    loop {
        let bytes = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if bytes.is_empty() && !any {
            return Ok(None);
        }
        let end = memchr::memchr(b'\n', bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let room = MAX_COMMAND + 1 - line.len();
        line.extend_from_slice(&part[..part.len().min(room)]);
        whole &= line.len() <= MAX_COMMAND;
        any = true;
        let done = end.is_some() || bytes.is_empty();
        let used = end.map_or(bytes.len(), |at| at + 1);
        input.consume(used);
        if done {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes to the service, and with its number what was answered here.
    fn run(input: &[u8]) -> (Vec<Command>, Vec<(u64, Answer)>) {
        let mut commands = Vec::new();
        // A reader with a small buffer, so that lines come in parts.
        let input = io::BufReader::with_capacity(7, input);
        read_commands(
            input,
            Registry::HEADLESS,
            &Patience::default(),
            || true,
            |command| {
                commands.push(command);
                true
            },
        )
        .expect("reads");
        let numbers: Vec<u64> = commands.iter().map(|command| command.id.0).collect();
        assert!(
            numbers.iter().copied().eq(1..=numbers.len() as u64),
            "in the order of the lines"
        );
        let mut answers = Vec::new();
        commands.retain(|command| match &command.action {
            Action::Answer(answer) => {
                answers.push((command.id.0, (**answer).clone()));
                false
            }
            _ => true,
        });
        (commands, answers)
    }

    #[test]
    fn every_line_has_a_number_and_an_outcome() {
        let (commands, replies) = run(b"clients\r\n\n  \nstauts x\nhelp kick\nquit");
        assert_eq!(
            commands,
            [
                Command {
                    id: CommandId(1),
                    action: Action::Clients
                },
                Command {
                    id: CommandId(4),
                    action: Action::Quit
                },
            ]
        );
        assert_eq!(
            (replies[0].0, replies[0].1.ok, replies[0].1.text.as_str()),
            (
                2,
                false,
                "unknown command \"stauts\": did you mean \"status\"?"
            )
        );
        assert_eq!((replies[1].0, replies[1].1.ok), (3, true));
        assert!(matches!(&replies[1].1.data, ReplyData::Lines(lines) if lines[0] == "kick CLIENT"));
        assert_eq!(replies.len(), 2);
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused_and_the_next_line_is_read() {
        let mut input = b"psm busy ".to_vec();
        input.resize(MAX_COMMAND, b'x');
        input.extend_from_slice(b"\npsm busy ");
        input.resize(input.len() + 10 * MAX_COMMAND, b'x');
        input.extend_from_slice(b"\npsm busy \xff\nsave\n");
        let (commands, replies) = run(&input);
        assert_eq!(commands.iter().map(|c| c.id.0).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(
            replies[0].1.text,
            "the line has more than 131072 bytes, and was not read"
        );
        assert_eq!(
            replies[1].1.text,
            "byte 10 of the line is not UTF-8: in what is sent, write it as \\xHH"
        );
        assert!(replies.iter().all(|r| !r.1.ok) && replies.len() == 2);
    }

    #[test]
    fn it_ends_when_nobody_takes_commands() {
        let mut taken = 0;
        read_commands(
            &b"save\nsave\nsave\n"[..],
            Registry::HEADLESS,
            &Patience::default(),
            || true,
            |_| {
                taken += 1;
                taken < 2
            },
        )
        .expect("reads");
        assert_eq!(taken, 2);
    }

    #[test]
    fn a_line_is_taken_only_when_it_may_be_answered() {
        let (mut room, mut taken) = (2, 0);
        read_commands(
            &b"save\n\nsave\nsave\n"[..],
            Registry::HEADLESS,
            &Patience::default(),
            || {
                room -= 1;
                room >= 0
            },
            |_| {
                taken += 1;
                true
            },
        )
        .expect("reads");
        assert_eq!(taken, 2);
    }
}
