//! How far a sign-in is: what was done, how long the service took over it, and what is due.
//!
//! Read from the frames and requests of one client as they pass; the rule of what is due is
//! [`Step`](crate::event::Step)'s.

use crate::event::{FrameEvent, HttpExchange, Timestamp, TlsHandshake};
use crate::msnp::{Direction, escape};
use std::time::Duration;

/// How many are kept: a client that never stops signing in fills no memory.
const MOST: usize = 64;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What: `VER`, `nexus`, `FindMembership`.
    pub name: String,
    /// What came of it, in a word or two.
    pub detail: String,
    /// When it was asked for.
    pub asked: Timestamp,
    /// How long the service took to answer; `None` while it has not.
    pub took: Option<Duration>,
    /// Whether it went well.
    pub ok: bool,
    /// How often: a client logs in with Passport once before each SOAP service.
    pub times: u32,
}

/// What one client did to sign in, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Login {
    stages: Vec<Stage>,
}

/// The verbs of signing in. What a client sends after them is no part of it.
const VERBS: [&[u8]; 5] = [b"VER", b"CVR", b"USR", b"ADL", b"CHG"];

impl Login {
    /// The stages, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    fn push(&mut self, stage: Stage) {
        // The same again, with the same outcome, is counted where it stands.
        let again = |held: &&mut Stage| {
            held.took.is_some() && (&held.name, held.ok) == (&stage.name, stage.ok)
        };
        if let Some(held) = self.stages.iter_mut().find(again) {
            let times = held.times.saturating_add(1);
            // It stays where it first was.
            let asked = held.asked.min(stage.asked);
            *held = Stage {
                times,
                asked,
                ..stage
            };
        } else if self.stages.len() < MOST {
            self.stages.push(stage);
        }
    }

    /// What a connection did before it was known whose it is.
    pub fn adopt(&mut self, earlier: Login) {
        for stage in earlier.stages {
            self.push(stage);
        }
        self.stages.sort_by_key(|stage| stage.asked);
    }

    /// A frame of the client, or to it.
    pub fn frame(&mut self, time: Timestamp, event: &FrameEvent) {
        let verb = event.frame.verb();
        let word = |n| {
            event
                .frame
                .tokens()
                .nth(n)
                .map(escape::to_screen)
                .unwrap_or_default()
        };
        if event.injected {
            return;
        }
        match event.direction {
            Direction::In if VERBS.contains(&verb) => {
                // Changes of status after the first are no part of signing in.
                if verb == b"CHG"
                    && self
                        .stages
                        .iter()
                        .any(|s| s.name == "CHG" && s.took.is_some())
                {
                    return;
                }
                let name = match verb {
                    b"USR" => format!("USR {}", word(3)),
                    _ => escape::to_screen(verb),
                };
                let detail = match verb {
                    b"VER" | b"CHG" => word(2),
                    b"CVR" => format!("{} {}", word(6), word(7)),
                    b"USR" => word(2),
                    _ => String::new(),
                };
                self.push(Stage {
                    name,
                    detail,
                    asked: time,
                    took: None,
                    ok: true,
                    times: 1,
                });
            }
            Direction::Out => {
                let answered = self.stages.iter_mut().rev().find(|s| {
                    s.took.is_none() && s.name.as_bytes().starts_with(verb) && !verb.is_empty()
                });
                let error = verb.len() == 3 && verb.iter().all(u8::is_ascii_digit);
                if let Some(stage) = answered {
                    stage.took = Some(time.since(stage.asked));
                    if verb == b"VER" {
                        stage.detail = word(2);
                    }
                } else if error
                    && let Some(stage) = self.stages.iter_mut().rev().find(|s| s.took.is_none())
                {
                    stage.took = Some(time.since(stage.asked));
                    stage.ok = false;
                    stage.detail = format!("error {}", word(0));
                }
            }
            Direction::In => {}
        }
    }

    /// A request of the client.
    pub fn http(&mut self, time: Timestamp, http: &HttpExchange) {
        if matches!(http.action.as_str(), "page" | "unknown" | "") {
            return;
        }
        self.push(Stage {
            name: http.action.clone(),
            detail: http.status.to_string(),
            asked: time,
            took: Some(http.duration),
            times: 1,
            ok: http.status < 400,
        });
    }

    /// A handshake of the client.
    pub fn tls(&mut self, time: Timestamp, tls: &TlsHandshake) {
        self.push(Stage {
            name: tls.version.clone().unwrap_or_else(|| "TLS".into()),
            detail: match &tls.failure {
                Some(failure) => failure.cause.to_owned(),
                None => tls.cipher.clone().unwrap_or_default(),
            },
            asked: time,
            took: Some(tls.duration),
            times: 1,
            ok: tls.failure.is_none(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Masked, Service};

    fn http(action: &str) -> HttpExchange {
        HttpExchange {
            service: Service::Https,
            method: "GET".into(),
            target: "/".into(),
            host: None,
            action: action.into(),
            account: None,
            status: 200,
            request: Masked::default(),
            response: Masked::default(),
            duration: Duration::from_millis(1),
        }
    }

    #[test]
    fn what_is_done_again_is_counted_where_it_first_was() {
        let mut login = Login::default();
        for (at, action) in ["nexus", "login", "FindMembership", "login", "ABFindAll"]
            .into_iter()
            .enumerate()
        {
            login.http(Timestamp(at as u64 * 10), &http(action));
        }
        let mut earlier = Login::default();
        earlier.http(Timestamp(5), &http("login"));
        login.adopt(earlier);
        let told: Vec<_> = login
            .stages()
            .iter()
            .map(|s| (s.name.as_str(), s.times))
            .collect();
        assert_eq!(
            told,
            [
                ("nexus", 1),
                ("login", 3),
                ("FindMembership", 1),
                ("ABFindAll", 1)
            ]
        );
    }
}
