//! A sentence of nudge's own, which knows which of its letters are nudge's and which it quotes.
//!
//! A secret is looked for in what a sentence quotes, and nowhere else. So a password that is a word of ours (`ticket`,
//! `wrong`) garbles no sentence, and no sentence tells that it is the password. [`say!`](crate::event::say) makes a
//! sentence as `format!` makes a text: what stands in its format is ours, what is put in is quoted. A text that was made
//! in another way is taken as quoted from its first letter to its last, so that forgetting this tells nothing.

use std::fmt::{self, Write};
use std::ops::{Deref, Range};

/// A sentence. It is read as the text that it is.
#[derive(Clone, Default)]
pub struct Sentence {
    text: String,
    /// Which bytes are nudge's own, in order. Nothing is, once the secrets are hidden: nobody asks again.
    ours: Box<[Range<u32>]>,
}

/// What stands before and behind a piece of ours that is put in. They are known by their addresses: no text that came from
/// elsewhere can be one of them.
static OURS: &str = "\u{fdd0}";
static QUOTED: &str = "\u{fdd1}";

/// A sentence, written as `format!` writes a text.
macro_rules! say {
    ($format:literal $($rest:tt)*) => {
        $crate::event::Sentence::put($format, format_args!($format $($rest)*))
    };
}
pub(crate) use say;

/// A name or an error of nudge's own, which quotes nothing: for [`say!`] alone.
pub(crate) fn ours<T: fmt::Display>(what: T) -> impl fmt::Display {
    struct Ours<T>(T);
    impl<T: fmt::Display> fmt::Display for Ours<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(OURS)?;
            self.0.fmt(f)?;
            f.write_str(QUOTED)
        }
    }
    Ours(what)
}

impl Sentence {
    /// What [`say!`] makes: the letters of `format`, and what is put in between.
    pub(crate) fn put(format: &str, said: fmt::Arguments<'_>) -> Self {
        let mut writer = Writer {
            pieces: pieces(format),
            next: 0,
            put_in: false,
            made: Self::default(),
            ours: Vec::new(),
        };
        // Writing to a text cannot fail.
        let _ = writer.write_fmt(said);
        writer.made.ours = writer.ours.into();
        writer.made
    }

    /// A text of ours, with these pieces of it quoted. Where one of them does not stand in it as it is, all of it is quoted.
    pub(crate) fn quoting<Q: AsRef<str>>(text: String, quoted: &[Q]) -> Self {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for quoted in quoted
            .iter()
            .map(AsRef::as_ref)
            .filter(|quoted| !quoted.is_empty())
        {
            let before = pieces.len();
            pieces.extend(
                text.match_indices(quoted)
                    .map(|(at, piece)| at..at + piece.len()),
            );
            if pieces.len() == before {
                return text.into();
            }
        }
        pieces.sort_by_key(|piece| piece.start);
        let mut ours = Vec::new();
        let mut at = 0;
        for piece in pieces {
            if at < piece.start {
                ours.push(at as u32..piece.start as u32);
            }
            at = at.max(piece.end);
        }
        if at < text.len() {
            ours.push(at as u32..text.len() as u32);
        }
        Self {
            text,
            ours: ours.into(),
        }
    }

    /// Its beginning, of at most this many characters, and `…` where it is cut.
    pub(crate) fn cut(mut self, most: usize) -> Self {
        if let Some((end, _)) = self.text.char_indices().nth(most) {
            self.text.truncate(end);
            self.text.push('…');
            let ours = self.ours.iter().map(|r| r.start..r.end.min(end as u32));
            self.ours = ours.filter(|r| r.start < r.end).collect();
        }
        self
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its text, to change. None of it is ours from here on.
    pub fn to_mut(&mut self) -> &mut String {
        self.take().0
    }

    /// Its text, to change, and which bytes of it are ours: from here on none are.
    pub(crate) fn take(&mut self) -> (&mut String, Box<[Range<u32>]>) {
        (&mut self.text, std::mem::take(&mut self.ours))
    }
}

/// The letters of a format between what is put in.
fn pieces(format: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                rest.next();
            }
            '{' => {
                rest.find(|c| *c == '}');
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Takes the pieces of a sentence in the order in which they are written: each letter of ours comes in the piece in which
/// it stands in the format.
struct Writer {
    pieces: Vec<String>,
    next: usize,
    /// Whether what comes is ours and was put in.
    put_in: bool,
    made: Sentence,
    ours: Vec<Range<u32>>,
}

impl Write for Writer {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let is = |sign: &str| std::ptr::eq(piece.as_ptr(), sign.as_ptr());
        if is(OURS) || is(QUOTED) {
            self.put_in = is(OURS);
            return Ok(());
        }
        let from = self.made.text.len() as u32;
        self.made.text.push_str(piece);
        let of_format = self.pieces.get(self.next).is_some_and(|next| next == piece);
        self.next += usize::from(of_format);
        if of_format || self.put_in {
            let to = self.made.text.len() as u32;
            match self.ours.last_mut() {
                Some(last) if last.end == from => last.end = to,
                _ => self.ours.push(from..to),
            }
        }
        Ok(())
    }
}

impl From<&'static str> for Sentence {
    /// A text of the program's own.
    fn from(text: &'static str) -> Self {
        let all = 0..text.len() as u32;
        Self {
            text: text.to_owned(),
            ours: Box::new([all]),
        }
    }
}

