//! Cookies: with each a client comes to one conversation, once. And what stands in the place of one that is none.

use super::refusal::{Refusal, Stranger};
use crate::event::{ClientId, ConversationId, Timestamp};
use crate::server::notification::mail::{Cookie as Baked, MAX_COOKIES};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// How long a cookie is good, in microseconds.
pub const GOOD_FOR: u64 = 60_000_000;
/// The most cookies that are remembered after they are good no more.
const MAX_PAST: usize = 256;
/// A word of a cookie is longer than this, and a session is shorter.
const LONG_PART: usize = 8;

/// One that is good.
#[derive(Debug)]
struct Cookie {
    account: String,
    client: ClientId,
    since: Timestamp,
    /// The conversation that it answers a call to; `None` begins one.
    to: Option<ConversationId>,
}

/// One that is good no more.
#[derive(Debug)]
struct Past {
    cookie: String,
    client: ClientId,
    /// What is said of it: it was shown, is too old, or its conversation is over.
    why: Refusal,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    good: HashMap<String, Cookie>,
    past: VecDeque<Past>,
    last: u64,
}

impl Cookies {
    /// One for this client.
    pub(super) fn bake(
        &mut self,
        client: ClientId,
        account: &str,
        to: Option<ConversationId>,
        (now, random): (Timestamp, u64),
    ) -> Baked {
        let is_old = |cookie: &Cookie| now.0.saturating_sub(cookie.since.0) > GOOD_FOR;
        let ended: Vec<_> = self.good.extract_if(|_, cookie| is_old(cookie)).collect();
        for (text, cookie) in ended {
            self.pass(text, cookie.client, Refusal::Old);
        }
        let own = || self.good.iter().filter(|(_, held)| held.client == client);
        let crowded = own().count() >= MAX_COOKIES;
        if crowded && let Some(oldest) = own().min_by_key(|(_, cookie)| cookie.since) {
            let oldest = oldest.0.clone();
            self.good.remove(&oldest);
            self.pass(oldest, client, Refusal::Old);
        }
        self.last += 1;
        let text = format!("{}.{}.{random}", now.0 / 1_000_000, self.last);
        self.good.insert(
            text.clone(),
            Cookie {
                account: account.to_owned(),
                client,
                since: now,
                to,
            },
        );
        Baked { text, crowded }
    }

    /// To whom this cookie was given: it is good once, for its account, for a minute.
    pub(super) fn check(
        &self,
        account: &str,
        cookie: &str,
        to: Option<ConversationId>,
        now: Timestamp,
    ) -> Result<ClientId, Refusal> {
        let good = self.good.get(cookie);
        let good = good.ok_or_else(|| self.unlike(cookie))?;
        if !good.account.eq_ignore_ascii_case(account) {
            return Err(Refusal::Another);
        }
        if now.0.saturating_sub(good.since.0) > GOOD_FOR {
            return Err(Refusal::Old);
        }
        match (good.to, to) {
            (None, Some(_)) => Err(Refusal::ToBegin),
            (Some(_), None) => Err(Refusal::ToAnswer),
            (for_it, to) if for_it != to => Err(Refusal::Session),
            _ => Ok(good.client),
        }
    }

    /// It was shown: it is good no more.
    pub(super) fn eat(&mut self, cookie: &str) {
        if let Some((text, held)) = self.good.remove_entry(cookie) {
            self.pass(text, held.client, Refusal::Shown);
        }
    }

    /// The session that ANS names.
    pub(super) fn session(&self, session: &str, cookie: &str) -> Result<ConversationId, Refusal> {
        if self.good.contains_key(session) && !self.good.contains_key(cookie) {
            return Err(Refusal::Swapped);
        }
        let id = session.parse().map(ConversationId);
        id.map_err(|_| match self.good.contains_key(cookie) {
            true => Refusal::Session,
            false => self.unlike(cookie),
        })
    }

    /// A conversation is over: so are the calls to it.
    pub(super) fn over(&mut self, id: ConversationId) {
        let to_it = |cookie: &Cookie| cookie.to == Some(id);
        let ended: Vec<_> = self.good.extract_if(|_, cookie| to_it(cookie)).collect();
        for (text, cookie) in ended {
            self.pass(text, cookie.client, Refusal::Over);
        }
    }

    fn pass(&mut self, cookie: String, client: ClientId, why: Refusal) {
        if self.past.len() == MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back(Past {
            cookie,
            client,
            why,
        });
    }

