//! What the machine and this process have and use, sampled while the program runs.

mod machine;
mod peak;
mod sampler;

pub use machine::Machine;
pub use peak::{PeakWatch, peak_since_start};
pub use sampler::{Sample, Sampler};
