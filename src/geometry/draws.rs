//! Random draws that are the same on every machine and in every run.

/// A generator of 64-bit numbers (SplitMix64: Steele, Lea and Flood 2014).
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `count` − 1; `count` is at least 1. Its bias, of 2⁻⁶⁴ · `count`, does not matter here.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// Moves `count` of the `items` to the front, each set of them as likely as any other.
    pub fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for place in 0..count.min(items.len()) {
            let other = place + self.below(items.len() - place);
            items.swap(place, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_chosen_about_equally_often_and_never_twice() {
        let (mut draws, mut counts) = (Draws::new(1), [0; 10]);
        for _ in 0..10_000 {
            let mut items: Vec<usize> = (0..10).collect();
            draws.choose(&mut items, 3);
            items[..3].iter().for_each(|&item| counts[item] += 1);
            items.sort_unstable();
            assert_eq!(items, (0..10).collect::<Vec<_>>());
        }
        assert!(counts.iter().all(|count| (2800..3200).contains(count)), "{counts:?}");
    }

    #[test]
    fn numbers_are_those_of_splitmix64() {
        let mut draws = Draws::new(1_234_567);
        assert_eq!([draws.next(), draws.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let drawn = |seed| {
            let mut items: Vec<usize> = (0..100).collect();
            Draws::new(seed).choose(&mut items, 8);
            items[..8].to_vec()
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }
}
