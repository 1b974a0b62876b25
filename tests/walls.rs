//! The walls of the house: every file under `src` is held against the table of rooms in `src/lib.rs`, and no two
//! files name each other in a circle.
//!
//! A file names another one by any path, in a `use` or in an expression. A name that is handed on (`pub use`) counts
//! as a name of the file that defines it. Test modules do not count.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

/// A path of names from the root of the crate.
type Names = Vec<String>;

/// One module: its file, the names it brings in, and those that it has from a `*`.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Name here → the path that it stands for.
    brought: BTreeMap<String, Names>,
    globs: Vec<Names>,
    defined: BTreeSet<String>,
    /// Every path of two names or more that stands in the module, as written.
    written: BTreeSet<Names>,
}

/// The modules of the crate by their path.
#[derive(Default)]
struct House {
    modules: BTreeMap<Names, Module>,
    /// Modules that are there for tests alone, in files of their own.
    tests: Vec<Names>,
}

/// Says that file 0 names file 1 by the path 2.
type Tie = (PathBuf, PathBuf, String);

impl House {
    fn read(src: &Path) -> House {
        let mut house = House::default();
        house.folder(src, src);
        house.without_tests()
    }

    /// Tests are helped by whatever they like.
    fn without_tests(mut self) -> House {
        let tests = std::mem::take(&mut self.tests);
        self.modules
            .retain(|names, _| !tests.iter().any(|test| names.starts_with(test)));
        self
    }

    fn folder(&mut self, src: &Path, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder of src") {
            let path = entry.expect("an entry of src").path();
            if path.is_dir() {
                self.folder(src, &path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                let file = path.strip_prefix(src).expect("below src").to_owned();
                self.file(&file, &text);
            }
        }
    }

    fn file(&mut self, file: &Path, text: &str) {
        let mut names: Names = file
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if names.last().is_some_and(|n| n == "mod") || names == ["lib"] {
            names.pop();
        }
        let tokens = TokenStream::from_str(text)
            .unwrap_or_else(|e| panic!("{} is not Rust: {e}", file.display()));
        self.module(&names, file, tokens);
    }

    fn module(&mut self, names: &[String], file: &Path, tokens: TokenStream) {
        let mut module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        self.items(names, file, &tokens, &mut module);
        self.modules.insert(names.to_vec(), module);
    }

