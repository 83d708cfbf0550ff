//! What was probably meant by a word that is not known.

use strsim::normalized_damerau_levenshtein;

/// How alike two words are, from 0 to 1, of which one may be a slip for the other: "small" for "da3-small" is.
const ALIKE: f64 = 0.55;

/// The word that is most like another, if it is like it at all; the first of several.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let alike = normalized_damerau_levenshtein(&word, &candidate.to_lowercase());
        if alike >= ALIKE && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// What is said behind the words that something is not known: "; did you mean 'depth'?", or ";" where nothing is like it.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(|| ";".to_owned(), |meant| format!("; did you mean '{meant}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_what_was_meant_and_other_words_find_nothing() {
        let known = ["depth", "render", "cameras", "models", "selftest"];
        for (word, meant) in [("dept", "depth"), ("dpeth", "depth"), ("Rendr", "render"), ("model", "models")] {
            assert_eq!(nearest(word, known), Some(meant), "{word}");
        }
        for word in ["", "ui", "holiday", "photo.jpg", "x"] {
            assert_eq!(nearest(word, known), None, "{word}");
        }
        assert_eq!(nearest("small", ["da2-small", "da3-small"]), Some("da2-small"));
    }
}
