//! The conversation pane: scripts of keys and events against the real state, with a fake clock.

#[path = "console_support/mod.rs"]
mod support;

use nudge::command::Pane;
use nudge::console::widget::placeholder::picture;
use nudge::control::{Action, Talk, Target};
use nudge::event::{Chapter, ClientId, CommandId, EventKind, Reply, ReplyData};
use nudge::msnp::message::MessageKind;
use std::time::Duration;
use support::*;

fn talk(contact: &str, client: u64, what: Talk) -> Action {
    Action::Talk {
        contact: contact.into(),
        to: Target::Clients(vec![ClientId(client)]),
        what,
    }
}

/// The cursor of the contacts on this one.
fn on(desk: &mut Desk, contact: &str) {
    desk.state.focus_on(Pane::Contacts);
    desk.keys("/");
    desk.text(contact);
    desk.keys("enter");
}

#[test]
fn c_rings_the_client_at_hand_and_what_is_typed_is_said_as_the_contact() {
    let mut desk = desk();
    on(&mut desk, "lunch");
    desk.keys("c");
    assert_eq!(desk.actions(), [talk("lunch@local", 1, Talk::Ring)]);
    assert_eq!(desk.state.focus, Pane::Conversation);
    assert!(desk.screen().contains("lunch@local rings me@local"));
    chapter(
        &mut desk,
        3,
        Chapter::Began,
        "lunch@local",
        &["lunch@local"],
    );
    chapter(&mut desk, 3, Chapter::Called, "me@local", &["lunch@local"]);
    assert!(desk.screen().contains("me@local (rung)"));
    // What is said before it answers waits for that.
    desk.text("wait");
    assert!(desk.screen().contains("lunch@local ▸ wait"));
    desk.keys("enter");
    let waits = talk("lunch@local", 1, Talk::Say("wait".into()));
    assert_eq!(desk.actions(), [waits], "and nobody sees it typing");
    let both = ["lunch@local", "me@local"];
    chapter(&mut desk, 3, Chapter::Joined, "me@local", &both);
    desk.text("b?q I");
    let typing = talk("lunch@local", 1, Talk::Typing);
    assert_eq!(
        desk.actions(),
        [typing],
        "letters are text, and typing is told once"
    );
    assert!(
        desk.screen().contains("lunch@local ▸ b?q I"),
        "{}",
        desk.screen()
    );
    desk.keys("enter");
    let said = Talk::Say("b?q I".into());
    assert_eq!(desk.actions(), [talk("lunch@local", 1, said)]);
    assert!(desk.screen().contains("type, and enter says it"));
}

#[test]
fn c_opens_the_conversation_that_there_is() {
    let mut desk = desk();
    talking(&mut desk);
    on(&mut desk, "lunch");
    desk.keys("c");
    assert!(desk.actions().is_empty(), "nobody is rung twice");
    assert_eq!(desk.state.focus, Pane::Conversation);
    assert!(
        desk.screen()
            .contains("Hello! I am at lunch, but I can type. ▐")
    );
    // It is over: the next one rings again.
    chapter(&mut desk, 6, Chapter::Left, "me@local", &["lunch@local"]);
    chapter(&mut desk, 6, Chapter::Ended, "me@local", &[]);
    let shown = desk.screen();
    assert!(shown.contains("lunch@local, me@local (over)"), "{shown}");
    assert!(shown.contains("it is over"), "{shown}");
    desk.text("x");
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    on(&mut desk, "lunch");
    desk.keys("c");
    assert_eq!(desk.actions(), [talk("lunch@local", 1, Talk::Ring)]);
}

#[test]
fn a_refused_ring_is_said_and_waited_for_no_longer() {
    let mut desk = desk();
    on(&mut desk, "hidden");
    desk.keys("c");
    let text = "hidden@local, client 1: it is offline or hidden";
    desk.reply(CommandId(1), false, text);
    assert_eq!(desk.message(), text);
    assert!(!desk.screen().contains("rings me@local"));
}

