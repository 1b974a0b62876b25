//! The known word that was probably meant.

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
        .map(|word| (distance(&typed, &word.to_lowercase()), *word))
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

/// How many letters have to be put in, taken out, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
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
