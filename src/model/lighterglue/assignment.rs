//! The network's answer: how likely each point of one photo is each point of the other.

use crate::model::table::Table;

/// Probabilities of pairs, of the points that were not given up on the way.
pub struct Assignment {
    /// Which points these are, in rising order: those of a, and those of b.
    points: [Vec<usize>; 2],
    similarity: Table,
    /// What is added for each of them to twice the similarity: all of it together is ln P.
    terms: [Vec<f32>; 2],
}

impl Assignment {
    /// `matchability`: for each point of a and of b the logit of its having a match at all. ln P is the logarithm of both
    /// softmaxes of the similarity, and of the probabilities that both points have a match.
    pub(super) fn new(points: [Vec<usize>; 2], similarity: Table, matchability: [&[f32]; 2]) -> Self {
        let [sums_a, sums_b] = similarity.log_sums();
        let terms = |logits: &[f32], sums: Vec<f32>| {
            sums.into_iter().zip(logits).map(|(sum, &logit)| log_sigmoid(logit) - sum).collect()
        };
        let terms = [terms(matchability[0], sums_a), terms(matchability[1], sums_b)];
        Self { points, similarity, terms }
    }

    /// ln of the probability that these points of a and b are the same; −∞ where one was given up.
    pub fn log_probability(&self, of_a: usize, of_b: usize) -> f32 {
        match (self.points[0].binary_search(&of_a), self.points[1].binary_search(&of_b)) {
            (Ok(row), Ok(column)) => self.log_probability_at([row, column]),
            _ => f32::NEG_INFINITY,
        }
    }

    /// Points of a and b that are each other's likeliest, with ln of the probability that they are the same, in the order of
    /// a's points.
    pub fn mutual_best(&self) -> Vec<([usize; 2], f32)> {
        let [a, b] = self.terms.each_ref().map(|terms| terms.iter().map(|term| term / 2.0).collect::<Vec<_>>());
        let pair = |[row, column]: [usize; 2]| {
            ([self.points[0][row], self.points[1][column]], self.log_probability_at([row, column]))
        };
        self.similarity.mutual_best(&a, &b).into_iter().map(pair).collect()
    }

    fn log_probability_at(&self, [row, column]: [usize; 2]) -> f32 {
        2.0 * self.similarity.get(row, column) + self.terms[0][row] + self.terms[1][column]
    }
}

/// ln(1 / (1 + e⁻ˣ)), exact for large x of either sign.
fn log_sigmoid(x: f32) -> f32 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_sigmoids_do_not_overflow() {
        assert!((log_sigmoid(0.0) + std::f32::consts::LN_2).abs() < 1e-6);
        assert_eq!((log_sigmoid(-200.0), log_sigmoid(200.0)), (-200.0, 0.0));
        assert!((log_sigmoid(2.0) - (1.0 / (1.0 + (-2f32).exp())).ln()).abs() < 1e-6);
    }

    #[test]
    fn points_keep_their_numbers_and_those_given_up_are_impossible() {
        // Points 1 and 4 of a, 0 and 2 of b: the first fits the last, and the other way round.
        let similarity = Table::products(&[1.0, 0.0, 0.0, 1.0], &[0.0, 9.0, 9.0, 0.0], 2);
        let assignment = Assignment::new([vec![1, 4], vec![0, 2]], similarity, [&[50.0; 2], &[50.0; 2]]);
        let best = assignment.mutual_best();
        assert_eq!(best.iter().map(|(pair, _)| *pair).collect::<Vec<_>>(), [[1, 2], [4, 0]]);
        // Two softmaxes of 9 and 0.
        let expected = -2.0 * (-9f32).exp().ln_1p();
        assert!(best.iter().all(|(_, log)| (log - expected).abs() < 1e-5), "{best:?}");
        assert_eq!(assignment.log_probability(1, 2), best[0].1);
        assert_eq!(assignment.log_probability(0, 2), f32::NEG_INFINITY);
    }
}
