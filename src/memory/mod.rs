//! What the machine and this process have and use, sampled while the program runs.

/// One look at the memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Seconds since the program started.
    pub at_secs: f64,
    /// Resident memory of this process.
    pub resident_bytes: u64,
    /// Largest resident memory of this process so far.
    pub peak_bytes: u64,
    /// What the system says could still be used without swapping.
    pub free_bytes: u64,
    /// All memory of the machine (or of the container, where that is less).
    pub total_bytes: u64,
}
