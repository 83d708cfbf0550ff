//! What the machine and this process have and use, sampled while the program runs.

mod address_space;
mod machine;
mod peak;
mod sampler;
mod status;

pub use address_space::{AddressSpace, address_space};
pub use machine::Machine;
pub use peak::{PeakWatch, peak_since_start};
pub use sampler::{Sample, Sampler};
