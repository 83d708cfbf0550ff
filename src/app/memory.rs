//! The last two minutes of memory samples.

use std::collections::VecDeque;

use crate::memory::Sample;

/// Seconds of history that are kept and plotted.
pub const KEPT_SECS: f64 = 120.0;

/// Samples of the last [`KEPT_SECS`] seconds, the oldest first.
#[derive(Debug, Default)]
pub struct MemoryHistory {
    samples: VecDeque<Sample>,
}

impl MemoryHistory {
    pub fn add(&mut self, sample: Sample) {
        self.samples.push_back(sample);
        while self.samples.front().is_some_and(|first| first.at_secs < sample.at_secs - KEPT_SECS) {
            self.samples.pop_front();
        }
    }

    pub fn latest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// Age in seconds (0 or less) and resident gigabytes of each sample.
    pub fn points(&self) -> Vec<[f64; 2]> {
        let Some(latest) = self.latest() else { return Vec::new() };
        let point = |sample: &Sample| [sample.at_secs - latest.at_secs, sample.resident_bytes as f64 / 1e9];
        self.samples.iter().map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_minutes_are_kept() {
        let mut history = MemoryHistory::default();
        for second in 0..500 {
            history.add(Sample { at_secs: f64::from(second), resident_bytes: 1_000_000_000, ..Sample::default() });
        }
        assert_eq!(history.points().len(), 121);
        assert_eq!(history.points()[0], [-120.0, 1.0]);
    }
}
