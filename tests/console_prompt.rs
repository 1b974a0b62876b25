//! Scripts of keys at the prompt: arguments of the console's own commands, completion, hints; and what is found
//! in, or kept out of, what is shown and written.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::state::Effect;
use nudge::msnp::Direction;
use support::*;

fn remembered(desk: &Desk) -> Vec<&str> {
    desk.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Remember(_, text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// What stands at the prompt.
fn typed(desk: &Desk) -> String {
    let prompt = desk.state.prompt.as_ref().expect("a prompt");
    prompt.edit.text().to_owned()
}

#[test]
fn a_filter_can_be_given_to_its_command_and_is_completed_and_judged_there() {
    let mut desk = desk();
    desk.keys(":");
    desk.text("filter verb:IL");
    desk.keys("tab");
    let screen = desk.screen();
    assert!(
        screen.contains(":filter verb:ILN") && screen.contains(" lines "),
        "{screen}"
    );
    desk.keys("enter");
    assert_eq!(desk.state.transcript.filter, "verb:ILN");
    // A mistake is said with its place, and the last good filter stays.
    desk.keys(":");
    desk.text("filter nosuch:1");
    assert!(desk.screen().contains("✗"), "{}", desk.screen());
    desk.keys("enter");
    assert_eq!(desk.state.transcript.filter, "verb:ILN");
    assert!(desk.message().contains("nosuch"), "{}", desk.message());
    // Without one the prompt for filters opens.
    desk.keys("esc :");
    desk.text("filter");
    desk.keys("enter");
    assert!(desk.screen().contains("filter: verb:ILN"));
}

#[test]
fn the_name_of_a_status_is_no_command_and_the_command_for_it_is_named() {
    let mut desk = desk();
    desk.keys(":");
    desk.text("busy online@local");
    desk.keys("enter");
    let said = "did you mean `status online@local busy`?";
    assert_eq!(desk.message(), said);
}

#[test]
fn a_filter_that_leaves_few_lines_and_is_taken_off_leaves_the_cursor_on_its_row() {
    let mut desk = desk();
    for n in 100..140 {
        desk.frame(Direction::In, &format!("PNG {n}\r\n"));
    }
    desk.frame(
        Direction::Out,
        "NLN BSY busy@local 1 x 0 %3Cmsnobj%2F%3E\r\n",
    );
    desk.frame(Direction::In, "PNG 140\r\n");
    desk.screen();
    desk.keys("2 up");
    desk.frame(
        Direction::Out,
        "NLN AWY busy@local 1 x 0 %3Cmsnobj%2F%3E\r\n",
    );
    let before = desk.cursor_row();
    desk.keys(":");
    desk.text("filter verb:NLN");
    desk.keys("enter");
    let (row, line) = desk.cursor_row();
    assert!(row < before.0 && line == before.1, "{row} {line}");
    desk.keys("F");
    assert_eq!(desk.cursor_row(), before);
}

#[test]
fn what_arrives_in_view_is_not_counted_as_new() {
    let mut desk = desk();
    desk.keys("2 F");
    desk.keys(":");
    desk.text("filter verb:NLN");
    desk.keys("enter");
    for account in ["a", "b"] {
        desk.frame(
            Direction::Out,
            &format!("NLN BSY {account}@local 1 x 0\r\n"),
        );
    }
    desk.screen();
    desk.keys("up");
    desk.frame(Direction::Out, "NLN BSY c@local 1 x 0\r\n");
    let screen = desk.screen();
    assert!(
        screen.contains("c@local") && !screen.contains(" new"),
        "{screen}"
    );
    for n in 0..60 {
        desk.frame(Direction::Out, &format!("NLN BSY more{n}@local 1 x 0\r\n"));
    }
    assert!(
        desk.screen().contains("held") && desk.screen().contains(" new"),
        "{}",
        desk.screen()
    );
}

#[test]
fn a_theme_is_named_at_the_prompt_and_one_that_is_not_there_is_said() {
    let mut desk = desk();
    desk.keys(":");
    desk.text("theme phos");
    desk.keys("tab enter");
    assert_eq!(desk.state.theme().name, "phosphor");
    desk.keys(":");
    desk.text("theme chartreuse");
    desk.keys("enter");
    assert_eq!(desk.state.theme().name, "phosphor");
    assert!(
        desk.message().contains("chartreuse") && desk.message().contains("light"),
        "{}",
        desk.message()
    );
    desk.keys("esc :");
    desk.text("theme");
    desk.keys("enter");
    assert_ne!(desk.state.theme().name, "phosphor");
}

#[test]
fn completion_of_a_filter_knows_the_findings_that_there_were() {
    let mut desk = desk();
    desk.keys("f");
    desk.text("finding:unkn");
    desk.keys("tab");
    assert!(
        desk.screen().contains("finding:unknown-verb"),
        "{}",
        desk.screen()
    );
}

#[test]
fn a_filter_for_a_finding_that_nobody_has_is_on_and_says_so() {
    let mut desk = desk();
    desk.keys("f");
    desk.text("finding:no-msnob");
    desk.keys("enter");
    assert_eq!(
        desk.message(),
        "filter: there is no finding \"no-msnob\": did you mean no-msnobj?"
    );
    assert!(desk.screen().contains("filter: finding:no-msnob"));
}

#[test]
fn an_empty_prompt_says_which_keys_do_what() {
    for (key, sign, hint) in [
        (":", ":", "tab completes"),
        ("f", "filter: ", "esc cancels"),
        ("/", "/", "finds as you type"),
        ("2 /", "/", "/expression/i"),
    ] {
        for width in [120, 80, 40] {
            let mut desk = desk();
            desk.state.size = (width, 24);
            desk.keys(key);
            let screen = desk.screen();
            let last = screen.lines().last().unwrap_or_default();
            assert!(
                last.starts_with(format!(" {sign}").trim_end())
                    && (width < 80 || last.contains(hint)),
                "{key} at {width}: {last}"
            );
            desk.text("x");
            assert!(!desk.screen().contains(hint));
        }
    }
}

#[test]
fn a_search_is_seen_in_an_unfolded_payload_too() {
    let mut desk = desk();
    desk.frame(
        Direction::Out,
        "UBX busy@local 1 68\r\n<Data><PSM>a needle 日本</PSM><CurrentMedia></CurrentMedia></Data>",
    );
    desk.keys("2 G /");
    desk.text("needle");
    desk.keys("enter enter");
    let found = desk.state.theme().style(nudge::console::theme::Role::Match);
    let buffer = desk.draw();
    let mut hits = Vec::new();
    for y in 0..40 {
        let mut text = String::new();
        for x in 0..120 {
            let cell = &buffer[(x, y)];
            if Some(cell.bg) == found.bg && Some(cell.fg) == found.fg {
                text.push_str(cell.symbol());
            }
        }
        if text == "needle" {
            let row: String = (0..120).map(|x| buffer[(x, y)].symbol()).collect();
            hits.push(row.contains("│ ") && row.contains("<PSM>"));
        }
    }
    assert!(hits.contains(&true), "{hits:?}\n{}", desk.screen());
}

#[test]
fn what_was_loaded_with_a_secret_is_sent_and_is_in_no_history_file() {
    let mut desk = desk();
    desk.frame(Direction::Out, "XFR 9 t=secret and more\r\n");
    desk.keys("2 G L");
    assert!(desk.state.injector.text().contains("t=secret"));
    desk.keys("ctrl-t");
    desk.text("changed");
    desk.keys("enter");
    assert_eq!(remembered(&desk), Vec::<&str>::new());
    assert_eq!(desk.actions().len(), 1);
    // Nor is it when it is typed at the prompt, or sent once more.
    desk.keys("I up enter esc :");
    desk.text("send! 1 XFR 9 t=secret");
    desk.keys("enter");
    assert_eq!(remembered(&desk), Vec::<&str>::new());
    assert_eq!(desk.actions().len(), 2);
    // What has no secret in it is kept as ever.
    desk.keys("I");
    desk.text("XFR 9");
    desk.keys("enter");
    assert_eq!(remembered(&desk), ["XFR 9"]);
}

#[test]
fn a_long_value_of_a_contact_goes_on_below_itself() {
    let mut desk = desk();
    desk.state.size = (80, 60);
    desk.keys("3");
    let screen = desk.screen();
    let from = screen.find("capabilities").expect("they are there");
    let rows: Vec<_> = screen[from..].lines().take(2).collect();
    assert!(
        !rows[0].contains('…') && rows[1].trim_start_matches(['│', '┃', ' ']).len() > 3,
        "{screen}"
    );
}

#[test]
fn the_help_says_how_to_copy_and_how_to_get_the_mouse_back() {
    let mut desk = desk();
    desk.keys("?");
    let screen = desk.screen();
    assert!(screen.contains("To copy"), "{screen}");
    assert!(
        screen.contains("gives the mouse to the terminal"),
        "{screen}"
    );
}

#[test]
fn the_list_of_words_never_lies_over_what_is_wrong_with_the_line() {
    let mut desk = desk();
    for line in ["status nobody away", "name busy", "accept 1"] {
        desk.keys(":");
        desk.text(line);
        desk.keys("enter");
        let message = desk.message();
        let screen = desk.screen();
        assert!(screen.contains(&message), "{message}\n{screen}");
        desk.keys("ctrl-c");
    }
}

#[test]
fn what_a_key_put_there_is_marked_and_typed_over_or_edited() {
    let mut desk = desk();
    desk.keys("e");
    let marked = desk.state.prompt.as_ref().expect("a prompt").marked;
    assert!(marked, "{}", desk.screen());
    desk.text("Gone fishing");
    desk.keys("enter");
    let actions = format!("{:?}", desk.actions());
    assert!(actions.contains("\"Gone fishing\""), "{actions}");
    desk.keys("n end");
    desk.text("!");
    let typed = typed(&desk);
    assert!(typed.ends_with("User!"), "{typed}");
}

#[test]
fn to_clear_where_nothing_was_typed_yet_leaves_the_command_of_the_key() {
    let mut desk = desk();
    desk.keys("m ctrl-u");
    desk.text("Abba");
    let typed = typed(&desk);
    assert!(
        typed.starts_with("media ") && typed.ends_with(" Abba"),
        "{typed}"
    );
}
