//! Where photos were taken, from the points that they share (structure from motion).
//!
//! What is known of the lenses and which points of the photos are the same goes in; cameras and points come out. The solver is
//! openmvg-sfm; nothing of it shows outside of this room, so that another can take its place.

mod error;
mod lens;
mod pair;
mod photos;
mod solve;

pub use error::SfmError;
pub use lens::LensPrior;
pub use photos::{Follow, Scene, Shot, Way, cameras_of};
pub use solve::{PairMatches, Solved, SolvedCamera, SolvedPoint, SolverView, solve};
