//! The last two minutes of memory samples.

use std::collections::VecDeque;

use crate::memory::Sample;
use crate::worker::Stage;

/// Seconds of history that are kept and plotted.
pub const KEPT_SECS: f64 = 120.0;
/// Least time between two points of a plot.
const LEAST_STEP_SECS: f64 = 0.5;

/// Samples of the last [`KEPT_SECS`] seconds, the oldest first, and when a run came to which stage.
#[derive(Debug, Default)]
pub struct MemoryHistory {
    samples: VecDeque<Sample>,
    /// When a stage began, or, without one, when a run ended.
    marks: VecDeque<(f64, Option<Stage>)>,
}

impl MemoryHistory {
    pub fn add(&mut self, sample: Sample) {
        self.samples.push_back(sample);
        while self.samples.front().is_some_and(|first| first.at_secs < sample.at_secs - KEPT_SECS) {
            self.samples.pop_front();
        }
        while self.marks.front().is_some_and(|first| first.0 < sample.at_secs - KEPT_SECS) {
            self.marks.pop_front();
        }
    }

    /// A run has come to this stage, or, without one, to its end. A stage that goes on is marked where it began.
    pub fn mark(&mut self, stage: Option<Stage>) {
        let at_secs = self.latest().map_or(0.0, |latest| latest.at_secs);
        if self.marks.back().is_none_or(|last| last.1 != stage) {
            self.marks.push_back((at_secs, stage));
        }
    }

    /// Stages with the ages in seconds (0 or less) between which they went on, the oldest first.
    pub fn stages(&self) -> impl Iterator<Item = (Stage, [f64; 2])> {
        let now = self.latest().map_or(0.0, |latest| latest.at_secs);
        let ends = self.marks.iter().skip(1).map(|mark| mark.0).chain([now]);
        let spans = self.marks.iter().zip(ends);
        spans.filter_map(move |(&(from, stage), to)| Some((stage?, [from - now, to - now])))
    }

    pub fn latest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// Age in seconds (0 or less) and resident gigabytes of each sample; of those within half a second the largest, because
    /// a line cannot turn within its own width.
    pub fn points(&self) -> Vec<[f64; 2]> {
        let Some(latest) = self.latest() else { return Vec::new() };
        let mut points: Vec<[f64; 2]> = Vec::with_capacity(self.samples.len());
        for sample in &self.samples {
            let [age, gigabytes] = [sample.at_secs - latest.at_secs, sample.resident_bytes as f64 / 1e9];
            match points.last_mut() {
                Some(last) if age - last[0] < LEAST_STEP_SECS => last[1] = last[1].max(gigabytes),
                _ => points.push([age, gigabytes]),
            }
        }
        points
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

    #[test]
    fn of_samples_close_together_the_largest_is_drawn() {
        let mut history = MemoryHistory::default();
        for (at_secs, resident_bytes) in [(0.0, 1), (0.2, 3), (0.4, 2), (1.0, 1)] {
            history.add(Sample { at_secs, resident_bytes: resident_bytes * 1_000_000_000, ..Sample::default() });
        }
        assert_eq!(history.points(), [[-1.0, 3.0], [0.0, 1.0]]);
    }

    #[test]
    fn a_stage_is_marked_where_it_begins() {
        let mut history = MemoryHistory::default();
        let mut at = |second: u32, stage| {
            history.add(Sample { at_secs: f64::from(second), ..Sample::default() });
            history.mark(stage);
        };
        (0..5).for_each(|second| at(second, Some(Stage::Backbone)));
        (5..9).for_each(|second| at(second, Some(Stage::Head)));
        at(9, None);
        at(11, None);
        let stages: Vec<_> = history.stages().collect();
        assert_eq!(stages, [(Stage::Backbone, [-11.0, -6.0]), (Stage::Head, [-6.0, -2.0])]);
        history.add(Sample { at_secs: 124.0, ..Sample::default() });
        assert_eq!(history.stages().count(), 1, "the first is too old");
    }
}
