//! What can go wrong on a graphics card.

use thiserror::Error;

/// None of it is a photo's fault. Results that were read before stay what they are.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GpuError {
    /// The machine's: no driver.
    #[error("no graphics card that can calculate was found")]
    NoAdapter,
    /// Whoever named it can name another.
    #[error("no graphics card that can calculate is called “{wanted}” (WGPU_ADAPTER_NAME); there are: {there}")]
    NoSuchCard { wanted: String, there: String },
    /// The driver's.
    #[error("the graphics card {card} cannot be opened: {reason}")]
    NotOpened { card: String, reason: String },
    /// The card's.
    #[error("the graphics card {card} is too small: {what} may be {has} at most, and {needed} are needed")]
    TooSmall { card: String, what: &'static str, has: u64, needed: u64 },
    /// Memory: fewer views at once need less.
    #[error("the graphics card has no room for {bytes} bytes more")]
    OutOfMemory { bytes: u64 },
    /// One array of a network is larger than the card binds.
    #[error("an array of {bytes} bytes is more than the {most} that the graphics card takes at once")]
    TooLarge { bytes: u64, most: u64 },
    /// The driver's or the system's: it was taken away, or reset.
    #[error("the graphics card was lost: {reason}")]
    Lost { reason: String },
    /// The driver's.
    #[error("the graphics card's driver does not take the kernel {kernel}: {reason}")]
    Kernel { kernel: &'static str, reason: String },
    /// The driver's.
    #[error("the graphics card's driver complains: {reason}")]
    Driver { reason: String },
    /// The driver's: some of the work was never done, and it did not say so.
    #[error("the graphics card has left out work: it came to {done} of {asked} parts")]
    LeftOut { asked: u32, done: u32 },
}
