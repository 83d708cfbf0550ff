//! What the machine and this process have and use, what a run needs of it, and what is remembered of earlier runs.

mod address_space;
mod calibration;
pub mod kept;
mod machine;
mod need;
mod paces;
mod peak;
mod sampler;
mod status;
mod unfinished;

pub use address_space::{AddressSpace, address_space};
pub use calibration::Calibration;
pub use machine::Machine;
pub use need::{Fit, Need, Room, shown_bytes};
pub use paces::Paces;
pub use peak::{PeakWatch, peak_since_start};
pub use sampler::{CardMemory, Sample, Sampler};
pub use unfinished::{Posted, RunNote, post, take_unfinished};