    /// Reads the tokens of a module's body.
    fn items(&mut self, names: &[String], file: &Path, tokens: &[TokenTree], module: &mut Module) {
        let mut at = 0;
        while at < tokens.len() {
            if is_test(tokens, at) {
                let end = after_item(tokens, at);
                let name = (at..end)
                    .find(|&i| word(tokens, i).as_deref() == Some("mod"))
                    .and_then(|i| word(tokens, i + 1));
                if let Some(name) = name {
                    self.tests
                        .push(names.iter().cloned().chain([name]).collect());
                }
                at = end;
            } else if let Some(end) = used(tokens, at, module) {
                at = end;
            } else if word(tokens, at).as_deref() == Some("mod")
                && let Some(name) = word(tokens, at + 1)
            {
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2)
                    && body.delimiter() == Delimiter::Brace
                {
                    let inner: Names = names.iter().cloned().chain([name]).collect();
                    self.module(&inner, file, body.stream());
                    at += 3;
                } else {
                    at += 2;
                }
            } else {
                if let Some(kind) = word(tokens, at)
                    && [
                        "fn", "struct", "enum", "trait", "type", "const", "static", "union",
                    ]
                    .contains(&kind.as_str())
                    && let Some(name) = word(tokens, at + 1)
                {
                    module.defined.insert(name);
                }
                at = written(tokens, at, module);
            }
        }
    }

    /// `path` as written in `module`, from the root of the crate; `None` where it leads out of the crate or to
    /// something of the module itself.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Names> {
        let first = path.first()?;
        let mut rest = &path[1..];
        let mut base: Names = match first.as_str() {
            "crate" | "nudge" => Vec::new(),
            "self" => module.to_vec(),
            "super" => {
                let mut base = module.to_vec();
                base.pop();
                while rest.first().is_some_and(|n| n == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
                base
            }
            _ => {
                let here = self.modules.get(module)?;
                let child: Names = module.iter().cloned().chain([first.clone()]).collect();
                if let Some(stands_for) = here.brought.get(first) {
                    if stands_for == path {
                        return None;
                    }
                    self.absolute(module, stands_for)?
                } else if self.modules.contains_key(&child) {
                    child
                } else {
                    return None;
                }
            }
        };
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The file that defines what `path` (from the root) names; `None` for a module as a whole.
    fn definer(&self, path: &[String], depth: usize) -> Option<&Path> {
        let length = (0..=path.len())
            .rev()
            .find(|&n| self.modules.contains_key(&path[..n]))?;
        let name = path.get(length)?;
        let (at, module) = self.modules.get_key_value(&path[..length])?;
        if depth < 8 {
            if let Some(stands_for) = module.brought.get(name) {
                let mut on = self.absolute(at, stands_for)?;
                on.extend(path[length + 1..].iter().cloned());
                return self.definer(&on, depth + 1);
            }
            if !module.defined.contains(name) {
                for glob in &module.globs {
                    let mut on = self.absolute(at, glob)?;
                    if self
                        .modules
                        .get(&on)
                        .is_some_and(|m| m.defined.contains(name))
                    {
                        on.push(name.clone());
                        return self.definer(&on, depth + 1);
                    }
                }
            }
        }
        Some(&module.file)
    }

    fn ties(&self) -> BTreeSet<Tie> {
        let mut ties = BTreeSet::new();
        for (names, module) in &self.modules {
            let used = module
                .brought
                .values()
                .chain(&module.written)
                .chain(&module.globs);
            for path in used {
                let Some(whole) = self.absolute(names, path) else {
                    continue;
                };
                if let Some(definer) = self.definer(&whole, 0)
                    && definer != module.file
                {
                    ties.insert((module.file.clone(), definer.to_owned(), whole.join("::")));
                }
            }
        }
        ties
    }
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at).is_some_and(|t| is_punct(t, ':'))
        && tokens.get(at + 1).is_some_and(|t| is_punct(t, ':'))
}

/// `#[cfg(test)]` and its like stands at `at`.
fn is_test(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(&tokens[at], '#')
        && matches!(tokens.get(at + 1), Some(TokenTree::Group(group))
            if matches!(group.stream().to_string().replace(' ', "").as_str(), "cfg(test)" | "test"))
}

/// The place behind the item that begins at `at` with its attributes.
fn after_item(tokens: &[TokenTree], at: usize) -> usize {
    let mut at = at;
    while at < tokens.len() && is_punct(&tokens[at], '#') {
        at += 2;
    }
    while at < tokens.len() {
        let ends = match &tokens[at] {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            token => is_punct(token, ';'),
        };
        at += 1;
        if ends {
            break;
        }
    }
    at
}

/// Reads the `use` that begins at `at`, if one does. Gives the place behind it.
fn used(tokens: &[TokenTree], at: usize, module: &mut Module) -> Option<usize> {
    if word(tokens, at).as_deref() != Some("use") {
        return None;
    }
    let end = (at..tokens.len())
        .find(|&i| is_punct(&tokens[i], ';'))
        .unwrap_or(tokens.len());
    brought(&tokens[at + 1..end], &mut Vec::new(), module);
    Some(end + 1)
}

