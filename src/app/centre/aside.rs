//! What waits for its run to come back, or to go on in another.

use crate::app::cloud_view::Places;
use crate::worker::RunId;

/// What was made in the scenes of a run, and which of them was shown, with its scale.
#[derive(Debug)]
pub(super) struct Aside {
    pub run: RunId,
    pub places: Places,
    pub shown: Option<(usize, f32)>,
}
