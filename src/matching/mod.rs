//! Points of photos that can be found again, and which of them are the same in two photos.
//!
//! [`Matcher`] finds the points of each photo by itself ([`Features`]), with XFeat, and compares those of two photos, with
//! LighterGlue; [`mutual_nearest`] is the plain way. Positions are pixels of the photo as it is shown, whole numbers at the
//! centres of pixels, as everywhere in [`crate::geometry`].

mod classical;
mod describe;
mod error;
mod features;
mod keypoints;
mod matcher;
mod nearest;
mod working_size;

pub use classical::{ClassicalFeatures, Detector};
pub use error::MatchingError;
pub use features::{FeatureSettings, Features, Match};
pub use matcher::Matcher;
pub use nearest::{mutual_nearest, overlap, telling};
