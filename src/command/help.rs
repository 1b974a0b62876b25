//! Help, and the table of docs/commands.md. Both are read from the tables of commands.

use super::{Registry, SHORT, Spec};

impl Spec {
    /// The command with its arguments, those that may be left out in brackets: `psm CONTACT [TEXT]`.
    pub fn usage(&self) -> String {
        let mut out = self.name.to_owned();
        for arg in self.args {
            if arg.optional {
                out += &format!(" [{}]", arg.name);
            } else {
                out += &format!(" {}", arg.name);
            }
        }
        out
    }
}

impl Spec {
    /// Its short names.
    fn short(&self) -> impl Iterator<Item = &'static str> + use<> {
        let name = self.name;
        let of = SHORT.iter().filter(move |(_, of)| *of == name);
        of.map(|(short, _)| *short)
    }
}

impl Registry {
    /// A line for each command; with the name of one, all there is to say about it. Empty if no command
    /// has that name.
    pub fn help_lines(&self, topic: Option<&str>) -> Vec<String> {
        let Some(topic) = topic else {
            let width = self.specs().map(|s| s.usage().len()).max().unwrap_or(0);
            return self
                .specs()
                .map(|s| format!("{:width$}  {}", s.usage(), s.help))
                .collect();
        };
        let Some(spec) = self.find(topic) else {
            return Vec::new();
        };
        let mut lines = vec![spec.usage(), format!("  {}.", spec.help)];
        if !spec.more.is_empty() {
            lines.push(format!("  {}", spec.more));
        }
        for short in spec.short() {
            lines.push(format!("  Short: {short}"));
        }
        for arg in spec.args {
            lines.push(format!("  {}: {}", arg.name, arg.kind.explain()));
        }
        lines.push(format!("  Example: {}", spec.example));
        for key in spec.keys {
            lines.push(format!(
                "  Key: {} ({}) {}",
                key.key,
                key.place.name(),
                key.label
            ));
        }
        lines
    }

    /// The commands as a table in Markdown.
    pub fn reference_markdown(&self, which: impl Fn(&Spec) -> bool) -> String {
        let mut out =
            String::from("| command | what it does | example | keys |\n|---|---|---|---|\n");
        for spec in self.specs().filter(|spec| which(spec)) {
            let keys: Vec<_> = spec.keys.iter().map(|k| format!("`{}`", k.key)).collect();
            let more = if spec.more.is_empty() { "" } else { " " };
            let short: String = spec.short().map(|s| format!(" Short: `{s}`.")).collect();
            out += &format!(
                "| `{}` | {}.{more}{}{short} | `{}` | {} |\n",
                cell(&spec.usage()),
                cell(spec.help),
                cell(spec.more),
                cell(spec.example),
                keys.join(" ")
            );
        }
        out
    }
}

/// A text, escaped for a cell of the table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