#[test]
fn after_a_refused_ring_nothing_is_said_in_another_conversation() {
    let mut desk = desk();
    talking(&mut desk);
    on(&mut desk, "hidden");
    desk.keys("c");
    desk.text("a");
    let _ = desk.actions();
    desk.reply(CommandId(1), false, "hidden@local is offline or hidden");
    desk.text("hello");
    desk.keys("enter");
    assert_eq!(desk.actions(), [], "it was not lunch@local that was meant");
    assert!(
        desk.screen()
            .contains("hidden@local could not ring me@local")
    );
    // Another conversation is one key away, and so is the pane as it was.
    desk.keys("esc 8");
    assert!(
        desk.screen().contains("but I can type"),
        "{}",
        desk.screen()
    );
    desk.text("x");
    desk.keys("enter");
    let said = Talk::Say("x".into());
    assert_eq!(desk.actions().last(), Some(&talk("lunch@local", 1, said)));
}

#[test]
fn typing_is_told_every_few_seconds_and_its_answer_is_no_message() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8");
    let typing = || talk("lunch@local", 1, Talk::Typing);
    desk.text("so");
    assert_eq!(desk.actions(), [typing()]);
    let before = desk.message();
    desk.reply(CommandId(1), true, "lunch@local is typing to client 1");
    assert_eq!(desk.message(), before);
    desk.pass(Duration::from_secs(3));
    desk.text("u");
    assert!(desk.actions().is_empty());
    desk.pass(Duration::from_secs(2));
    desk.text("p");
    assert_eq!(desk.actions(), [typing()]);
    // Nothing typed is nothing to tell.
    desk.keys("ctrl-u");
    desk.pass(Duration::from_secs(9));
    desk.keys("left");
    assert!(desk.actions().is_empty());
}

#[test]
fn keys_nudge_invite_leave_and_choose_who_speaks() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8 ctrl-n ctrl-x");
    assert_eq!(
        desk.actions(),
        [
            talk("lunch@local", 1, Talk::Nudge),
            talk("lunch@local", 1, Talk::Leave)
        ]
    );
    desk.keys("ctrl-o");
    desk.text("busy");
    desk.keys("enter");
    let invited = Talk::Invite("busy".into());
    assert_eq!(desk.actions(), [talk("lunch@local", 1, invited)]);
    let all = ["lunch@local", "me@local", "busy@local"];
    chapter(&mut desk, 6, Chapter::Joined, "busy@local", &all);
    desk.keys("ctrl-t");
    assert_eq!(desk.message(), "you speak as busy@local");
    desk.text("hi");
    desk.keys("enter");
    let said = Talk::Say("hi".into());
    assert_eq!(desk.actions().last(), Some(&talk("busy@local", 1, said)));
    desk.keys("ctrl-t");
    assert_eq!(desk.message(), "you speak as lunch@local");
}

#[test]
fn a_message_marks_its_contact_says_so_below_and_takes_no_keys() {
    let mut desk = desk();
    talking(&mut desk);
    assert_eq!(desk.state.focus, Pane::Contacts);
    assert_eq!(desk.state.lower, Pane::Detail);
    let shown = desk.screen();
    assert!(shown.contains(" \"◕ lunch@local"), "{shown}");
    assert!(shown.contains(" 3 said to you (8) "), "{shown}");
    assert_eq!(
        desk.message(),
        "me@local to lunch@local: (nudge) (8 opens it)"
    );
    // What is in view is seen; what was typed before it came goes on.
    desk.keys("8");
    let shown = desk.screen();
    assert!(!shown.contains("said to you"), "{shown}");
    assert!(!shown.contains(" \"◕ lunch@local"), "{shown}");
    said(
        &mut desk,
        6,
        "me@local",
        "lunch@local",
        MessageKind::Text,
        "more",
    );
    assert!(!desk.screen().contains("said to you"));
}

#[test]
fn whoever_types_is_named_until_it_says_something_or_a_while_has_passed() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8");
    assert!(desk.screen().contains("lunch@local is typing… "));
    assert!(desk.state.ticks(), "it changes with time alone");
    desk.pass(Duration::from_secs(8));
    assert!(!desk.screen().contains("is typing…"));
    desk.pass(Duration::from_secs(2));
    assert!(!desk.state.ticks());
    said(
        &mut desk,
        6,
        "me@local",
        "lunch@local",
        MessageKind::Typing,
        "",
    );
    assert!(desk.screen().contains("me@local is typing…"));
    said(
        &mut desk,
        6,
        "me@local",
        "lunch@local",
        MessageKind::Text,
        "so",
    );
    assert!(!desk.screen().contains("is typing…"));
}

