//! The known word that was probably meant.

use strsim::damerau_levenshtein;

/// The one of `words` that is nearest to what was typed, if any is near enough to be worth naming:
/// one letter wrong, missing, too many or changed places, two in longer words; or all of what was typed
/// at the beginning of just one word.
pub fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // What is typed may be of any length, and no word is as long as this.
    if typed.is_empty() || typed.len() > 64 {
        return None;
    }
    let typed = typed.to_lowercase();
    let most = if typed.chars().count() > 4 { 2 } else { 1 };
    let words: Vec<_> = words.into_iter().collect();
    let best = words
        .iter()
        .map(|word| (damerau_levenshtein(&typed, &word.to_lowercase()), *word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, word)) = best {
        return Some(word);
    }
    let mut begun = words
        .iter()
        .filter(|word| word.to_lowercase().starts_with(&typed));
    match (begun.next(), begun.next()) {
        (Some(word), None) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_guessed_and_another_word_is_not() {
        let words = ["status", "send", "send!", "shape", "save"];
        assert_eq!(nearest("stauts", words), Some("status"));
        assert_eq!(nearest("SEND", words), Some("send"));
        assert_eq!(nearest("sav", words), Some("save"));
        assert_eq!(nearest("sta", words), Some("status"));
        assert_eq!(nearest("wibble", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest(&"s".repeat(100_000), words), None);
    }
}
