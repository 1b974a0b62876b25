//! What the screen shows, at each size, in each theme; and that no size breaks it.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::theme::{Depth, SHIPPED};
use nudge::console::update::Input;
use nudge::event::{EventKind, Service, Severity};
use nudge::msnp::{Direction, escape};
use proptest::prelude::*;
use support::*;

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 10)];

#[test]
fn every_pane_at_every_size() {
    for (width, height) in SIZES {
        for (key, name) in [
            ("1", "clients"),
            ("2", "transcript"),
            ("3", "contacts"),
            ("4", "detail"),
            ("5", "injector"),
            ("6", "log"),
        ] {
            let mut desk = Desk::new(width, height);
            signed_in(&mut desk);
            desk.keys(key);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), desk.screen());
        }
    }
}

#[test]
fn a_conversation_at_every_size() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        let mut desk = Desk::new(width, height);
        signed_in(&mut desk);
        desk.keys("8");
        insta::assert_snapshot!(format!("conversation_none_{width}x{height}"), desk.screen());
        talking(&mut desk);
        desk.text("soup");
        insta::assert_snapshot!(format!("conversation_{width}x{height}"), desk.screen());
    }
}

#[test]
fn a_conversation_without_colour_and_in_ascii_says_the_same() {
    let mut desk = Desk::with(80, 24, "dark", Depth::None, 1 << 20);
    signed_in(&mut desk);
    talking(&mut desk);
    desk.keys("8 up");
    let mut buffer = desk.draw();
    insta::assert_snapshot!("conversation_no_colour", styles_of(&buffer));
    nudge::console::ascii::only(&mut buffer);
    insta::assert_snapshot!("conversation_ascii_80x24", text_of(&buffer));
}

#[test]
fn a_long_list_of_clients_says_where_it_is_and_leaves_the_next_title_alone() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut desk = Desk::new(width, height);
        signed_in(&mut desk);
        for id in 2..40 {
            let peer = "127.0.0.1:50412".parse().expect("an address");
            let connected = EventKind::Connected {
                service: Service::Notification,
                peer,
                local: peer,
            };
            desk.event(id, id, connected);
        }
        desk.keys("1 home down down");
        let screen = desk.screen();
        assert!(screen.contains(" 3 of 39 "), "{screen}");
        for pane in ["1 Clients", "7 Login", "2 Transcript", "3 Contacts"] {
            assert!(screen.contains(pane), "{pane}: {screen}");
        }
    }
}

#[test]
fn before_and_while_a_client_signs_in() {
    let mut desk = Desk::new(120, 40);
    started(&mut desk);
    insta::assert_snapshot!("waiting_120x40", desk.screen());
    let mut desk = Desk::new(120, 40);
    connecting(&mut desk);
    desk.pass(std::time::Duration::from_secs(12));
    insta::assert_snapshot!("at_passport_120x40", desk.screen());
}

#[test]
fn what_lies_over_the_panes() {
    for (keys, name) in [
        ("?", "help"),
        ("E", "form"),
        ("D", "remove"),
        ("q", "quit"),
        (":", "prompt"),
    ] {
        let mut desk = Desk::new(100, 30);
        signed_in(&mut desk);
        desk.keys(keys);
        insta::assert_snapshot!(format!("over_{name}_100x30"), desk.screen());
    }
}

#[test]
fn an_unfolded_payload_and_a_template() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.keys("2 k k k k enter 5 N L N tab");
    insta::assert_snapshot!("unfolded_120x40", desk.screen());
    desk.keys("ctrl-t");
    assert!(desk.screen().contains("UNCHECKED"));
}

#[test]
fn one_styled_frame_a_theme() {
    for (theme, _) in SHIPPED {
        let mut desk = Desk::with(80, 24, theme, Depth::True, 1 << 20);
        signed_in(&mut desk);
        desk.keys("space space");
        let buffer = desk.draw();
        insta::assert_snapshot!(format!("styled_{theme}"), styles_of(&buffer));
    }
}

#[test]
fn without_colour_no_theme_has_any_and_the_text_is_the_same() {
    let mut plain = Desk::with(80, 24, "dark", Depth::None, 1 << 20);
    signed_in(&mut plain);
    let buffer = plain.draw();
    assert!(
        buffer
            .content()
            .iter()
            .all(|c| c.fg == ratatui::style::Color::Reset && c.bg == ratatui::style::Color::Reset)
    );
    insta::assert_snapshot!("styled_no_colour", styles_of(&buffer));
    let mut coloured = Desk::new(80, 24);
    signed_in(&mut coloured);
    assert_eq!(coloured.screen(), text_of(&buffer));
}