#[test]
fn nobody_types_in_a_conversation_that_is_over() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8");
    let (me, lunch) = ("me@local", "lunch@local");
    said(&mut desk, 6, lunch, me, MessageKind::Typing, "");
    assert!(desk.screen().contains("lunch@local is typing…"));
    chapter(&mut desk, 6, Chapter::Left, me, &[lunch]);
    chapter(&mut desk, 6, Chapter::Ended, me, &[]);
    assert!(!desk.screen().contains("is typing…"), "{}", desk.screen());
}

#[test]
fn several_conversations_are_gone_through_and_the_one_with_news_is_opened() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8 esc");
    let both = ["busy@local", "me@local"];
    chapter(&mut desk, 7, Chapter::Began, "me@local", &["me@local"]);
    chapter(&mut desk, 7, Chapter::Joined, "busy@local", &both);
    said(
        &mut desk,
        7,
        "me@local",
        "busy@local",
        MessageKind::Text,
        "and you?",
    );
    desk.keys("2 4");
    assert!(desk.screen().contains(" 1 said to you (8) "));
    desk.keys("8");
    let shown = desk.screen();
    assert!(
        shown.contains("▌ and you?") && shown.contains("2 of 2"),
        "{shown}"
    );
    desk.keys("alt-down");
    assert!(desk.screen().contains("1 of 2"));
    desk.keys("alt-up");
    assert!(desk.screen().contains("2 of 2"));
}

#[test]
fn the_frames_are_one_key_away_and_the_bubbles_one_key_back() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8 up up ctrl-r");
    assert_eq!(desk.state.focus, Pane::Transcript);
    assert_eq!(
        desk.state.transcript.filter,
        "conn:11 or \"conversation 6:\""
    );
    assert!(
        desk.cursor_row().1.contains("日本 food?"),
        "{:?}",
        desk.cursor_row()
    );
    let shown = desk.screen();
    assert!(
        shown.contains("conversation 6: me@local is called"),
        "{shown}"
    );
    assert!(!shown.contains("UBX"), "{shown}");
    desk.keys("8");
    assert_eq!(desk.state.focus, Pane::Conversation);
}

#[test]
fn esc_tab_and_ctrl_c_leave_what_is_typed_is_cancelled_first() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8");
    desk.text("never mind");
    desk.keys("ctrl-c");
    assert_eq!(desk.message(), "nothing was said");
    assert!(!desk.screen().contains("never mind"));
    desk.keys("esc");
    assert_eq!(desk.state.focus, Pane::Contacts);
    desk.keys("8 tab");
    assert_eq!(desk.state.focus, Pane::Clients);
}

#[test]
fn over_a_recording_it_is_read_and_nothing_is_typed() {
    let mut desk = Desk::new(120, 36);
    desk.state.open("talk.nudge".into());
    signed_in(&mut desk);
    talking(&mut desk);
    desk.keys("8");
    let shown = desk.screen();
    assert!(shown.contains("Hello! I am at lunch"), "{shown}");
    assert!(!shown.contains("enter says it"), "{shown}");
    desk.text("zz");
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    // A contact that was in it opens it; one that was in none says so.
    on(&mut desk, "busy");
    desk.keys("c");
    assert_eq!(
        desk.message(),
        "busy@local is in no conversation of this recording"
    );
    on(&mut desk, "lunch");
    desk.keys("c");
    assert_eq!(desk.state.focus, Pane::Conversation);
    desk.keys("q");
    assert!(
        desk.effects
            .iter()
            .any(|e| matches!(e, nudge::console::state::Effect::Quit { .. }))
    );
}