    /// What a word is that is not a good cookie.
    fn unlike(&self, word: &str) -> Refusal {
        if let Some(past) = self.past.iter().find(|past| past.cookie == word) {
            return past.why;
        }
        let mut given = self.good.keys();
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let called = |id: &str| {
            let id = id.parse().map(ConversationId).ok();
            id.is_some() && self.good.values().any(|held| held.to == id)
        };
        // A cookie begins with digits: its beginning looks like a session.
        let begins = word.len() > 1 && self.good.keys().any(|held| held.starts_with(word));
        Refusal::Cookie(match word {
            "" => Stranger::Missing,
            "CKI" | "U" | "SB" | "messenger.msn.com" => Stranger::Word,
            _ if word.parse::<SocketAddr>().is_ok() || is_host_and_port(word) => Stranger::Address,
            _ if begins && !called(word) => Stranger::Part,
            _ if word.len() <= LONG_PART && is_number => Stranger::Session,
            _ if given.any(|cookie| word.contains(cookie.as_str())) => Stranger::More,
            _ if word.len() > LONG_PART && self.good.keys().any(|held| held.contains(word)) => {
                Stranger::Part
            }
            _ => Stranger::Unknown,
        })
    }

    /// The client of whoever shows these words in vain: it was given one of them, or else a cookie for this account.
    pub(super) fn whose(&self, account: &str, words: &[String]) -> Option<ClientId> {
        let given = words.iter().find_map(|word| {
            let held = self.good.get(word).map(|cookie| cookie.client);
            let past = || self.past.iter().find(|past| past.cookie == *word);
            held.or_else(|| past().map(|past| past.client))
        });
        let own = || {
            let mut held = self.good.values();
            held.find(|cookie| cookie.account.eq_ignore_ascii_case(account))
        };
        given.or_else(|| own().map(|cookie| cookie.client))
    }
}

/// Whether this is an address by name, such as `sb.example:1863`.
fn is_host_and_port(word: &str) -> bool {
    let split = word.rsplit_once(':');
    split.is_some_and(|(host, port)| host.contains('.') && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_a_cookie_is_told_apart() {
        let mut cookies = Cookies::default();
        let me = ClientId(1);
        let mut bake = |to, random| {
            cookies
                .bake(me, "me@local", to, (Timestamp(0), random))
                .text
        };
        let begin = bake(None, 5_532_974_215);
        let to = Some(ConversationId(3));
        let answer = bake(to, 7_532_974_215);
        let now = Timestamp(1_000_000);
        let of = |cookie: &str| cookies.check("me@local", cookie, None, now);
        assert_eq!(of(&begin), Ok(me));
        for (word, wanted) in [
            ("", Stranger::Missing),
            ("CKI", Stranger::Word),
            ("127.0.0.1:1864", Stranger::Address),
            ("sb.example:1864", Stranger::Address),
            ("3", Stranger::Session),
            (&begin[1..], Stranger::Part),
            (&begin[..2], Stranger::Part),
            (&format!("{begin},"), Stranger::More),
            ("1700000000.9.123456", Stranger::Unknown),
        ] {
            assert_eq!(of(word), Err(Refusal::Cookie(wanted)), "{word}");
        }
        assert_eq!(of(&answer), Err(Refusal::ToAnswer));
        let other = cookies.check("other@local", &begin, None, now);
        assert_eq!(other, Err(Refusal::Another));
        assert_eq!(
            cookies.check("me@local", &begin, to, now),
            Err(Refusal::ToBegin)
        );
        let late = Timestamp(GOOD_FOR + 1);
        assert_eq!(
            cookies.check("me@local", &begin, None, late),
            Err(Refusal::Old)
        );
        assert_eq!(cookies.session(&answer, "3"), Err(Refusal::Swapped));
        assert_eq!(cookies.session("x", &answer), Err(Refusal::Session));
        assert_eq!(cookies.session("3", &answer), Ok(ConversationId(3)));
        assert_eq!(
            cookies.whose("nobody", std::slice::from_ref(&begin)),
            Some(me)
        );
        assert_eq!(cookies.whose("ME@local", &["x".into()]), Some(me));
        cookies.eat(&begin);
        assert_eq!(
            cookies.check("me@local", &begin, None, now),
            Err(Refusal::Shown)
        );
    }
}
