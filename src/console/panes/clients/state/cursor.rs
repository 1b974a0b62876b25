//! The rows of the list, and the cursor among them. It follows whoever acts until the operator puts it somewhere.

use super::{Client, Clients, Row, Who};
use crate::event::{ClientId, Event, EventKind, FrameEvent, Service, Turn};
use crate::msnp::Direction;

impl Clients {
    /// What is listed, in order: those that are there, then those that have gone. The gone are one row, unless it is
    /// unfolded; the one under the cursor and the one that went last, which is looked for, have rows of their own all the
    /// same. In a recording nothing is folded.
    pub fn rows(&self) -> Vec<Row> {
        if self.keep_gone.is_some() {
            return self.held.keys().map(|who| Row::One(*who)).collect();
        }
        let is_gone = |(_, client): &(&Who, &Client)| client.gone.is_some();
        let (gone, there): (Vec<_>, Vec<_>) = self.held.iter().partition(is_gone);
        let one = |(who, _): &(&Who, &Client)| Row::One(**who);
        let mut rows: Vec<Row> = there.iter().map(one).collect();
        let gone: Vec<Row> = gone.iter().map(one).collect();
        if self.unfolded && gone.len() > 1 {
            rows.push(Row::Gone);
            rows.extend(gone);
            return rows;
        }
        let own = self.own_rows();
        rows.extend(own.iter().copied());
        if gone.len() > own.len() {
            rows.push(Row::Gone);
        }
        rows
    }

    /// Those that have gone and have a row of their own while the others are folded.
    fn own_rows(&self) -> Vec<Row> {
        let is_gone = |row: &Row| match row {
            Row::One(who) => self.held.get(who).is_some_and(|c| c.gone.is_some()),
            Row::Gone => false,
        };
        let last = self.last_gone.map(Row::One).filter(is_gone);
        let selected = self.cursor.filter(is_gone).filter(|row| Some(*row) != last);
        selected.into_iter().chain(last).collect()
    }

    /// How many of those that have gone have no row of their own.
    pub fn folded(&self) -> usize {
        if self.keep_gone.is_some() || self.unfolded {
            return 0;
        }
        self.gone - self.own_rows().len()
    }

    /// How many have gone.
    pub fn gone(&self) -> usize {
        self.gone
    }

    /// Lists those that have gone one by one, or as one row. Says whether the cursor was on that row.
    pub fn fold(&mut self) -> bool {
        let is_here = self.cursor == Some(Row::Gone);
        if is_here {
            self.unfolded = !self.unfolded;
        }
        is_here
    }

    /// Takes the one under the cursor off the list if it has gone, else all that have gone. Says how many that were.
    pub fn forget_gone(&mut self) -> usize {
        let selected = self.selected();
        let one = selected
            .filter(|(_, c)| c.gone.is_some())
            .map(|(who, _)| who);
        let before = self.held.len();
        self.held
            .retain(|who, client| client.gone.is_none() || one.is_some_and(|one| one != *who));
        let held = &self.held;
        self.marks.retain(|mark| held.contains_key(mark));
        let forgotten = before - self.held.len();
        self.gone -= forgotten;
        self.settle();
        forgotten
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<(Who, &Client)> {
        match self.cursor? {
            Row::One(who) => self.held.get(&who).map(|client| (who, client)),
            Row::Gone => None,
        }
    }

    /// Whether this row has the cursor.
    pub fn is_selected(&self, row: Row) -> bool {
        self.cursor == Some(row)
    }

    /// The client under the cursor, if it is one and connected.
    pub fn selected_id(&self) -> Option<ClientId> {
        match self.selected()? {
            (Who::Client(id), client) if client.gone.is_none() => Some(id),
            _ => None,
        }
    }

    /// The row of the cursor.
    pub fn row(&self) -> usize {
        let at = |cursor| self.rows().iter().position(|row| *row == cursor);
        self.cursor.and_then(at).unwrap_or(0)
    }

    /// Moves the cursor by this many rows.
    pub fn step(&mut self, by: isize) {
        self.go(self.row().saturating_add_signed(by));
    }

    /// Moves the cursor to this row, or to the last.
    pub fn go(&mut self, row: usize) {
        self.chosen = true;
        let rows = self.rows();
        self.cursor = rows.get(row).or(rows.last()).copied();
    }

    /// Moves the cursor to this one, if it is there.
    pub fn select(&mut self, who: Who) {
        if self.held.contains_key(&who) {
            self.chosen = true;
            self.cursor = Some(Row::One(who));
        }
    }

    /// The cursor stays where it is, whoever acts: the operator has begun to write to that one.
    pub fn stay(&mut self) {
        self.chosen |= self.selected_id().is_some();
    }

    /// The cursor follows whoever acts again. Says whether it did not.
    pub fn follow(&mut self) -> bool {
        std::mem::take(&mut self.chosen)
    }

    /// Marks the one under the cursor, or takes its mark.
    pub fn toggle_mark(&mut self) {
        if let Some(Row::One(who)) = self.cursor {
            if self.marks.contains(&who) {
                self.marks.retain(|m| *m != who);
            } else {
                self.marks.push(who);
            }
        }
    }

    /// The cursor is on something that is there.
    pub(super) fn settle(&mut self) {
        let is_there = match self.cursor {
            Some(Row::One(who)) => self.held.contains_key(&who),
            Some(Row::Gone) => self.gone > 0 && self.keep_gone.is_none(),
            None => false,
        };
        if !is_there {
            self.chosen = false;
            self.cursor = self.rows().first().copied();
        }
    }

    /// A client has done something other than to send a frame.
    pub(super) fn acted(&mut self, who: Who, event: &Event) {
        let comes = match &event.kind {
            EventKind::Connected { service, .. } => *service == Service::Notification,
            EventKind::Http(_) | EventKind::Tls(_) => self.is_signing_in(who),
            _ => false,
        };
        if comes {
            self.turn_to(who);
        }
    }

    /// A client has sent a frame, or was sent one. That it is still there is nothing to look at.
    pub(super) fn spoke(&mut self, who: Who, told: &FrameEvent) {
        if told.direction == Direction::In
            && self.cursor != Some(Row::One(who))
            && told.frame.verb() != b"PNG"
        {
            self.turn_to(who);
        }
    }

    fn is_signing_in(&self, who: Who) -> bool {
        let client = self.held.get(&who);
        client.is_some_and(|client| client.step().turn() != Turn::Nobody)
    }

    /// It is looked at, unless the operator looks at another. In a recording the first that came is, while it is there.
    fn turn_to(&mut self, who: Who) {
        let is_there = |(at, client): (Who, &Client)| {
            matches!(at, Who::Client(_)) && at != who && client.gone.is_none()
        };
        let stays = self.keep_gone.is_some() && self.selected().is_some_and(is_there);
        if matches!(who, Who::Client(_)) && !self.chosen && !stays {
            self.cursor = Some(Row::One(who));
        }
    }
}