#[test]
fn a_flood_of_conversations_and_messages_is_bounded() {
    let mut desk = Desk::new(80, 24);
    signed_in(&mut desk);
    let long = "é".repeat(64 * 1024);
    for id in 1..300 {
        chapter(&mut desk, id, Chapter::Began, "me@local", &["me@local"]);
        said(&mut desk, id, "me@local", "a@b", MessageKind::Text, &long);
    }
    for n in 0..1_000 {
        said(
            &mut desk,
            7_000,
            "me@local",
            "a@b",
            MessageKind::Text,
            &n.to_string(),
        );
        let who = format!("{n}@local");
        chapter(&mut desk, 7_000, Chapter::Joined, &who, &["me@local", &who]);
    }
    assert_eq!(desk.state.conversations.iter().len(), 64);
    for held in desk.state.conversations.iter() {
        assert!(held.entries.len() <= 256 && held.everyone.len() <= 64);
    }
    desk.keys("8 up up up pgup pgup pgdn");
    desk.screen();
}

#[test]
fn what_goes_by_no_conversation_is_shown_as_that_and_answered_there() {
    let mut desk = desk();
    let (busy, lunch, me) = ("busy@local", "lunch@local", "me@local");
    said(&mut desk, 0, me, busy, MessageKind::Text, "are you there?");
    said(&mut desk, 0, me, lunch, MessageKind::Text, "or you?");
    on(&mut desk, "busy");
    desk.keys("c");
    assert!(desk.actions().is_empty(), "nobody is rung");
    let shown = desk.screen();
    assert!(
        shown.contains("me@local, busy@local (in no conversation: UUM, UBM)"),
        "{shown}"
    );
    assert!(shown.contains("are you there?"), "{shown}");
    assert!(!shown.contains("▌ or you?"), "that is for another: {shown}");
    desk.text("yes");
    desk.keys("enter");
    let answer = [Talk::Typing, Talk::Say("yes".into())];
    assert_eq!(desk.actions(), answer.map(|what| talk(busy, 1, what)));
    said(&mut desk, 0, busy, me, MessageKind::Text, "yes");
    let shown = desk.screen();
    assert!(shown.contains("yes ▐"), "{shown}");
    // A conversation of the two comes before it.
    chapter(&mut desk, 7, Chapter::Began, busy, &[busy]);
    chapter(&mut desk, 7, Chapter::Joined, me, &[busy, me]);
    on(&mut desk, "busy");
    desk.keys("c");
    let shown = desk.screen();
    assert!(!shown.contains("in no conversation: UUM"), "{shown}");
}

#[test]
fn what_is_half_typed_to_one_is_never_said_by_another() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8");
    desk.text("hi");
    assert!(desk.screen().contains("lunch@local ▸ hi"));
    on(&mut desk, "away");
    desk.keys("c");
    let shown = desk.screen();
    assert!(shown.contains("away@local ▸ type, and enter"), "{shown}");
    desk.actions();
    // What is typed while it rings goes along, and is nobody else's.
    desk.text("ho");
    chapter(&mut desk, 7, Chapter::Began, "away@local", &["away@local"]);
    chapter(&mut desk, 7, Chapter::Called, "me@local", &["away@local"]);
    let both = ["away@local", "me@local"];
    chapter(&mut desk, 7, Chapter::Joined, "me@local", &both);
    assert!(desk.screen().contains("away@local ▸ ho"));
    desk.keys("alt-up");
    assert!(desk.screen().contains("lunch@local ▸ hi"));
    desk.keys("alt-down enter");
    let said = Talk::Say("ho".into());
    assert_eq!(desk.actions().last(), Some(&talk("away@local", 1, said)));
    desk.keys("alt-up");
    assert!(desk.screen().contains("lunch@local ▸ hi"), "it waits");
}

#[test]
fn where_there_is_no_conversation_the_keys_are_commands() {
    let mut desk = desk();
    desk.keys("8");
    let footer = desk.screen().lines().last().unwrap_or_default().to_owned();
    assert!(!footer.contains("enter say"), "{footer}");
    desk.keys("3");
    assert_eq!(desk.state.focus, Pane::Contacts);
    desk.keys("8 ?");
    assert!(desk.state.overlay.is_some(), "the help");
}

#[test]
fn where_nobody_could_say_it_nothing_is_typed_and_that_is_said() {
    let mut desk = desk();
    talking(&mut desk);
    chapter(&mut desk, 6, Chapter::Left, "lunch@local", &["me@local"]);
    desk.keys("8 h i");
    assert!(
        desk.message().starts_with("it is only read"),
        "{}",
        desk.message()
    );
    assert_eq!(desk.state.focus, Pane::Conversation);
}

