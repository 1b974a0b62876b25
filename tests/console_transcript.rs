//! Scripts of keys in the transcript: following, filters, searches, jumps; with a fake clock.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::state::Effect;
use nudge::console::update::Input;
use nudge::msnp::Direction;
use support::*;

fn ping(desk: &mut Desk, count: usize) {
    for n in 0..count {
        desk.frame(Direction::In, &format!("PNG {n}\r\n"));
    }
}

#[test]
fn lines_that_arrive_are_followed_until_the_cursor_goes_up() {
    let mut desk = desk();
    desk.keys("2");
    ping(&mut desk, 3);
    assert_eq!(desk.cursor_row().1, "PNG 2");
    desk.keys("up up");
    let held = desk.cursor_row();
    assert_eq!(held.1, "PNG 0");
    let before = desk.screen();
    ping(&mut desk, 100);
    assert_eq!(
        desk.cursor_row(),
        held,
        "the line under the cursor has moved"
    );
    let after = desk.screen();
    assert!(after.contains("100 new below: end follows"), "{after}");
    // No row of the transcript has moved either.
    let column = |screen: &str| -> Vec<String> {
        screen
            .lines()
            .skip(1)
            .take(18)
            .map(|l| l.chars().skip(36).take(60).collect())
            .collect()
    };
    assert_eq!(column(&before), column(&after));
    desk.keys("G");
    assert_eq!(desk.cursor_row().1, "PNG 99");
    assert!(!desk.screen().contains("100 new"));
    ping(&mut desk, 1);
    assert_eq!(desk.cursor_row().1, "PNG 0");
}

#[test]
fn going_down_to_the_newest_line_follows_again() {
    let mut desk = desk();
    desk.keys("2 up");
    assert!(desk.screen().contains("held"));
    desk.keys("down");
    assert!(desk.screen().contains("following"));
}

#[test]
fn filtering_and_resizing_leave_the_line_under_the_cursor() {
    let mut desk = desk();
    ping(&mut desk, 50);
    desk.keys("2 up up up up up");
    let line = desk.cursor_row().1;
    desk.keys("f");
    desk.text("verb:PNG");
    desk.keys("enter");
    assert_eq!(desk.cursor_row().1, line);
    for (width, height) in [(80, 24), (40, 10), (200, 60), (120, 40)] {
        desk.input(Input::Resize(width, height));
        assert_eq!(desk.cursor_row().1, line, "at {width}x{height}");
    }
    desk.keys("F");
    assert_eq!(desk.cursor_row().1, line);
}

#[test]
fn eviction_leaves_the_line_under_the_cursor_as_long_as_it_is_there() {
    let mut desk = Desk::with(120, 40, "dark", nudge::console::theme::Depth::True, 1 << 20);
    signed_in(&mut desk);
    // Half of what the journal holds, then the cursor, then as much as evicts the first half.
    let payload = "x".repeat(900);
    for n in 0..400 {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
    }
    desk.keys("2 up up up");
    let held = desk.cursor_row();
    let first = desk.state.journal.first();
    for n in 0.. {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
        if n % 50 == 0 {
            assert_eq!(desk.cursor_row(), held);
        }
        if desk.state.journal.first() > first {
            break;
        }
        assert!(n < 5_000, "nothing is evicted");
    }
    assert_eq!(desk.cursor_row(), held);
    assert!(desk.screen().contains("older lines"));
    // When the line itself goes, the cursor is on the oldest that is there.
    for n in 0..3_000 {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
    }
    desk.screen();
    assert_eq!(
        desk.state.transcript.cursor,
        Some(desk.state.journal.first())
    );
}

#[test]
fn a_filter_is_judged_while_it_is_typed_and_a_bad_one_changes_nothing() {
    let mut desk = desk();
    desk.keys("f");
    desk.text("verb:IL");
    assert!(desk.screen().contains("ILN"), "completion");
    desk.text("N");
    assert!(desk.screen().contains("7 lines"), "{}", desk.screen());
    desk.keys("enter");
    assert_eq!(desk.state.transcript.matched.count(), 7);
    desk.keys("f ctrl-u");
    desk.text("(verb:ILN");
    desk.keys("enter");
    assert!(desk.message().starts_with("filter: "), "{}", desk.message());
    assert_eq!(
        desk.state.transcript.matched.count(),
        7,
        "the last good one stays"
    );
    assert!(
        desk.screen().contains("(verb:ILN"),
        "what was typed is kept"
    );
    desk.keys("esc");
    desk.keys("F");
    assert!(desk.state.transcript.matched.count() > 20);
}

#[test]
fn the_value_under_the_cursor_is_included_or_excluded_with_one_key() {
    let mut desk = desk();
    ping(&mut desk, 5);
    desk.keys("2 -");
    assert_eq!(desk.state.transcript.filter, "!verb:PNG");
    assert!(!desk.cursor_row().1.starts_with("PNG"));
    desk.keys("F G /");
    desk.text("iln 8 bsy");
    desk.keys("enter right right right +");
    assert_eq!(desk.state.transcript.filter, "contact:busy@local");
    desk.keys("F");
    desk.keys("right left left left left +");
    assert_eq!(desk.state.transcript.filter, "verb:ILN");
    desk.keys("F c");
    assert_eq!(desk.state.transcript.filter, "client:1");
    desk.keys("c");
    assert_eq!(desk.state.transcript.filter, "");
}

