//! The sessions of the HTTP gateway: which connection is behind which.

use crate::event::{ConnectionId, HttpExchange, Service, Timestamp};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

/// The most sessions that are remembered: as many as the gateway has.
const MAX_GATES: usize = 128;
/// The most connections that may yet turn out to be of the gateway.
const MAX_ARRIVALS: usize = 16;
/// How long after a connection the request that opened it may be told.
const MOMENT: Duration = Duration::from_secs(5);

/// The sessions, and who came last.
#[derive(Debug, Default)]
pub(super) struct Gates {
    held: VecDeque<Gate>,
    arrivals: VecDeque<Arrival>,
}

#[derive(Debug)]
struct Gate {
    /// The part of its id that stays.
    number: String,
    connection: ConnectionId,
}

#[derive(Debug)]
struct Arrival {
    service: Service,
    peer: IpAddr,
    connection: ConnectionId,
    time: Timestamp,
}

impl Gates {
    pub(super) fn arrived(
        &mut self,
        service: Service,
        peer: IpAddr,
        connection: Option<ConnectionId>,
        time: Timestamp,
    ) {
        let Some(connection) = connection else {
            return;
        };
        if self.arrivals.len() == MAX_ARRIVALS {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(Arrival {
            service,
            peer,
            connection,
            time,
        });
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.held.retain(|gate| gate.connection != connection);
    }

    pub(super) fn is_one(&self, connection: ConnectionId) -> bool {
        self.held.iter().any(|gate| gate.connection == connection)
    }

    /// The connection behind a request to the gateway.
    pub(super) fn behind(
        &mut self,
        exchange: &HttpExchange,
        peer: IpAddr,
        time: Timestamp,
    ) -> Option<ConnectionId> {
        let asked = number(exchange.target.as_bytes());
        if let Some(asked) = asked {
            let gate = self.held.iter().find(|gate| gate.number == asked)?;
            return Some(gate.connection);
        }
        let number = number(&exchange.response.bytes)?.to_owned();
        let query = exchange.target.to_ascii_lowercase();
        let service = match query.contains("server=sb") {
            true => Service::Switchboard,
            false => Service::Notification,
        };
        let is_it = |one: &Arrival| {
            one.service == service && one.peer == peer && time.since(one.time) < MOMENT
        };
        let at = self.arrivals.iter().rposition(is_it)?;
        let connection = self.arrivals.remove(at)?.connection;
        if self.held.len() == MAX_GATES {
            self.held.pop_front();
        }
        self.held.push_back(Gate { number, connection });
        Some(connection)
    }
}

/// The number of the session that a target or a head names.
fn number(bytes: &[u8]) -> Option<&str> {
    const NAME: &[u8] = b"SessionID=";
    let at = memchr::memmem::find(bytes, NAME)?;
    let rest = bytes.get(at + NAME.len()..)?;
    let end = rest.iter().position(|b| !b.is_ascii_digit())?;
    std::str::from_utf8(rest.get(..end)?)
        .ok()
        .filter(|number| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_number_of_a_session_stands_before_its_dot() {
        assert_eq!(
            number(b"/gateway.dll?Action=poll&SessionID=12.34"),
            Some("12")
        );
        assert_eq!(
            number(b"X-MSN-Messenger: SessionID=7.0; GW-IP=1"),
            Some("7")
        );
        assert_eq!(number(b"Action=open&Server=NS"), None);
        assert_eq!(number(b"SessionID=x.1"), None);
    }
}
