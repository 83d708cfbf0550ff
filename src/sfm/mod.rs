//! Where photos were taken, from the points that they share (structure from motion).
//!
//! What is known of the lenses and which points of the photos are the same goes in; cameras and points come out. The solver is
//! openmvg-sfm; nothing of it shows outside of this room, so that another can take its place.

mod agreement;
mod anchored;
mod aside;
mod candidates;
mod consistent;
mod epipolar;
mod error;
mod explained;
mod fit;
mod follow;
mod given;
mod graph;
mod groups;
mod kind;
mod lens;
mod lifted;
mod matches;
mod one_scene;
mod pair;
mod photos;
mod placing;
mod polish;
mod refined;
mod search;
mod solve;
mod solved;
mod straight;
mod told;
mod weak_depth;

pub use error::SfmError;
pub use follow::{Doing, Follow};
pub use given::{LensPrior, PairMatches, Shot, SolverView};
pub use kind::Kind;
pub use one_scene::{OneScene, WhyLeftOut, one_scene};
pub use photos::{Scene, cameras_of};
pub use refined::refined;
pub use search::matching_bytes;
pub use solve::solve;
pub use solved::{Solved, SolvedCamera, SolvedPoint};
