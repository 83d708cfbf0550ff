//! How far a download is, and how fast.

use std::time::{Duration, Instant};

/// What is going on.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Another program is fetching the same file; this one waits for it.
    Waiting,
    Downloading {
        done: u64,
        total: u64,
        /// `None` in the first moments.
        bytes_per_sec: Option<f64>,
    },
    /// The connection failed; the next attempt follows after `wait`.
    Retrying { attempt: u32, wait: Duration, why: String },
    /// The whole file is read again and compared with its digest.
    Checking { done: u64, total: u64 },
}

/// Time between two reports.
const PACE: Duration = Duration::from_millis(100);
/// A rate is that of about the last seconds.
const MEMORY_SECS: f64 = 3.0;

/// Counts bytes, and says when it is worth telling.
pub(super) struct Meter {
    total: u64,
    done: u64,
    told: Option<Instant>,
    told_done: u64,
    bytes_per_sec: Option<f64>,
}

impl Meter {
    pub fn new(done: u64, total: u64) -> Self {
        Self { total, done, told: None, told_done: done, bytes_per_sec: None }
    }

    /// Adds bytes; true where a report is due: at the first byte, at the last and now and then between.
    pub fn add(&mut self, bytes: u64) -> bool {
        self.done += bytes;
        let Some(told) = self.told else {
            self.tell(Instant::now());
            return true;
        };
        let passed = told.elapsed();
        if passed < PACE && self.done < self.total {
            return false;
        }
        let secs = passed.as_secs_f64().max(1e-3);
        let rate = (self.done - self.told_done) as f64 / secs;
        let weight = 1.0 - (-secs / MEMORY_SECS).exp();
        self.bytes_per_sec = Some(self.bytes_per_sec.map_or(rate, |before| before + weight * (rate - before)));
        self.tell(told + passed);
        true
    }

    fn tell(&mut self, now: Instant) {
        self.told = Some(now);
        self.told_done = self.done;
    }

    pub fn done(&self) -> u64 {
        self.done
    }

    pub fn downloading(&self) -> Progress {
        Progress::Downloading { done: self.done, total: self.total, bytes_per_sec: self.bytes_per_sec }
    }

    pub fn checking(&self) -> Progress {
        Progress::Checking { done: self.done, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_due_at_the_first_and_the_last_byte() {
        let mut meter = Meter::new(10, 20);
        assert_eq!([meter.add(1), meter.add(1), meter.add(8)], [true, false, true]);
        assert!(matches!(meter.downloading(), Progress::Downloading { done: 20, total: 20, bytes_per_sec: Some(_) }));
    }
}
