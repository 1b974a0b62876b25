//! The console without a terminal: a state with a fake clock, keys by name, and the screen as text.
#![allow(dead_code, missing_docs)] // Each test file uses what it needs.

use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent};
use nudge::console::keymap::{Key, Keymap};
use nudge::console::state::{Effect, State};
use nudge::console::theme::{self, Depth};
use nudge::console::update::{self, Input, update};
use nudge::console::{screen, view};
use nudge::control::Action;
use nudge::event::*;
use nudge::journal::Journal;
use nudge::msnp::message::MessageKind;
use nudge::msnp::presence::Presence;
use nudge::msnp::{Direction, Frame, Status, TransactionId};
use nudge::roster::{Contact, Group, Roster};
use ratatui::buffer::Buffer;
use std::sync::Arc;
use std::time::Duration;

/// 12:04:31.207 of a day.
pub const START: u64 = 1_700_000_000_000_000 / 86_400_000_000 * 86_400_000_000 + 43_471_207_000;

pub struct Desk {
    pub state: State,
    pub effects: Vec<Effect>,
    /// The fake clock, in microseconds.
    pub now: u64,
}

impl Desk {
    pub fn new(width: u16, height: u16) -> Self {
        Self::with(width, height, "dark", Depth::True, 16 * 1024 * 1024)
    }

    pub fn with(width: u16, height: u16, theme: &str, depth: Depth, journal: usize) -> Self {
        let themes = theme::SHIPPED
            .iter()
            .map(|(name, text)| theme::load(name, text).expect("a theme").at(depth))
            .collect();
        let mut state = State::new(Journal::new(journal), Keymap::default(), themes);
        state.theme = theme::SHIPPED
            .iter()
            .position(|t| t.0 == theme)
            .expect("shipped");
        state.size = (width, height);
        state.now = Timestamp(START);
        Self {
            state,
            effects: Vec::new(),
            now: START,
        }
    }

    pub fn pass(&mut self, time: Duration) {
        self.now += time.as_micros() as u64;
        self.state.now = Timestamp(self.now);
    }

    pub fn input(&mut self, input: Input) {
        let effects = update(&mut self.state, input);
        self.effects.extend(effects);
    }

    /// Presses keys, by their names, with spaces between.
    pub fn keys(&mut self, keys: &str) {
        for name in keys.split(' ').filter(|k| !k.is_empty()) {
            let key: Key = name.parse().unwrap_or_else(|e| panic!("{e}"));
            self.input(Input::Key(KeyEvent::new(key.code, key.modifiers)));
        }
    }

    /// Types a text, character by character.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.input(Input::Key(KeyEvent::from(KeyCode::Char(c))));
        }
    }

    /// What was asked of the service since the last time, in order.
    pub fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Command(command) => Some(command.action),
                _ => None,
            })
            .collect()
    }

    pub fn event(&mut self, connection: u64, client: u64, kind: EventKind) {
        self.now += 200;
        let some = |n: u64| (n > 0).then_some(n);
        self.input(Input::Event(Box::new(Event {
            time: Timestamp(self.now),
            connection: some(connection).map(ConnectionId),
            client: some(client).map(ClientId),
            kind,
        })));
    }

    /// The service says what came of a command.
    pub fn reply(&mut self, command: CommandId, ok: bool, text: &str) {
        let reply = Reply {
            command,
            ok,
            text: text.to_owned().into(),
            data: ReplyData::None,
        };
        self.event(0, 0, EventKind::Reply(Box::new(reply)));
    }

    pub fn frame(&mut self, direction: Direction, text: &str) {
        self.event(1, 1, frame(direction, text, false));
    }

    pub fn draw(&mut self) -> Buffer {
        update::settle(&mut self.state);
        let (width, height) = self.state.size;
        let mut buffer = screen::blank(width, height);
        let at = view::draw(&self.state, &mut buffer);
        if let Some(at) = at {
            assert!(
                at.x < width && at.y < height,
                "the cursor is off the screen: {at:?}"
            );
        }
        buffer
    }

    pub fn screen(&mut self) -> String {
        text_of(&self.draw())
    }

    /// The row of the screen on which the line under the transcript's cursor is, and that line.
    pub fn cursor_row(&mut self) -> (usize, String) {
        update::settle(&mut self.state);
        let cursor = self.state.transcript.cursor.expect("a cursor");
        let line = self.state.journal.get(cursor).expect("a line");
        (
            self.state.transcript.row,
            nudge::journal::summary(&line, false),
        )
    }

    /// The newest message in the log.
    pub fn message(&self) -> String {
        self.state
            .messages
            .last()
            .map(|m| m.text.clone())
            .unwrap_or_default()
    }
}

