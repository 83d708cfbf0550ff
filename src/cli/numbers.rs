//! Numbers on the command line that must lie within limits.

use std::ops::RangeInclusive;

/// Two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair(pub [f32; 2]);

/// A number within a range.
pub(super) fn number(text: &str, range: RangeInclusive<f32>) -> Result<f32, String> {
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("expected a number from {} to {}", range.start(), range.end()))
}

/// Two numbers within a range, with a comma between them.
pub(super) fn pair(text: &str, range: RangeInclusive<f32>) -> Result<Pair, String> {
    match text.split_once(',') {
        Some((a, b)) => Ok(Pair([number(a, range.clone())?, number(b, range)?])),
        None => Err("expected two numbers with a comma between them".into()),
    }
}

pub(super) fn percentiles(text: &str) -> Result<Pair, String> {
    match pair(text, 0.0..=100.0)? {
        Pair([low, high]) if low < high => Ok(Pair([low, high])),
        _ => Err("the first percentile has to be the smaller one".into()),
    }
}

pub(super) fn percent(text: &str) -> Result<f32, String> {
    number(text, 0.0..=100.0)
}

pub(super) fn strength(text: &str) -> Result<f32, String> {
    number(text, 0.0..=1.0)
}

pub(super) fn length(text: &str) -> Result<f32, String> {
    number(text, 1e-6..=1e6)
}

pub(super) fn every(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|n| (1..=1000).contains(n)).ok_or("expected a number from 1 to 1000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_limits() {
        assert_eq!(percentiles("2,98.5"), Ok(Pair([2.0, 98.5])));
        assert!(percentiles("60,40").is_err() && percentiles("0,101").is_err() && percentiles("5").is_err());
        assert!(percent("NaN").is_err() && strength("1.1").is_err() && length("0").is_err() && every("0").is_err());
    }
}
