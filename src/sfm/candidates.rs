//! Which pairs of photos are worth matching.

use rayon::prelude::*;

use super::groups::largest_group;
use crate::matching::{Features, overlap};

/// So many photos are matched each with each other, where that is cheap.
pub(super) const EACH_WITH_EACH: usize = 20;
/// Fewer points that look alike are chance.
const LEAST_OVERLAP: usize = 10;
/// A photo is matched with so many others that show most of the same.
const BEST: usize = 10;
/// And with so many before and after it: photos of a walk, or a film, come in order.
const BESIDE: usize = 2;

/// How much photos show the same things, by pairs in ascending order.
pub(super) struct Overlaps {
    photos: usize,
    pairs: Vec<([usize; 2], usize)>,
}

impl Overlaps {
    /// Holds every photo against every other, by its telling points.
    pub fn of(found: &[Option<Features>]) -> Self {
        let pairs = each_with_each(found.len());
        let hold = |photos: [usize; 2]| {
            let [Some(a), Some(b)] = photos.map(|photo| found[photo].as_ref()) else { return None };
            Some((photos, overlap(a, b)))
        };
        Self { photos: found.len(), pairs: pairs.into_par_iter().filter_map(hold).collect() }
    }

    /// Pairs in which there is something to match: for each photo those with most overlap, and its neighbours in the list.
    pub fn pairs(&self) -> Vec<[usize; 2]> {
        let mut best: Vec<Vec<(usize, [usize; 2])>> = vec![Vec::new(); self.photos];
        for &(photos, overlap) in self.pairs.iter().filter(|(_, overlap)| *overlap >= LEAST_OVERLAP) {
            photos.iter().for_each(|&photo| best[photo].push((overlap, photos)));
        }
        let mut pairs: Vec<[usize; 2]> = Vec::new();
        for mut best in best {
            best.sort_by_key(|(overlap, photos)| (std::cmp::Reverse(*overlap), *photos));
            pairs.extend(best.into_iter().take(BEST).map(|(_, photos)| photos));
        }
        let beside = self.pairs.iter().filter(|([a, b], _)| b - a <= BESIDE);
        pairs.extend(beside.map(|(photos, _)| *photos));
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Photos that may be of one place: the largest group of those that show the same things.
    pub fn group(&self) -> Vec<usize> {
        let alike = self.pairs.iter().filter(|(_, overlap)| *overlap >= LEAST_OVERLAP);
        largest_group(self.photos, alike.map(|(photos, _)| *photos))
    }
}

/// All pairs, in ascending order.
pub(super) fn each_with_each(photos: usize) -> Vec<[usize; 2]> {
    (0..photos).flat_map(|a| (a + 1..photos).map(move |b| [a, b])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_with_most_overlap_and_neighbours() {
        // 30 photos: those of one ten show the same, the more the nearer; the last shows nothing.
        let overlap = |[a, b]: [usize; 2]| if a / 10 == b / 10 && b < 29 { 100 - (b - a) } else { 3 };
        let pairs = each_with_each(30).into_iter().map(|pair| (pair, overlap(pair))).collect();
        let overlaps = Overlaps { photos: 30, pairs };
        let pairs = overlaps.pairs();
        assert!(pairs.is_sorted() && pairs.windows(2).all(|two| two[0] != two[1]));
        assert!(pairs.contains(&[0, 9]) && pairs.contains(&[9, 10]) && pairs.contains(&[28, 29]));
        assert!(!pairs.contains(&[0, 12]) && !pairs.contains(&[9, 12]));
        assert_eq!(overlaps.group(), (0..10).collect::<Vec<_>>());
        let many = Overlaps { photos: 40, pairs: each_with_each(40).into_iter().map(|pair| (pair, 50)).collect() };
        assert!(many.pairs().len() < 40 * (BEST + BESIDE) && many.group().len() == 40);
        assert!(Overlaps::of(&[None, None]).pairs().is_empty());
    }
}
