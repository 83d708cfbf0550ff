//! What can go wrong between two photos.

use crate::model::ModelError;
use crate::model::xfeat::SIDE;

/// Why no features or matches were found. No match is none of these: it is an empty list.
#[derive(Debug, thiserror::Error)]
pub enum MatchingError {
    /// The weights, or whoever watches the run and has ended it.
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(
        "a photo that is looked at in {width}×{height} pixels is too small to find points in: both sides need {SIDE} at \
         least"
    )]
    TooSmall { width: u32, height: u32 },
}
