//! Which view of a pass becomes the reference, to which the world frame is tied (specification §3.6).

/// The strategies, in upstream's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    First,
    Middle,
    SaddleBalanced,
    SaddleSimRange,
}

/// Scores closer than this are a tie, which the first view wins: the two members of the most similar pair have
/// mathematically equal scores, and rounding must not choose between them.
const TIE: f64 = 1e-5;

/// Index of the reference view. `tokens` holds one class token per view, row after row (the block's un-normalised
/// output); all rows have the same, non-zero length.
pub fn select_reference(strategy: Reference, tokens: &[Vec<f32>]) -> usize {
    match strategy {
        Reference::First => 0,
        Reference::Middle => tokens.len() / 2,
        Reference::SaddleBalanced => {
            let scores = balanced_scores(tokens);
            first_best(&scores, |score, best| score < best)
        }
        Reference::SaddleSimRange => {
            let scores = similarity_ranges(&similarities(&unit_vectors(tokens)));
            let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            scores.iter().position(|&score| score >= best - TIE).unwrap_or(0)
        }
    }
}

fn first_best(scores: &[f64], better: impl Fn(f64, f64) -> bool) -> usize {
    let mut best = 0;
    for (i, &score) in scores.iter().enumerate() {
        if better(score, scores[best]) {
            best = i;
        }
    }
    best
}

/// Σ |m' − 0.5| over mean similarity, norm and variance, each min–max scaled over the views.
fn balanced_scores(tokens: &[Vec<f32>]) -> Vec<f64> {
    let units = unit_vectors(tokens);
    let others = (tokens.len() - 1).max(1) as f64;
    let mean_similarity: Vec<f64> = similarities(&units).iter().map(|row| row.iter().sum::<f64>() / others).collect();
    let norm: Vec<f64> = tokens.iter().map(|token| length(token.iter().map(|&v| f64::from(v)))).collect();
    let variance: Vec<f64> = units.iter().map(|unit| variance(unit)).collect();
    let metrics = [mean_similarity, norm, variance].map(min_max_scaled);
    (0..tokens.len()).map(|view| metrics.iter().map(|m| (m[view] - 0.5).abs()).sum()).collect()
}

fn similarity_ranges(similarities: &[Vec<f64>]) -> Vec<f64> {
    similarities
        .iter()
        .map(|row| {
            let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let least = row.iter().copied().fold(f64::INFINITY, f64::min);
            most - least
        })
        .collect()
}

/// n·nᵀ minus the identity.
fn similarities(units: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    units
        .iter()
        .enumerate()
        .map(|(i, a)| units.iter().enumerate().map(|(j, b)| dot(a, b) - if i == j { 1.0 } else { 0.0 }).collect())
        .collect()
}

fn unit_vectors(tokens: &[Vec<f32>]) -> Vec<Vec<f64>> {
    tokens
        .iter()
        .map(|token| {
            let norm = length(token.iter().map(|&v| f64::from(v))).max(f64::MIN_POSITIVE);
            token.iter().map(|&v| f64::from(v) / norm).collect()
        })
        .collect()
}

fn length(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

/// Unbiased variance over channels.
fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0).max(1.0)
}

fn min_max_scaled(values: Vec<f64>) -> Vec<f64> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.into_iter().map(|v| (v - least) / (most - least + 1e-8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_strategies() {
        let tokens = vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![1.0, 1.0], vec![0.5, 1.0]];
        assert_eq!(select_reference(Reference::First, &tokens), 0);
        assert_eq!(select_reference(Reference::Middle, &tokens), 2);
    }

    #[test]
    fn a_tie_goes_to_the_first_of_the_pair() {
        // Views 1 and 2 are the most similar pair, so their ranges are equal up to rounding.
        let tokens = vec![vec![1.0, 0.0, 0.2], vec![0.1, 1.0, 0.3], vec![0.1, 1.0, 0.35], vec![0.9, 0.1, 0.9]];
        assert_eq!(select_reference(Reference::SaddleSimRange, &tokens), 1);
    }
}
