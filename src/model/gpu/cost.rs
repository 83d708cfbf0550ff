//! What work costs, reckoned from its sizes: the time that it takes on any card follows.

use std::ops::Add;
use std::time::Duration;

/// Operations and memory of one dispatch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Additions and multiplications.
    pub flop: u64,
    /// Read and written, each array once.
    pub bytes: u64,
}

impl Cost {
    /// Of this many operations over so many numbers of f32.
    pub fn of(flop: usize, numbers: usize) -> Self {
        Self { flop: flop as u64, bytes: 4 * numbers as u64 }
    }

    /// How long it takes where so many operations and so many bytes go through in a second.
    pub fn time(&self, flops: f64, bandwidth: f64) -> Duration {
        Duration::from_secs_f64((self.flop as f64 / flops).max(self.bytes as f64 / bandwidth))
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { flop: self.flop + other.flop, bytes: self.bytes + other.bytes }
    }
}

/// What a run asked of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reckoned {
    /// In their order: the kernel, and what it costs.
    pub dispatches: Vec<(&'static str, Cost)>,
    /// By submission, the number of dispatches before its end.
    pub submissions: Vec<usize>,
}

impl Reckoned {
    /// With what was asked for afterwards.
    pub fn append(&mut self, other: Self) {
        let before = self.dispatches.len();
        self.dispatches.extend(other.dispatches);
        self.submissions.extend(other.submissions.into_iter().map(|end| before + end));
    }

    pub fn total(&self) -> Cost {
        self.dispatches.iter().fold(Cost::default(), |sum, (_, cost)| sum + *cost)
    }
}