#[test]
fn a_terminal_of_256_and_of_16_colours_gets_no_others() {
    for (depth, most) in [(Depth::Indexed, 255), (Depth::Ansi, 15)] {
        for (theme, _) in SHIPPED {
            let mut desk = Desk::with(80, 24, theme, depth, 1 << 20);
            signed_in(&mut desk);
            let buffer = desk.draw();
            for cell in buffer.content() {
                for colour in [cell.fg, cell.bg] {
                    match colour {
                        ratatui::style::Color::Rgb(..) => {
                            panic!("{theme}: {colour:?} at {depth:?}")
                        }
                        ratatui::style::Color::Indexed(i) => assert!(most == 255, "{theme}: {i}"),
                        _ => {}
                    }
                }
            }
        }
    }
}

#[test]
fn a_secret_is_on_no_screen_and_on_every_one_when_asked_for() {
    for (show, wanted) in [(false, false), (true, true)] {
        let mut desk = Desk::new(160, 60);
        desk.state.show_secrets = show;
        signed_in(&mut desk);
        desk.keys("2 / 2 3 5 4 1 1 c b enter");
        assert!(desk.cursor_row().1.starts_with("USR 4"));
        for keys in ["", "x", "x"] {
            desk.keys(keys);
            let shown = desk.screen();
            let bytes = "74 3d 73 65 63 72 65 74";
            assert!(shown.contains("USR 4") || shown.contains("55 53 52 20 34"));
            assert_eq!(
                shown.contains("t=secret") || shown.contains(bytes),
                wanted,
                "{shown}"
            );
        }
    }
}

