//! Looks at the machine before each part of a run, so that a run ends in time instead of with the program.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Stage;
use crate::memory::{Sample, Sampler};
use crate::model::ModelError;
use crate::model::kernels::take_ran_short;

/// Asked before each part of a load or a run.
pub trait Sentry: Send + Sync {
    /// An error ends that part as if it had come from the device.
    fn check(&self, stage: Stage) -> Result<(), ModelError>;
}

/// Says when memory is short.
#[derive(Default)]
pub struct MemorySentry(Mutex<Watch>);

#[derive(Default)]
struct Watch {
    sampler: Sampler,
    looked: Option<Instant>,
}

/// Looking takes some tenths of a millisecond; a part of a run takes milliseconds.
const INTERVAL: Duration = Duration::from_millis(25);
/// Less than this part of all memory, within these bytes, is short: systems begin to swap or to end programs there.
const SHORT_PART: u64 = 100;
const SHORT_AT_LEAST: u64 = 24_000_000;
const SHORT_AT_MOST: u64 = 200_000_000;

fn is_short(sample: &Sample) -> bool {
    // A system that tells nothing is not short of anything. Addresses have a reserve of their own.
    sample.total_bytes > 0
        && sample.system_free_bytes < (sample.total_bytes / SHORT_PART).clamp(SHORT_AT_LEAST, SHORT_AT_MOST)
}

impl Sentry for MemorySentry {
    fn check(&self, _stage: Stage) -> Result<(), ModelError> {
        let Ok(mut watch) = self.0.lock() else { return Ok(()) };
        let ran_short = take_ran_short();
        if !ran_short && watch.looked.is_some_and(|at| at.elapsed() < INTERVAL) {
            return Ok(());
        }
        watch.looked = Some(Instant::now());
        let sample = watch.sampler.sample();
        if ran_short || is_short(&sample) {
            return Err(ModelError::OutOfMemory { free_bytes: sample.free_bytes });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_is_a_hundredth_of_the_machine_within_bounds() {
        let sample = |total_bytes, system_free_bytes| Sample { total_bytes, system_free_bytes, ..Sample::default() };
        assert!(is_short(&sample(8_000_000_000, 79_000_000)) && !is_short(&sample(8_000_000_000, 81_000_000)));
        assert!(is_short(&sample(256_000_000_000, 199_000_000)) && !is_short(&sample(256_000_000_000, 201_000_000)));
        assert!(is_short(&sample(1_000_000_000, 23_000_000)) && !is_short(&sample(1_000_000_000, 25_000_000)));
        assert!(!is_short(&Sample::default()));
    }
}
