//! Resident, peak and free memory, as the system tells them.

use std::time::Instant;

use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// One look at the memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Seconds since the sampler was made.
    pub at_secs: f64,
    /// Resident memory of this process.
    pub resident_bytes: u64,
    /// Largest resident memory seen so far.
    pub peak_bytes: u64,
    /// What the system says could still be used without swapping.
    pub free_bytes: u64,
    /// All memory of the machine, or of the container where that is less.
    pub total_bytes: u64,
}

impl Sample {
    /// Whether a person would see the difference: 8 MiB of this process, or a fiftieth of the machine.
    pub fn differs_from(&self, other: &Self) -> bool {
        self.resident_bytes.abs_diff(other.resident_bytes) > 8 << 20
            || self.peak_bytes.abs_diff(other.peak_bytes) > 8 << 20
            || self.free_bytes.abs_diff(other.free_bytes) > self.total_bytes / 50
    }
}

/// Looks at the memory again and again.
pub struct Sampler {
    /// Absent on systems that `sysinfo` cannot read.
    system: Option<System>,
    process: Option<Pid>,
    started: Instant,
    peak_bytes: u64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            system: System::new_with_specifics(RefreshKind::nothing()).ok(),
            process: sysinfo::get_current_pid().ok(),
            started: Instant::now(),
            peak_bytes: 0,
        }
    }
}

impl Sampler {
    /// Takes a sample. Numbers that the system does not tell are 0.
    pub fn sample(&mut self) -> Sample {
        let at_secs = self.started.elapsed().as_secs_f64();
        let Some(system) = &mut self.system else { return Sample { at_secs, ..Sample::default() } };
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let resident_bytes = self.process.map_or(0, |pid| resident(system, pid));
        self.peak_bytes = self.peak_bytes.max(resident_bytes);
        let (mut free_bytes, mut total_bytes) = (system.available_memory(), system.total_memory());
        if let Some(limits) = system.cgroup_limits().filter(|limits| limits.total_memory < total_bytes) {
            (free_bytes, total_bytes) = (free_bytes.min(limits.free_memory), limits.total_memory);
        }
        Sample { at_secs, resident_bytes, peak_bytes: self.peak_bytes, free_bytes, total_bytes }
    }
}

fn resident(system: &mut System, pid: Pid) -> u64 {
    let refresh = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, refresh);
    system.process(pid).map_or(0, |process| process.memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_are_no_news() {
        let sample = Sample { resident_bytes: 1 << 30, total_bytes: 8 << 30, free_bytes: 4 << 30, ..Sample::default() };
        assert!(!Sample { resident_bytes: (1 << 30) + 4096, ..sample }.differs_from(&sample));
        assert!(Sample { resident_bytes: (1 << 30) + (20 << 20), ..sample }.differs_from(&sample));
        assert!(Sample { free_bytes: 3 << 30, ..sample }.differs_from(&sample));
    }

    #[test]
    fn sees_memory_that_is_taken_and_remembers_the_peak() {
        let mut sampler = Sampler::default();
        let before = sampler.sample();
        assert!(before.total_bytes >= before.free_bytes && before.free_bytes > 0);
        assert!(before.resident_bytes > 1 << 20, "a process is larger than a megabyte");
        let block = vec![1u8; 256 << 20];
        let during = sampler.sample();
        assert!(during.resident_bytes > before.resident_bytes + (128 << 20));
        assert_eq!(block.iter().map(|&b| u64::from(b)).sum::<u64>(), 256 << 20);
        drop(block);
        assert!(sampler.sample().peak_bytes >= during.resident_bytes);
    }
}
