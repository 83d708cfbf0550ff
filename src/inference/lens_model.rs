//! The lens of photos that do not say which it was, from a network that predicts cameras.

use candle_core::Tensor;

use super::engine::Loaded;
use super::estimate::wants_lens;
use super::prepare::Ready;
use super::run::Run;
use super::{InferenceError, RunStage};
use crate::geometry::{Intrinsics, decode_pose};
use crate::input::preprocess::normalise;
use crate::model::{Conditioning, ModelError, Watch};

impl Run<'_> {
    /// Asks the network for lenses about every photo of a pass whose lens nobody knows.
    pub fn find_lenses(&self, group: &mut [Ready]) -> Result<(), InferenceError> {
        if wants_lens(self.settings).is_none() {
            return Ok(());
        }
        for ready in group.iter_mut().filter(|ready| ready.lens.is_none() && ready.focal.is_none()) {
            ready.estimated = self.timed(RunStage::Backbone, 1, |loaded, watch| lens_of(loaded, watch, ready))?;
        }
        Ok(())
    }
}

fn lens_of(loaded: &Loaded, watch: &dyn Watch, ready: &Ready) -> Result<Option<Intrinsics>, InferenceError> {
    let Some(network) = &loaded.lens_network else { return Ok(None) };
    let [width, height] = ready.size();
    let shape = (1, 3, height as usize, width as usize);
    let image = Tensor::from_vec(normalise(&ready.image), shape, loaded.opened.device()).map_err(ModelError::from)?;
    let encoded = network.encode(&image, &Conditioning::default(), watch)?;
    let pose = encoded.poses.and_then(|poses| poses.first().copied());
    Ok(pose.map(|pose| decode_pose(&pose, width, height).1))
}
