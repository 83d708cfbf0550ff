//! What the machine and this process have and use, sampled while the program runs.

mod peak;
mod sampler;

pub use peak::PeakWatch;
pub use sampler::{Sample, Sampler};