/// A console in which a client has signed in, drawn once.
pub fn desk() -> Desk {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.screen();
    desk
}

pub fn frame(direction: Direction, text: &str, injected: bool) -> EventKind {
    let secrets = match text.find("t=secret") {
        Some(at) => Secrets::one(at, at + 8),
        None => Secrets::default(),
    };
    EventKind::Frame(FrameEvent {
        service: nudge::event::Service::Notification,
        direction,
        frame: Frame::from_wire(Bytes::copy_from_slice(text.as_bytes())),
        secrets,
        injected,
    })
}

/// The screen, row by row, without the cells that a wide character covers.
pub fn text_of(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                row.push_str(symbol);
                covered = unicode_width::UnicodeWidthStr::width(symbol).max(1);
            }
            covered -= 1;
        }
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// Each run of one style, with that style: what is seen, not only what is read.
pub fn styles_of(buffer: &Buffer) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut run: Option<(String, String)> = None;
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = format!("{:?}/{:?}/{:?}", cell.fg, cell.bg, cell.modifier);
            match &mut run {
                Some((held, text)) if *held == style => text.push_str(cell.symbol()),
                _ => {
                    if let Some((held, text)) = run.take() {
                        let _ = write!(out, "[{held}]{}", text.trim_end());
                    }
                    run = Some((style, cell.symbol().to_owned()));
                }
            }
        }
        if let Some((held, text)) = run {
            let _ = write!(out, "[{held}]{}", text.trim_end());
        }
        out.push('\n');
    }
    out
}

pub fn roster() -> Roster {
    let group = Group {
        id: "00000000-0000-4000-8000-0000000000aa".into(),
        name: "Work".into(),
    };
    let contacts = Status::ALL.iter().enumerate().map(|(at, status)| {
        let mut contact = Contact::new(
            format!("{}@local", status.word()),
            Some(format!("{} User", status.name())),
        );
        contact.id = format!("00000000-0000-4000-8000-00000000000{at}");
        contact.status = *status;
        contact.personal.message = match status {
            Status::Online => "Gone fishing 日本".into(),
            Status::Busy => "do not\ndisturb".into(),
            _ => String::new(),
        };
        if at < 2 {
            contact
                .groups
                .push("00000000-0000-4000-8000-0000000000aa".into());
        }
        contact
    });
    Roster::new(contacts, [group]).expect("a roster")
}

pub fn presence(contact: &Contact) -> Presence<'_> {
    Presence {
        status: contact.status,
        account: &contact.account,
        network: contact.network,
        name: &contact.name,
        capabilities: contact.capabilities,
        extended: contact.extended,
        msnobj: &contact.msnobj,
    }
}

pub fn info(step: Step, since: u64) -> ClientInfo {
    let known = step >= Step::SignedIn;
    ClientInfo {
        id: ClientId(1),
        account: (step >= Step::Authenticating).then(|| "me@local".into()),
        software: known.then(|| Software {
            name: "macmsgs".into(),
            version: "8.0.1".into(),
            system: "mac 10.14.6 i386".into(),
        }),
        shape: known.then(|| "16/mac".parse().expect("a shape")),
        peer: "127.0.0.1:50412".parse().expect("an address"),
        step,
        since: Timestamp(since),
        status: (step == Step::Online).then_some(Status::Online),
        name: None,
        personal_message: None,
        media: None,
        capabilities: None,
        endpoint: known.then(|| "Rhodes".into()),
        machine: None,
    }
}

fn http(action: &str, method: &str, target: &str) -> EventKind {
    EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: method.into(),
        target: target.into(),
        host: None,
        action: action.into(),
        account: Some("me@local".into()),
        status: 200,
        request: Masked::open(format!("{method} {target} HTTP/1.1\r\nHost: local\r\n\r\n")),
        response: Masked::open(match action {
            "nexus" => "HTTP/1.1 200 OK\r\nPassportURLs: DALogin=login.local/login.srf\r\n\r\n",
            "login" => {
                "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 from-PP='t=x&p='\r\n\r\n"
            }
            _ => "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a><b>c</b></a>",
        }),
        duration: Duration::from_micros(2_100),
    }))
}