impl From<String> for Sentence {
    /// Quoted, the whole of it.
    fn from(text: String) -> Self {
        Self {
            text,
            ours: Box::default(),
        }
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.text
    }
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Sentence {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Sentence {}

impl PartialEq<str> for Sentence {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl PartialEq<String> for Sentence {
    fn eq(&self, other: &String) -> bool {
        self.text == *other
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Display for Sentence {
    /// `{:#}` says which letters are ours too: for `say!` alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.pad(&self.text);
        }
        let mut at = 0;
        for range in &self.ours {
            let range = range.start as usize..range.end as usize;
            f.write_str(self.text.get(at..range.start).unwrap_or_default())?;
            at = range.end;
            f.write_str(OURS)?;
            f.write_str(self.text.get(range).unwrap_or_default())?;
            f.write_str(QUOTED)?;
        }
        f.write_str(self.text.get(at..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(sentence: &Sentence) -> String {
        let mut text = sentence.text.clone();
        for range in sentence.ours.iter().rev() {
            text.replace_range(range.start as usize..range.end as usize, "|");
        }
        text
    }

    #[test]
    fn what_stands_in_the_format_is_ours_and_what_is_put_in_is_quoted() {
        let (account, length, is) = ("me@local", 7, " is ");
        for (said, text, wanted) in [
            (say!("no more"), "no more", "|"),
            (
                say!("{account} has {length:>3} of {:?}", "a\nb"),
                "me@local has   7 of \"a\\nb\"",
                "me@local|  7|\"a\\nb\"",
            ),
            (say!("{{{account}}}"), "{me@local}", "|me@local|"),
            (
                say!("{account}{account}"),
                "me@localme@local",
                "me@localme@local",
            ),
            (
                say!("{}: {account}", ours("no ticket")),
                "no ticket: me@local",
                "|me@local",
            ),
            // It says itself what the format says: that is as good as the format.
            (
                say!("{is} is {account}"),
                " is  is me@local",
                "| is me@local",
            ),
        ] {
            assert_eq!(said, text);
            assert_eq!(quoted(&said), wanted, "{text}");
        }
    }

    #[test]
    fn a_sentence_in_a_sentence_stays_what_it_is() {
        let word = "ticket";
        let inner = say!("{word} was refused");
        assert_eq!(quoted(&inner), "ticket|");
        assert_eq!(quoted(&say!("USR: {inner:#}; closed")), "|ticket|");
        // Without the sign all of it is quoted.
        assert_eq!(
            quoted(&say!("USR: {inner}; closed")),
            "|ticket was refused|"
        );
        assert_eq!(quoted(&Sentence::from("ours".to_owned())), "ours");
        assert_eq!(quoted(&"ours".into()), "|");
        assert_eq!(format!("{inner:>20}"), "  ticket was refused");
        let made = Sentence::quoting("no a in b, nor ab".into(), &["a", "ab", ""]);
        assert_eq!(quoted(&made), "|a|ab");
        let made = Sentence::quoting("no \"a\"".into(), &["a\n"]);
        assert_eq!(quoted(&made), "no \"a\"");
        let long = Sentence::quoting("no a in b".into(), &["a"]);
        assert_eq!(quoted(&long.clone().cut(6)), "|a|…");
        assert_eq!(long.clone().cut(6), "no a i…");
        assert_eq!(quoted(&long.clone().cut(3)), "|…");
        assert_eq!(long.clone().cut(9), long);
    }
}
