//! A choice among too many points: random, so that no pattern shows, and the same on every machine.

use crate::geometry::Draws;

/// Where the random numbers start.
const SEED: u64 = 0x1234_5678_9abc_def0;

/// Takes some of the things that come by, drawn uniformly without replacement.
///
/// Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): the next thing is taken with the
/// probability (still wanted) ÷ (still to come). Numbers are drawn from a fixed seed.
pub(super) struct Choice {
    coming: usize,
    wanted: usize,
    draws: Draws,
}

impl Choice {
    /// Of `total` things at most `most`.
    pub fn new(total: usize, most: usize) -> Self {
        Self { coming: total, wanted: total.min(most), draws: Draws::new(SEED) }
    }

    /// To be asked once for each thing.
    pub fn takes_next(&mut self) -> bool {
        let is_taken = self.draws.below(self.coming) < self.wanted;
        self.coming = self.coming.saturating_sub(1);
        self.wanted -= usize::from(is_taken);
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(total: usize, most: usize) -> Vec<usize> {
        let mut choice = Choice::new(total, most);
        (0..total).filter(|_| choice.takes_next()).collect()
    }

    #[test]
    fn exactly_as_many_as_asked_in_order_and_the_same_again() {
        let some = chosen(10_000, 1000);
        assert_eq!(some.len(), 1000);
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(some, chosen(10_000, 1000));
        assert_eq!(chosen(5, 9), [0, 1, 2, 3, 4]);
        assert_eq!((chosen(5, 5).len(), chosen(5, 0).len()), (5, 0));
    }

    #[test]
    fn every_part_has_its_share() {
        let some = chosen(100_000, 10_000);
        for tenth in 0..10 {
            let share = some.iter().filter(|&&i| i / 10_000 == tenth).count();
            assert!(share.abs_diff(1000) < 120, "{tenth}: {share}");
        }
    }
}
