//! Pure maths on `glam` types: intrinsics, rigid poses, similarity alignment, un-projection.
//!
//! The camera frame is OpenCV's: x right, y down, z forward. Depth is z-depth, not ray length. Pixel centres sit at
//! integer coordinates (u = 0..W−1, no half-pixel shift).

mod alignment;
mod bent_lens;
mod distortion;
mod draws;
mod gaussian;
mod given_cameras;
mod intrinsics;
mod metres;
mod pose_encoding;
mod principal;
mod ray_pose;
mod reading;
mod rigid;
mod robust;
mod statistics;
mod straightening;

pub use alignment::{Similarity, glam_matrix, normalise_extrinsics, umeyama};
pub use bent_lens::BentLens;
pub use distortion::{Distortion, Projection};
pub use draws::Draws;
pub use gaussian::{GAUSSIAN_CHANNELS, Gaussian, GaussianCamera, HARMONICS};
pub use given_cameras::{GivenAlignment, align_given, wild_cameras};
pub use intrinsics::Intrinsics;
pub use metres::{AGREES, KnownDepth, MetreFit, NoFit, fit_scale, fit_scale_and_shift};
pub use pose_encoding::{PoseEncoding, decode_pose, encode_pose};
pub use principal::Principal;
pub use ray_pose::{RayMap, camera_of_rays};
pub use reading::Reading;
pub use rigid::Rigid;
pub use robust::{Match, RobustFit, robust_similarity};
pub use statistics::{median, percentile, percentiles, weighted_median};
pub use straightening::{Crooked, Straightening};
