//! What every benchmark shares: its arguments, and the table that it prints.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

/// A part of a benchmark, with its name.
pub type Part<W> = (&'static str, fn(&W, &mut Table));

/// [`measure`] against what `start` makes, within a runtime of its own.
pub fn run<W>(start: impl FnOnce() -> W, parts: &[Part<W>]) {
    nudge::server::descriptors::raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let _inside = runtime.enter();
    measure(&start(), parts);
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
}

/// Runs the parts that were asked for, and prints what they measured.
pub fn measure<W>(world: &W, parts: &[Part<W>]) {
    let mut table = Table::new();
    for (name, part) in parts {
        if chosen(name) {
            part(world, &mut table);
        }
    }
    table.print();
}

/// Whether a quick run was asked for, `-- --short`.
pub fn short() -> bool {
    std::env::args().any(|argument| argument == "--short")
}

/// Whether to run this part: it was named on the command line, or no part was.
pub fn chosen(part: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .peekable();
    named.peek().is_none() || named.any(|a| a == part)
}

/// The resident memory of a process, in bytes; 0 where /proc does not say.
pub fn resident(process: u32) -> u64 {
    std::fs::read_to_string(format!("/proc/{process}/status"))
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kib| kib * 1024)
}

/// A table: what was measured, the bound, and whether the bound is met.
#[derive(Default)]
pub struct Table(Vec<[String; 4]>);

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure that must be at most its bound.
    pub fn at_most(&mut self, what: &str, figure: f64, bound: f64, how: String) {
        self.row(what, figure, format!("≤ {bound}"), figure <= bound, how);
    }

    /// Adds a figure that must be at least its bound.
    pub fn at_least(&mut self, what: &str, figure: f64, bound: f64, how: String) {
        self.row(what, figure, format!("≥ {bound}"), figure >= bound, how);
    }

    fn row(&mut self, what: &str, figure: f64, bound: String, reached: bool, how: String) {
        let figure = if figure >= 1_000.0 {
            format!("{figure:.0}")
        } else {
            format!("{figure:.2}")
        };
        let verdict = if reached { "" } else { " ✗" };
        eprintln!("{what}: {figure}{verdict} ({how})");
        self.0
            .push([what.into(), format!("{bound}{verdict}"), figure, how]);
    }

    /// Prints it as Markdown, as it stands in docs/speed.md.
    pub fn print(&self) {
        println!("| what | to reach | measured | how |\n|---|---|---|---|");
        for [what, bound, figure, how] in &self.0 {
            println!("| {what} | {bound} | {figure} | {how} |");
        }
    }
}
