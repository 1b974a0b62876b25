//! The README's pictures, made from the real screen of the real program with the built-in client signed in:
//! `cargo test --test pictures -- --ignored` writes them into `pictures/`.

#[path = "common/program.rs"]
mod program;
#[path = "../benches/support/terminal.rs"]
mod terminal;

use nudge::console::picture::svg;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::path::Path;
use std::time::Duration;
use terminal::Terminal;

/// The screen is still when nothing has come for so long.
const STILL: Duration = Duration::from_millis(400);
/// What a terminal has of its own: name, ink and paper.
const DARK: (&str, &str) = ("#d7d7d2", "#16181d");
const LIGHT: (&str, &str) = ("#22252b", "#fbfaf6");

struct Picture {
    /// Of the file.
    name: &'static str,
    size: (u16, u16),
    theme: &'static str,
    own: (&'static str, &'static str),
    /// What is pressed once the client has signed in, and what is then seen.
    steps: &'static [(&'static str, &'static str)],
}

/// `b`: the contact turns busy, and the line below says so.
const BUSY: (&str, &str) = ("b", "online@local → Busy");

const PICTURES: &[Picture] = &[
    Picture {
        name: "console",
        size: (120, 40),
        theme: "dark",
        own: DARK,
        steps: &[BUSY],
    },
    Picture {
        name: "console-80x24",
        size: (80, 24),
        theme: "dark",
        own: DARK,
        steps: &[("b", "NLN BSY online@local")],
    },
    Picture {
        name: "console-light",
        size: (120, 40),
        theme: "light",
        own: LIGHT,
        steps: &[BUSY, ("2", "m mark")],
    },
    Picture {
        name: "console-phosphor",
        size: (120, 40),
        theme: "phosphor",
        own: ("#5fd787", "#07120b"),
        steps: &[BUSY],
    },
    Picture {
        name: "injector",
        size: (120, 40),
        theme: "dark",
        own: DARK,
        steps: &[
            BUSY,
            ("jI", "5 Inject → client 1"),
            ("NLN", "NLN"),
            ("\t", "NLN BSY busy@local"),
        ],
    },
    Picture {
        name: "filter",
        size: (120, 40),
        theme: "dark",
        own: DARK,
        steps: &[
            BUSY,
            ("f", "filter:"),
            ("verb:ILN,NLN,UBX dir:out ", "✓"),
            ("\r", "filter: verb:ILN,NLN,UBX dir:out"),
            ("2k\r", "▾"),
        ],
    },
    Picture {
        name: "conversation",
        size: (120, 40),
        theme: "dark",
        own: DARK,
        steps: &[
            ("jjjjjc", "me@local joins"),
            ("Are you coming? There is soup.\r", "▌ Really?"),
            ("", "Hm. ▐"),
            ("It is getting cold", "getting cold"),
        ],
    },
    Picture {
        name: "help",
        size: (120, 40),
        theme: "dark",
        own: DARK,
        steps: &[BUSY, ("?", "┏ Help")],
    },
];

#[test]
#[ignore = "writes pictures/; run it when the screen has changed"]
fn pictures_of_the_real_screen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    for picture in PICTURES {
        take(picture, &folder.join(format!("{}.svg", picture.name)));
    }
}

fn take(picture: &Picture, path: &Path) {
    let mut terminal = Terminal::start(
        env!("CARGO_BIN_EXE_nudge").into(),
        picture.size,
        &[
            &["--demo=fast", "--theme", picture.theme],
            &program::PORTS[..],
        ]
        .concat(),
        &[],
    );
    terminal.sees("QNG 60");
    for (keys, seen) in picture.steps {
        terminal.press(keys);
        terminal.sees(seen);
    }
    terminal.settles(STILL);
    let (ink, paper) = picture.own;
    let frame = frame(terminal.screen.screen());
    std::fs::write(path, svg(&frame, ink, paper)).expect("written");
    println!("{}", path.display());
    terminal.quit();
}

/// What the terminal shows, cell by cell.
fn frame(screen: &vt100::Screen) -> Buffer {
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    let mut frame = Buffer::empty(Rect::new(0, 0, cols, rows));
    for y in 0..rows {
        for x in 0..cols {
            let Some(cell) = screen.cell(y, x) else {
                continue;
            };
            let shown = &mut frame[(x, y)];
            if cell.has_contents() {
                shown.set_symbol(cell.contents());
            }
            shown.fg = colour(cell.fgcolor());
            shown.bg = colour(cell.bgcolor());
            for (on, modifier) in [
                (cell.bold(), Modifier::BOLD),
                (cell.dim(), Modifier::DIM),
                (cell.italic(), Modifier::ITALIC),
                (cell.underline(), Modifier::UNDERLINED),
                (cell.inverse(), Modifier::REVERSED),
            ] {
                if on {
                    shown.modifier.insert(modifier);
                }
            }
        }
    }
    if !screen.hide_cursor() {
        let (y, x) = screen.cursor_position();
        if let Some(cell) = frame.cell_mut((x, y)) {
            cell.modifier.toggle(Modifier::REVERSED);
        }
    }
    frame
}

fn colour(colour: vt100::Color) -> Color {
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(n) => Color::Indexed(n),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[test]
#[ignore = "to be looked at: writes each theme at two sizes into target/pictures/"]
fn every_theme_to_be_looked_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (theme, _) in nudge::console::theme::SHIPPED {
        let own = if theme == "light" { LIGHT } else { DARK };
        for (size, name) in [((120, 40), "120x40"), ((80, 24), "80x24")] {
            let picture = Picture {
                name: "",
                size,
                theme,
                own,
                steps: &[
                    ("b", "NLN BSY online@local"),
                    ("f", "filter: "),
                    ("verb:", "VER "),
                ],
            };
            take(&picture, &folder.join(format!("{theme}-{name}.svg")));
        }
    }
}
