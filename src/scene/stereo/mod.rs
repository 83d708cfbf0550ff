//! What two eyes see of one photo: parallel cameras left and right of where it was taken, with their sensors shifted so that
//! one depth lies in the plane of the screen.

mod fill;
mod layout;
mod nearness;
mod pair;
mod parallax;
mod row;
#[cfg(test)]
mod tests;
mod warp;

pub use layout::StereoLayout;
pub use nearness::Nearness;
pub use pair::StereoPair;
pub use parallax::{EyeDistance, Eyes, Parallax};