#[test]
fn a_text_that_is_let_in_is_no_longer_let_out_and_the_other_way_round() {
    use nudge::filter::with_text;
    for (filter, value, plus, minus) in [
        ("", "BSY", "\"BSY\"", "!\"BSY\""),
        ("\"BSY\"", "BSY", "\"BSY\"", "!\"BSY\""),
        (
            "!\"BSY\" dir:out",
            "BSY",
            "dir:out \"BSY\"",
            "dir:out !\"BSY\"",
        ),
        ("BSY", "BSY", "\"BSY\"", "!\"BSY\""),
        ("a or b", "BSY", "(a or b) \"BSY\"", "(a or b) !\"BSY\""),
    ] {
        assert_eq!(with_text(filter, value, true), plus);
        assert_eq!(with_text(filter, value, false), minus);
    }
}

#[test]
fn a_search_goes_on_and_back_and_escape_returns_to_where_it_began() {
    let mut desk = desk();
    ping(&mut desk, 3);
    desk.keys("2");
    let start = desk.cursor_row().1;
    desk.keys("\\");
    desk.text("busy");
    assert!(desk.cursor_row().1.contains("busy"), "while it is typed");
    desk.keys("esc");
    assert_eq!(desk.cursor_row().1, start);
    desk.keys("\\");
    desk.text("/^iln .* BSY/i");
    desk.keys("enter");
    assert!(desk.cursor_row().1.starts_with("ILN 8 BSY"));
    desk.keys("/");
    desk.text("ILN");
    desk.keys("enter");
    let first = desk.cursor_row().1;
    desk.keys("n");
    let second = desk.cursor_row().1;
    assert_ne!(first, second);
    desk.keys("N");
    assert_eq!(desk.cursor_row().1, first);
    desk.keys("/");
    desk.text("nowhere to be found");
    assert!(desk.screen().contains("not found"));
    desk.keys("enter");
    assert!(desk.message().contains("not found"));
    // What is found is found in decoded text too.
    desk.keys("/");
    desk.text("On the phone User");
    desk.keys("enter");
    assert!(desk.cursor_row().1.contains("On%20the%20phone"));
}

#[test]
fn marks_and_jumps() {
    let mut desk = desk();
    desk.keys("2 g m G m ' ");
    assert_eq!(
        desk.state.transcript.cursor,
        Some(desk.state.journal.first())
    );
    desk.keys("'");
    assert_eq!(desk.state.transcript.cursor, desk.state.journal.last());
    desk.keys("/");
    desk.text("VER 1 MSNP16 MSNP15");
    desk.keys("enter ]");
    assert_eq!(desk.cursor_row().1, "VER 1 MSNP16 CVR0");
    desk.keys("[");
    assert!(desk.cursor_row().1.starts_with("VER 1 MSNP16 MSNP15"));
    desk.keys("g w");
    assert!(desk.cursor_row().1.contains("unknown-verb"));
    desk.keys("w");
    assert!(desk.message().starts_with("no other warning"));
    // From the end, where what is followed always is, it goes round.
    desk.frame(Direction::In, "PNG\r\n");
    desk.keys("G w");
    assert!(desk.cursor_row().1.contains("unknown-verb"));
    let message = desk.message();
    assert!(
        message.contains("round the end") && message.contains("W goes"),
        "{message}"
    );
    desk.keys("g W");
    assert!(desk.cursor_row().1.contains("unknown-verb"));
}

#[test]
fn what_is_under_the_cursor_is_copied_without_its_secret() {
    let mut desk = desk();
    desk.keys("2 /");
    desk.text("USR 4 TWN");
    desk.keys("enter y");
    let copied = desk.effects.iter().find_map(|e| match e {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(
        copied.as_deref(),
        Some("USR 4 TWN S *** 235411cb78234a468feb6f1bccca43fd\r\n")
    );
}

#[test]
fn the_handshake_and_the_requests_of_a_client_are_its_own() {
    for late in [false, true] {
        let mut desk = Desk::new(120, 40);
        if late {
            signed_in(&mut desk);
        }
        // The filter is on before it is known whose the handshake is, or only then.
        desk.keys("f");
        desk.text("client:1 (kind:tls or kind:http)");
        desk.keys("enter");
        if !late {
            signed_in(&mut desk);
        }
        desk.screen();
        let matched = &desk.state.transcript.matched;
        let shown: Vec<_> = (0..matched.count())
            .filter_map(|at| desk.state.journal.get(matched.nth(at)?))
            .map(|line| nudge::journal::summary(&line, false))
            .collect();
        assert_eq!(shown.len(), 5, "{shown:?}");
        assert!(shown[0].contains("TLSv1"), "{shown:?}");
        assert!(shown[1].contains("pprdr"), "{shown:?}");
    }
}

#[test]
fn a_filter_for_a_contact_that_there_is_not_says_whom_it_may_mean() {
    let mut desk = desk();
    desk.keys("2 f");
    desk.text("contact:bsuy");
    desk.keys("enter");
    assert_eq!(
        desk.message(),
        "filter: there is no contact \"bsuy\": did you mean busy?"
    );
    desk.keys("f ctrl-u");
    desk.text("contact:busy");
    desk.keys("enter");
    assert!(
        !desk.message().contains("no contact \"busy"),
        "{}",
        desk.message()
    );
}