/// Reads one tree of a `use`.
fn brought(tokens: &[TokenTree], before: &mut Names, module: &mut Module) {
    for tree in tokens.split(|t| is_punct(t, ',')) {
        let depth = before.len();
        let mut alias = None;
        for (at, token) in tree.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => alias = word(tree, at + 1),
                TokenTree::Ident(_) if alias.is_some() => {}
                TokenTree::Ident(ident) => before.push(ident.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    brought(&inner, before, module);
                    before.truncate(depth);
                }
                token if is_punct(token, '*') => {
                    module.globs.push(before.clone());
                    before.truncate(depth);
                }
                _ => {}
            }
        }
        if before.len() > depth {
            if before.len() > 1 && before.last().is_some_and(|n| n == "self") {
                before.pop();
            }
            let name = alias.or_else(|| before.last().cloned());
            if let Some(name) = name.filter(|n| n != "_") {
                module.brought.insert(name, before.clone());
            } else {
                module.written.insert(before.clone());
            }
            before.truncate(depth);
        }
    }
}

/// Takes up the path that begins at `at`, or goes into the group there. Gives the place behind it.
fn written(tokens: &[TokenTree], at: usize, module: &mut Module) -> usize {
    match &tokens[at] {
        TokenTree::Group(group) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let mut inside = 0;
            while inside < inner.len() {
                if is_test(&inner, inside) {
                    inside = after_item(&inner, inside);
                } else {
                    let end = used(&inner, inside, module);
                    inside = end.unwrap_or_else(|| written(&inner, inside, module));
                }
            }
            at + 1
        }
        TokenTree::Ident(first) => {
            let mut path = vec![first.to_string()];
            let mut at = at + 1;
            while colons(tokens, at) {
                match word(tokens, at + 2) {
                    Some(name) => path.push(name),
                    None => break,
                }
                at += 3;
            }
            if path.len() > 1 {
                module.written.insert(path);
            }
            at
        }
        _ => at + 1,
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room of a file: the folder or file below `src` that it stands in.
fn room(file: &Path) -> String {
    let first = file.iter().next().expect("a file has a name");
    Path::new(first)
        .with_extension("")
        .to_string_lossy()
        .into_owned()
}

/// The table of `lib.rs`: each room, and the rooms that it may import (`None`: all).
fn table(text: &str) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let names = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let mut table = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, rooms, _, imports, _] = cells[..] else {
            continue;
        };
        for room in names(rooms) {
            let may = (imports != "everything").then(|| names(imports));
            table.insert(room, may);
        }
    }
    table
}

/// `of` is the `mod.rs` (or the `NAME.rs` beside the folder `NAME`) of a folder in which `file` stands.
fn is_own_folder(file: &Path, of: &Path) -> bool {
    let folder = match of.file_name() {
        Some(name) if name == "mod.rs" => of.parent().map(Path::to_owned),
        Some(name) if name == "lib.rs" => Some(PathBuf::new()),
        _ => Some(of.with_extension("")),
    };
    folder.is_some_and(|folder| file.starts_with(folder))
}

/// Files that name each other in a circle, each circle with the ties in it.
///
/// What the `mod.rs` of a folder defines is for the files in it: that they name it closes no circle.
fn circles(ties: &BTreeSet<Tie>) -> Vec<Vec<&Tie>> {
    let mut to: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    let counted = |tie: &&Tie| !is_own_folder(&tie.0, &tie.1);
    for (from, target, _) in ties.iter().filter(counted) {
        to.entry(from).or_default().insert(target);
    }
    let reached = |start: &Path| -> BTreeSet<PathBuf> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Path> = to.get(start).into_iter().flatten().copied().collect();
        while let Some(file) = open.pop() {
            if seen.insert(file.to_owned()) {
                open.extend(to.get(file).into_iter().flatten().copied());
            }
        }
        seen
    };
    let all: BTreeMap<&Path, BTreeSet<PathBuf>> =
        to.keys().map(|file| (*file, reached(file))).collect();
    let mut done = BTreeSet::new();
    let mut circles = Vec::new();
    for (file, reach) in &all {
        if !reach.contains(*file) || done.contains(*file) {
            continue;
        }
        let members: BTreeSet<&Path> = all
            .iter()
            .filter(|(other, back)| reach.contains(**other) && back.contains(*file))
            .map(|(other, _)| *other)
            .collect();
        circles.push(
            ties.iter()
                .filter(counted)
                .filter(|(a, b, _)| members.contains(a.as_path()) && members.contains(b.as_path()))
                .collect(),
        );
        done.extend(members);
    }
    circles
}