/// The service is up, and no client is there.
pub fn started(desk: &mut Desk) {
    desk.event(0, 0, EventKind::Roster(Arc::new(roster())));
    for (service, port) in [(Service::Notification, 1863), (Service::Https, 4430)] {
        let address = format!("127.0.0.1:{port}").parse().expect("an address");
        desk.event(0, 0, EventKind::Listening { service, address });
    }
}

/// A client has connected and is at Passport.
pub fn connecting(desk: &mut Desk) {
    use Direction::{In, Out};
    started(desk);
    let peer = "127.0.0.1:50412".parse().expect("an address");
    let local = "127.0.0.1:1863".parse().expect("an address");
    desk.event(
        1,
        1,
        EventKind::Connected {
            service: Service::Notification,
            peer,
            local,
        },
    );
    desk.event(
        1,
        1,
        EventKind::Client(Box::new(info(Step::Connected, desk.now))),
    );
    desk.frame(In, "VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n");
    desk.frame(Out, "VER 1 MSNP16 CVR0\r\n");
    desk.frame(
        In,
        "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n",
    );
    desk.frame(Out, "CVR 2 1 2 3 4 5\r\n");
    desk.frame(In, "USR 3 TWN I me@local\r\n");
    desk.frame(Out, "USR 3 TWN S fake=1\r\n");
    desk.event(
        1,
        1,
        EventKind::Client(Box::new(info(Step::Authenticating, desk.now))),
    );
    let peer = "127.0.0.1:50413".parse().expect("an address");
    let local = "127.0.0.1:4430".parse().expect("an address");
    desk.event(
        2,
        0,
        EventKind::Connected {
            service: Service::Https,
            peer,
            local,
        },
    );
    let tls = TlsHandshake {
        version: Some("TLSv1".into()),
        cipher: Some("AES128-SHA".into()),
        sni: None,
        hello: Some(Hello::Sslv2),
        duration: Duration::from_millis(9),
        failure: None,
    };
    desk.event(2, 0, EventKind::Tls(Box::new(tls)));
}

/// It has signed in, and sees its contacts.
pub fn signed_in(desk: &mut Desk) {
    use Direction::{In, Out};
    connecting(desk);
    desk.event(2, 1, http("nexus", "GET", "/rdr/pprdr.asp"));
    desk.event(2, 1, http("login", "GET", "/login.srf"));
    desk.frame(
        In,
        "USR 4 TWN S t=secret 235411cb78234a468feb6f1bccca43fd\r\n",
    );
    desk.frame(Out, "USR 4 OK me@local 1 0\r\n");
    desk.event(
        1,
        1,
        EventKind::Client(Box::new(info(Step::SignedIn, desk.now))),
    );
    let shape = "16/mac".parse().expect("a shape");
    desk.event(
        1,
        1,
        EventKind::SignedIn {
            account: "me@local".into(),
            shape,
        },
    );
    desk.event(
        2,
        1,
        http("FindMembership", "POST", "/abservice/SharingService.asmx"),
    );
    desk.event(2, 1, http("ABFindAll", "POST", "/abservice/abservice.asmx"));
    let listed: String = roster()
        .contacts()
        .filter_map(|c| c.account.split_once('@'))
        .map(|(name, _)| format!("<c n=\"{name}\" l=\"3\" t=\"1\" />"))
        .collect();
    let lists = format!("<ml l=\"1\"><d n=\"local\">{listed}</d></ml>");
    desk.frame(In, &format!("ADL 5 {}\r\n{lists}", lists.len()));
    desk.frame(Out, "ADL 5 OK\r\n");
    desk.frame(In, "CHG 8 NLN 1085276192:131088\r\n");
    desk.frame(Out, "CHG 8 NLN 1085276192:131088\r\n");
    desk.event(
        1,
        1,
        EventKind::Client(Box::new(info(Step::Online, desk.now))),
    );
    for contact in roster().contacts() {
        let told = presence(contact).initial(shape, TransactionId(8));
        if let Some(line) = told {
            desk.frame(Out, &line);
            let personal = presence(contact).personal(shape, &contact.personal);
            desk.frame(Out, &personal.expect("MSNP16 has them"));
        }
    }
    let finding = Finding {
        id: nudge::event::FindingId::UnknownVerb,
        severity: Severity::Warning,
        field: "".into(),
        text: "ZAP is no verb of MSNP16: answered with 500".into(),
        evidence: None,
    };
    desk.frame(In, "ZAP 17 \u{1b}[31mred\r\n");
    desk.event(1, 1, EventKind::Finding(Box::new(finding)));
}