#[test]
fn what_clients_say_to_each_other_is_not_said_to_the_operator() {
    let mut desk = desk();
    let (me, you) = ("me@local", "you@local");
    chapter(&mut desk, 9, Chapter::Joined, me, &[me]);
    chapter(&mut desk, 9, Chapter::Joined, you, &[me, you]);
    said(&mut desk, 9, me, you, MessageKind::Text, "hi there");
    assert!(!desk.screen().contains("said to you"), "{}", desk.screen());
}

#[test]
fn the_detail_comes_back_with_the_transcript() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8 esc 2");
    assert!(desk.screen().contains("4 Detail"), "{}", desk.screen());
}

/// 200 by 100 pixels, the middle of them green.
const GREEN: &[u8] = include_bytes!("../src/roster/picture/wide.png");

#[test]
fn what_a_client_has_shown_is_fetched_by_a_key_and_stands_where_it_was_shown() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("8 ctrl-g");
    assert!(desk.actions().is_empty());
    assert!(desk.message().contains("no client has shown an emoticon"));
    let shows = |desk: &mut Desk, kind, text: &str| {
        said(desk, 6, "me@local", "lunch@local", kind, text);
    };
    shows(&mut desk, MessageKind::Emoticon, "(tux) (baaha)");
    shows(&mut desk, MessageKind::Emoticon, "(other)");
    shows(&mut desk, MessageKind::Wink, "dancer");
    let fetch = |name: &str| Action::Fetch {
        client: Target::Clients(vec![ClientId(1)]),
        name: name.into(),
        file: None,
    };
    let text = desk.screen();
    for words in [
        "(emoticon: (tux) (baaha))",
        "(emoticon: (other))",
        "(wink: dancer)",
    ] {
        assert!(text.contains(words), "{text}");
    }
    // The latest, and then what the cursor is on.
    desk.keys("ctrl-g");
    assert_eq!(desk.actions(), [fetch("wink")]);
    desk.keys("up up ctrl-g");
    assert_eq!(desk.actions(), [fetch("(tux)"), fetch("(baaha)")]);
    let mut gives = |name: &str, file: &[u8]| {
        let reply = Reply {
            command: CommandId(1),
            ok: true,
            text: "it is given".into(),
            data: ReplyData::Object(ClientId(1), name.into(), file.to_vec().into()),
        };
        desk.event(0, 0, EventKind::Reply(Box::new(reply)));
    };
    gives("(tux)", GREEN);
    gives("(baaha)", b"GIF89a");
    gives("wink", b"MSCF");
    desk.keys("end");
    let text = desk.screen();
    assert_eq!(text.matches("▌ ▀▀▀▀▀▀▀▀▀▀▀▀").count(), 6, "{text}");
    assert!(text.contains("▌ (baaha): a GIF of 6 bytes"), "{text}");
    assert!(text.contains("▌ wink: a CAB of 4 bytes"), "{text}");
}

#[test]
fn a_picture_of_the_terminals_own_keeps_its_colours_under_the_cursor() {
    let mut desk = desk();
    desk.state.pictures.on = true;
    talking(&mut desk);
    let emoticon = MessageKind::Emoticon;
    said(&mut desk, 6, "me@local", "lunch@local", emoticon, ":cat:");
    let reply = Reply {
        command: CommandId(1),
        ok: true,
        text: "it is given".into(),
        data: ReplyData::Object(ClientId(1), ":cat:".into(), GREEN.to_vec().into()),
    };
    desk.event(0, 0, EventKind::Reply(Box::new(reply)));
    said(
        &mut desk,
        6,
        "me@local",
        "lunch@local",
        MessageKind::Text,
        "look",
    );
    desk.keys("8 up");
    let frame = desk.draw();
    let cells = frame.content.iter().filter_map(picture);
    let ids: Vec<u32> = cells.collect();
    assert_eq!(ids.len(), 72, "12 columns and 6 rows");
    assert!(ids.iter().all(|id| *id == 0x6e_0001), "{ids:x?}");
}
