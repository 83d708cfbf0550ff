//! Resident, peak and free memory, as the system tells them.

use std::time::Instant;

use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

use super::{Room, address_space};

/// One look at the memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Seconds since the sampler was made.
    pub at_secs: f64,
    /// Resident memory of this process.
    pub resident_bytes: u64,
    /// Largest resident memory seen so far.
    pub peak_bytes: u64,
    /// What could still be used without swapping, within the limits that are set for this process.
    pub free_bytes: u64,
    /// The same without the limit of addresses, which do not all hold memory.
    pub system_free_bytes: u64,
    /// All memory of the machine, or of the container or the limit of this process where that is less.
    pub total_bytes: u64,
    /// Of the whole machine.
    pub swap_used_bytes: u64,
    /// A graphics card's own memory, or what an Apple GPU may use of the machine's; absent while none is open.
    pub card: Option<CardMemory>,
    /// Weights of the model that is loaded, as this program counts them.
    pub model_bytes: u64,
    /// Everything of a megabyte and more that this program holds, as it counts it itself: the model, a run at work, results.
    pub held_bytes: u64,
}

/// The memory of a graphics card, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CardMemory {
    pub used_bytes: u64,
    pub total_bytes: u64,
    /// It is the machine's own memory, as on a Mac.
    pub is_shared: bool,
}

impl CardMemory {
    pub fn free_bytes(&self) -> u64 {
        self.total_bytes.saturating_sub(self.used_bytes)
    }
}

impl Sample {
    /// Whether a person would see the difference: 8 MiB of this process, or a fiftieth of the machine.
    pub fn differs_from(&self, other: &Self) -> bool {
        self.resident_bytes.abs_diff(other.resident_bytes) > 8 << 20
            || self.peak_bytes.abs_diff(other.peak_bytes) > 8 << 20
            || self.free_bytes.abs_diff(other.free_bytes) > self.total_bytes / 50
            || self.model_bytes != other.model_bytes
            || self.card.is_some() != other.card.is_some()
            || self.card_used().abs_diff(other.card_used()) > 8 << 20
    }

    fn card_used(&self) -> u64 {
        self.card.map_or(0, |card| card.used_bytes)
    }

    /// What a run may use.
    pub fn room(&self) -> Room {
        Room {
            free_bytes: self.free_bytes,
            card_free_bytes: self.card.map(|card| card.free_bytes()),
            card_is_shared: self.card.is_some_and(|card| card.is_shared),
        }
    }
}

/// Addresses that do not hold memory, but are taken while a run goes on: gaps in heaps, stacks of threads, files that are
/// looked at.
const OTHER_ADDRESSES: u64 = 16 << 20;

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
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        let resident_bytes = self.process.map_or(0, |pid| resident(system, pid));
        self.peak_bytes = self.peak_bytes.max(resident_bytes);
        let (mut free_bytes, mut total_bytes) = (system.available_memory(), system.total_memory());
        // A limit may be set for all processes of a container or for a group of them that this one is in.
        let of_process = self.process.and_then(|pid| system.process(pid)?.cgroup_limits());
        for limits in [system.cgroup_limits(), of_process].into_iter().flatten() {
            if limits.total_memory < total_bytes {
                // What files are cached counts against the limit, but gives way.
                free_bytes = free_bytes.min(limits.total_memory.saturating_sub(limits.rss));
                total_bytes = limits.total_memory;
            }
        }
        let system_free_bytes = free_bytes;
        if let Some(space) = address_space() {
            let free = space.limit_bytes.saturating_sub(space.used_bytes);
            free_bytes = free_bytes.min(free.saturating_sub(OTHER_ADDRESSES));
            total_bytes = total_bytes.min(space.limit_bytes);
        }
        Sample {
            at_secs,
            resident_bytes,
            peak_bytes: self.peak_bytes,
            free_bytes,
            system_free_bytes,
            total_bytes,
            swap_used_bytes: system.used_swap(),
            ..Sample::default()
        }
    }

    /// Resident memory of this process, in bytes.
    pub fn resident_bytes(&mut self) -> u64 {
        let (Some(system), Some(pid)) = (&mut self.system, self.process) else { return 0 };
        resident(system, pid)
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
