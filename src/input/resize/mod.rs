//! Resampling exactly as the networks' reference does it: area averages, 4-tap cubic, aligned-corner bilinear.
//!
//! General-purpose scalers are not used here: they antialias, align or round differently, and the networks' depth moves
//! by about a percent when the pixels they see do.

mod area;
mod bilinear;
mod cubic;

pub use area::area;
pub use bilinear::bilinear;
pub use cubic::{cubic, cubic_unrounded};