fn told(ties: &[&Tie]) -> String {
    let lines: Vec<String> = ties
        .iter()
        .map(|(from, to, path)| format!("  {} names {} by {path}", from.display(), to.display()))
        .collect();
    lines.join("\n")
}

#[test]
fn every_room_imports_what_the_table_of_lib_rs_lets_it() {
    let text = std::fs::read_to_string(src().join("lib.rs")).expect("src/lib.rs");
    let table = table(&text);
    let ties = House::read(&src()).ties();
    let mut broken = Vec::new();
    let mut used = BTreeSet::new();
    for tie in &ties {
        let (from, to) = (room(&tie.0), room(&tie.1));
        used.insert((from.clone(), to.clone()));
        if from == to || from == "main" || from == "lib" {
            continue;
        }
        match table.get(&from) {
            None => panic!("src/lib.rs has no row for the room `{from}`"),
            Some(Some(may)) if !may.contains(&to) => broken.push(tie),
            _ => {}
        }
    }
    assert!(
        broken.is_empty(),
        "the table in src/lib.rs does not let these rooms import each other:\n{}",
        told(&broken)
    );
    for (from, may) in &table {
        for to in may.iter().flatten() {
            let is_used = used.contains(&(from.clone(), to.clone()));
            assert!(
                is_used,
                "src/lib.rs lets `{from}` import `{to}`, and it does not: take it out"
            );
        }
    }
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let ties = House::read(&src()).ties();
    let circles = circles(&ties);
    let texts: Vec<String> = circles.iter().map(|circle| told(circle)).collect();
    assert!(
        circles.is_empty(),
        "circles of files:\n{}",
        texts.join("\n\n")
    );
}

/// A house of two files, for the tests of the test.
fn house(files: &[(&str, &str)]) -> House {
    let mut house = House::default();
    for (file, text) in files {
        house.file(Path::new(file), text);
    }
    house.without_tests()
}

#[test]
fn a_use_a_path_and_a_name_handed_on_are_all_seen() {
    let house = house(&[
        ("lib.rs", "pub mod a; pub mod b; pub mod c;"),
        (
            "a.rs",
            "use crate::b::{self, Thing as Other}; fn f(_: Other) { b::go() }",
        ),
        (
            "b/mod.rs",
            "mod deep; pub use deep::Deep; pub struct Thing; pub fn go() {}",
        ),
        ("b/deep.rs", "pub struct Deep;"),
        (
            "c.rs",
            "fn f() -> crate::b::Deep { crate::a::f(super::b::Thing) }",
        ),
    ]);
    let ties: BTreeSet<String> = house
        .ties()
        .iter()
        .map(|(from, to, _)| format!("{} {}", from.display(), to.display()))
        .collect();
    let expected = [
        "a.rs b/mod.rs",
        "b/mod.rs b/deep.rs",
        "c.rs a.rs",
        "c.rs b/deep.rs",
        "c.rs b/mod.rs",
    ];
    assert_eq!(ties, expected.map(str::to_owned).into());
    assert!(circles(&house.ties()).is_empty());
}

#[test]
fn a_circle_is_found_and_what_tests_name_is_none() {
    let quiet = [
        (
            "a.rs",
            "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        ),
        (
            "b.rs",
            "use crate::a::A; #[cfg(test)] pub(crate) mod help; pub struct B(A);",
        ),
        ("b/help.rs", "use crate::c::C;"),
        ("c.rs", "use crate::b::B; pub struct C(B);"),
    ];
    assert!(circles(&house(&quiet).ties()).is_empty());
    let circle = [
        (
            "a.rs",
            "pub struct A; fn f() { if true { crate::b::B::new(); } }",
        ),
        ("b.rs", "use crate::a::A; pub struct B(A);"),
    ];
    assert_eq!(circles(&house(&circle).ties()).len(), 1);
}