#[test]
fn hostile_bytes_break_no_layout() {
    let wide = "字".repeat(3_000);
    let long = "A".repeat(64 * 1024);
    for hostile in [
        "MSG \x1b[2J\x1b]0;title\x07\x1bP\u{9b}31m\r\n",
        "NLN \u{202e}evil\u{200b}\u{2066} \u{feff}\r\n",
        "UBX a@b 4\r\n\u{301}\u{301}\u{301}\u{301}",
        "e\u{301}\u{301} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f1e9}\u{1f1ea}\r\n",
        &format!("XXX {wide}\r\n"),
        &format!("UBX a@b 65536\r\n{long}"),
        &format!("UBX a@b 99\r\n{}", "<a>".repeat(3_000)),
        "\r\n",
        " \r\n",
        "\n\n\n",
    ] {
        for (width, height) in [(120, 40), (80, 24), (40, 10), (41, 11)] {
            let mut desk = Desk::new(width, height);
            signed_in(&mut desk);
            desk.frame(Direction::In, hostile);
            for keys in ["2", "enter", "x", "x 5 esc 2 L", "4 x"] {
                desk.keys(keys);
                let buffer = desk.draw();
                for cell in buffer.content() {
                    assert!(
                        !cell
                            .symbol()
                            .chars()
                            .any(|c| escape::is_unsafe_on_screen(c) && c != '\u{200d}'),
                        "{hostile:?}: {:?}",
                        cell.symbol()
                    );
                }
                // The frame at the right is where it was, on every row of the panes.
                for y in 1..height - 3 {
                    let symbol = buffer[(width - 1, y)].symbol();
                    assert!(
                        "│┃┤┨┪┩┓┐┘┛┫┦┧┥".contains(symbol),
                        "{hostile:?} row {y}: {symbol:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_hostile_name_or_notice_breaks_nothing_either() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    let mut of = info(nudge::event::Step::Online, desk.now);
    of.account = Some("\x1b[31m\u{202e}evil@local".into());
    of.endpoint = Some("\x07bell\r\n".into());
    desk.event(1, 1, EventKind::Client(Box::new(of)));
    let text = "\x1b[2Jgone\u{2028}".to_owned();
    desk.event(
        0,
        0,
        EventKind::Notice {
            severity: Severity::Error,
            text: text.into(),
        },
    );
    for keys in ["1", "6", "3"] {
        desk.keys(keys);
        let shown = desk.screen();
        let unsafe_one = shown
            .chars()
            .find(|c| *c != '\n' && escape::is_unsafe_on_screen(*c));
        assert_eq!(unsafe_one, None);
    }
}

/// Any of what can be done, by number.
fn do_one(desk: &mut Desk, n: u8) {
    const KEYS: [&str; 46] = [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "tab",
        "shift-tab",
        "up",
        "down",
        "pgup",
        "pgdn",
        "home",
        "end",
        "G",
        "enter",
        "space",
        "esc",
        "b",
        "x",
        "e",
        "E",
        "A",
        "D",
        "U",
        "I",
        "f",
        "/",
        "n",
        "N",
        ":",
        "?",
        "q",
        "T",
        "M",
        "Z",
        ">",
        "<",
        "ctrl-up",
        "ctrl-down",
        "z",
        "+",
        "-",
        "c",
        "L",
        "m",
    ];
    match n {
        0..46 => desk.keys(KEYS[usize::from(n)]),
        46 => desk.text("日本 verb:ILN é"),
        47 => desk.frame(Direction::In, "UUX 9 5\r\n<a/>\x1b"),
        48 => desk.frame(Direction::Out, "NLN BSY a@b 1 字字字字字字字字字 1 2\r\n"),
        49 => desk.event(
            1,
            0,
            EventKind::Notice {
                severity: Severity::Error,
                text: "字".repeat(90).into(),
            },
        ),
        50 => answer(desk),
        51 => desk.input(Input::Paste("two\r\nlines \x1b[0m".into())),
        52..70 => desk.input(Input::Mouse(crossterm::event::MouseEvent {
            kind: match n % 4 {
                0 => crossterm::event::MouseEventKind::ScrollUp,
                1 => crossterm::event::MouseEventKind::ScrollDown,
                2 => crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left),
                _ => crossterm::event::MouseEventKind::Drag(crossterm::event::MouseButton::Left),
            },
            column: u16::from(n) * 7 % 130,
            row: u16::from(n) * 11 % 45,
            modifiers: crossterm::event::KeyModifiers::NONE,
        })),
        _ => desk.input(Input::Tick),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_size_and_no_state_panics(
        sizes in proptest::collection::vec((1u16..140, 1u16..50), 1..6),
        steps in proptest::collection::vec(0u8..72, 0..40),
    ) {
        let mut desk = Desk::with(120, 40, "dark", Depth::True, 1 << 20);
        signed_in(&mut desk);
        for (at, step) in steps.into_iter().enumerate() {
            do_one(&mut desk, step);
            let (width, height) = sizes[at % sizes.len()];
            desk.input(Input::Resize(width, height));
            desk.draw();
        }
        for (width, height) in [(1, 1), (2, 1), (1, 2), (0, 0), (40, 10), (39, 9), (200, 60)] {
            desk.input(Input::Resize(width, height));
            desk.draw();
        }
    }
}

#[test]
fn with_one_pane_on_the_screen_every_other_is_named_and_how_to_see_all_again() {
    for width in 40..=130 {
        let mut desk = Desk::new(width, 30);
        signed_in(&mut desk);
        desk.keys("3");
        if !desk.state.zoom {
            desk.keys("Z");
        }
        let screen = desk.screen();
        let tabs = screen.lines().next().expect("a line");
        for number in 1..=8 {
            assert!(tabs.contains(&number.to_string()), "{width}: {tabs}");
        }
        assert!(!tabs.contains('…'), "{width}: {tabs}");
        if width >= 80 {
            assert!(tabs.ends_with("8 Conversation"), "{width}: {tabs}");
            assert!(screen.contains("Z all panes"), "{screen}");
        }
    }
}

#[test]
fn a_terminal_of_a_line_less_for_the_bar_of_tmux_still_shows_who_signs_in() {
    for (width, height) in [(80, 23), (100, 23), (80, 20)] {
        let mut desk = Desk::new(width, height);
        signed_in(&mut desk);
        for (keys, panes) in [
            ("3", ["1 Clients", "7 Login", "3 Contacts", "2 Transcript"]),
            ("2", ["7 Login", "3 Contacts", "2 Transcript", "4 Detail"]),
            ("5", ["7 Login", "2 Transcript", "4 Detail", "5 Inject"]),
        ] {
            desk.keys(keys);
            let screen = desk.screen();
            for pane in panes {
                assert!(
                    screen.contains(pane),
                    "{pane} at {width}x{height}\n{screen}"
                );
            }
            desk.keys("esc");
        }
    }
}