/// What the service does when contacts are flipped, or have another message.
pub fn answer(desk: &mut Desk) {
    let effects = std::mem::take(&mut desk.effects);
    for effect in effects {
        let Effect::Command(command) = effect else {
            continue;
        };
        let (contacts, change) = match &command.action {
            Action::Status { contacts, .. } => (contacts.clone(), Became::Status),
            Action::PersonalMessage { contacts, .. } => (contacts.clone(), Became::Personal),
            _ => continue,
        };
        for account in contacts {
            let mut contact = (**desk.state.contacts.get(&account).expect("a contact")).clone();
            match &command.action {
                Action::Status { status, .. } => contact.status = *status,
                Action::PersonalMessage { text, .. } => contact.personal.message = text.clone(),
                _ => {}
            }
            let contact = Arc::new(contact);
            let told = ContactChange {
                change: change.clone(),
                contact: contact.clone(),
                by: None,
                told: 1,
            };
            desk.event(0, 0, EventKind::Contact(Box::new(told)));
            let shape = "16/mac".parse().expect("a shape");
            let line = match change {
                Became::Status => presence(&contact).changed(shape),
                _ => presence(&contact)
                    .personal(shape, &contact.personal)
                    .expect("a message"),
            };
            desk.frame(Direction::Out, &line);
        }
        desk.reply(command.id, true, "done; 1 client told");
    }
}

/// Somebody comes or goes in a conversation; clients' events have a connection of their own (10 + their number).
pub fn chapter(desk: &mut Desk, id: u64, change: Chapter, account: &str, members: &[&str]) {
    let played = account != "me@local" && account != "you@local";
    let client = u64::from(account == "me@local") + 2 * u64::from(account == "you@local");
    // The service tells what it does itself on no connection.
    let (connection, client) = match change {
        Chapter::Joined | Chapter::Left if !played => (10 + client, client),
        _ => (0, 0),
    };
    let kind = EventKind::Conversation(Box::new(ConversationChange {
        conversation: ConversationId(id),
        change,
        account: account.into(),
        played,
        members: members.iter().map(|account| (*account).into()).collect(),
        reason: (change == Chapter::Left).then(|| "it closed its window".into()),
    }));
    desk.event(connection, client, kind);
}

/// Somebody says something in a conversation.
pub fn said(desk: &mut Desk, id: u64, from: &str, to: &str, kind: MessageKind, text: &str) {
    let played = from != "me@local" && from != "you@local";
    let client = match (from, to) {
        ("you@local", _) | (_, "you@local") => 2,
        _ => 1,
    };
    let said = EventKind::Message(Box::new(Spoken {
        conversation: ConversationId(id),
        from: from.into(),
        played,
        to: vec![to.into()],
        others: 1,
        kind,
        text: text.into(),
        format: None,
    }));
    desk.event(10 + client, client, said);
}

/// `lunch@local` has rung the client, and the two talk.
pub fn talking(desk: &mut Desk) {
    use MessageKind::{Nudge, Text, Typing};
    let (lunch, me) = ("lunch@local", "me@local");
    chapter(desk, 6, Chapter::Began, lunch, &[lunch]);
    chapter(desk, 6, Chapter::Called, me, &[lunch]);
    chapter(desk, 6, Chapter::Joined, me, &[lunch, me]);
    said(desk, 6, lunch, me, Typing, "");
    said(
        desk,
        6,
        lunch,
        me,
        Text,
        "Hello! I am at lunch, but I can type.",
    );
    said(
        desk,
        6,
        me,
        lunch,
        Text,
        "What is there to eat? I have been thinking of soup since eleven, and of nothing else, so I would like to know.",
    );
    said(desk, 6, me, lunch, Text, "日本 food?\r\nor\u{1b}[31m soup");
    said(desk, 6, me, lunch, Nudge, "");
    for piece in ["offset 0", "offset 1202", "offset 2404"] {
        said(desk, 6, me, lunch, MessageKind::P2p, piece);
    }
    said(desk, 6, lunch, me, Typing, "");
}
