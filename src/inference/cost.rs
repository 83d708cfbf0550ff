//! How far a run has come, from what its parts cost relative to each other.

use std::cell::Cell;

/// Of one view.
const DECODE: f32 = 1.0;
const BACKBONE: f32 = 10.0;
const HEAD: f32 = 9.0;

/// A part of a run's work.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    Decode,
    /// So many views at once.
    Backbone(usize),
    Head,
}

impl Part {
    fn cost(self) -> f32 {
        match self {
            Self::Decode => DECODE,
            Self::Backbone(views) => BACKBONE * views as f32,
            Self::Head => HEAD,
        }
    }
}

/// What is to be done.
pub struct Workload {
    pub photos: usize,
    /// Views that passes look at again.
    pub repeated: usize,
    /// Each view is looked at by two networks. The second costs about what the first does: it is smaller, its head is not.
    pub twice: bool,
    /// Another network is asked about lenses.
    pub lenses: bool,
}

/// What of the work is done.
pub struct Progress {
    all: f32,
    done: Cell<f32>,
}

impl Progress {
    pub fn new(workload: &Workload) -> Self {
        let photos = workload.photos as f32;
        let looks = (photos + workload.repeated as f32) * if workload.twice { 2.0 } else { 1.0 };
        let lenses = if workload.lenses { photos * BACKBONE } else { 0.0 };
        Self { all: photos * DECODE + looks * (BACKBONE + HEAD) + lenses, done: Cell::new(0.0) }
    }

    /// A part is done, or will never be.
    pub fn add(&self, part: Part) {
        self.done.set(self.done.get() + part.cost());
    }

    /// 0 to 1, while this share of a part is done beside those that are.
    pub fn with(&self, share: f32, part: Part) -> f32 {
        ((self.done.get() + share * part.cost()) / self.all).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_together_are_the_whole() {
        let progress = Progress::new(&Workload { photos: 3, repeated: 1, twice: true, lenses: false });
        (0..3).for_each(|_| progress.add(Part::Decode));
        assert!((progress.with(0.5, Part::Backbone(2)) - 13.0 / 155.0).abs() < 1e-6);
        for _ in 0..2 {
            progress.add(Part::Backbone(4));
            (0..4).for_each(|_| progress.add(Part::Head));
        }
        assert_eq!(progress.with(0.0, Part::Decode), 1.0);
    }
}
