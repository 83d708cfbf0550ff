//! Views after the backbone, wherever their numbers lie.

use std::any::Any;

use super::ModelError;
use super::watch::Shown;
use crate::geometry::PoseEncoding;

/// All views of a pass after the backbone.
pub struct Encoded {
    /// What the heads need of each view.
    pub views: Vec<EncodedView>,
    /// One camera per view, where the network predicts cameras.
    pub poses: Option<Vec<PoseEncoding>>,
    /// Token 0 of the last level, [S, 2C], where the network predicts cameras.
    pub camera_tokens: Option<Box<dyn Shown + Send + Sync>>,
    /// The camera encoder's tokens [S, C], where poses were given.
    pub given_tokens: Option<Box<dyn Shown + Send + Sync>>,
}

/// One view after the backbone, some 20 MB with DA3-Base at 504×336. A clone shares the numbers.
pub struct EncodedView(Box<dyn Held>);

/// What only the network that made it can use.
pub(super) trait Held: Any + Send + Sync {
    fn twin(&self) -> Box<dyn Held>;

    /// Four tensors [N, D], shallow to deep.
    fn levels(&self) -> Vec<&dyn Shown>;
}

impl EncodedView {
    pub(super) fn new(view: impl Held) -> Self {
        Self(Box::new(view))
    }

    /// The view as it was given to [`Self::new`].
    pub(super) fn open<T: Held>(self) -> Result<T, ModelError> {
        let view: Box<dyn Any> = self.0;
        match view.downcast() {
            Ok(view) => Ok(*view),
            Err(_) => Err(candle_core::Error::Msg("a view was given to a network that did not make it".into()).into()),
        }
    }

    /// Four tensors [N, D], shallow to deep.
    pub fn levels(&self) -> Vec<&dyn Shown> {
        self.0.levels()
    }
}

impl Clone for EncodedView {
    fn clone(&self) -> Self {
        Self(self.0.twin())
    }
}
