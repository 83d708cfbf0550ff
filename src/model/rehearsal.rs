//! A network without its numbers: loaded and run as shapes on a pretended device, so that what it takes of that device is
//! known before.

use candle_core::{DType, Device, Tensor};

use super::candle::array::{Event, Kind, peak_bytes, rehearse, rehearse_briefly, rehearsed, swept};
use super::shapes::Shapes;
use super::{Conditioning, Kept, ModelError, Network, Options, PassShape, Preset, Reference, Step, Watch};
use crate::geometry::{Intrinsics, Rigid};

/// Waits for the device where a run does.
struct Sweeping;

impl Watch for Sweeping {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        if matches!(step, Step::Features { .. } | Step::Head { .. }) {
            swept();
        }
        Ok(())
    }
}

/// What a network asks of a device.
pub struct Rehearsal {
    kind: Kind,
    /// While it is loaded.
    pub load: Vec<Event>,
    /// While a pass goes through it.
    pub pass: Vec<Event>,
}

impl Rehearsal {
    /// A pass of these shapes on candle, on a device of this kind: the backbone over all views, the head over each.
    ///
    /// # Errors
    /// What the network says about sizes or formats that it does not take.
    pub fn of(preset: Preset, kept: Kept, shape: &PassShape, kind: Kind) -> Result<Self, ModelError> {
        Self::new(preset, kept, shape, kind, false)
    }

    /// The same without what changes nothing of the memory taken: most of the views one by one. Some ten times as fast.
    pub fn brief(preset: Preset, kept: Kept, shape: &PassShape, kind: Kind) -> Result<Self, ModelError> {
        Self::new(preset, kept, shape, kind, true)
    }

    fn new(preset: Preset, kept: Kept, shape: &PassShape, kind: Kind, is_brief: bool) -> Result<Self, ModelError> {
        let weights = Shapes::of(preset);
        let Kept { format, rays, poses, gaussians, .. } = kept;
        let options = Options { format, kernels: false, rays, poses, gaussians, ..Options::default() };
        let heads = if is_brief { 1 } else { shape.views };
        let work = || {
            let network = Network::new(&weights, preset, &Device::Cpu, &options)?;
            swept();
            run(&network, shape, heads, poses)
        };
        let (result, mut load) = if is_brief { rehearse_briefly(kind, work) } else { rehearse(kind, work) };
        result?;
        let loaded = load.iter().position(|event| *event == Event::Sweep).unwrap_or(load.len());
        let pass = load.split_off(loaded);
        Ok(Self { kind, load, pass })
    }

    /// Bytes of the device that the loaded network holds.
    pub fn weight_bytes(&self) -> u64 {
        peak_bytes(self.kind, &self.load)
    }

    /// The most bytes of the device that the pass takes beside them.
    pub fn pass_bytes(&self) -> u64 {
        peak_bytes(self.kind, &[self.load.as_slice(), &self.pass].concat()) - self.weight_bytes()
    }
}

fn run(network: &Network, shape: &PassShape, heads: usize, has_poses: bool) -> Result<(), ModelError> {
    let &PassShape { views, height, width, tile_bytes, .. } = shape;
    // One number, seen as often as there are pixels: only its shape counts.
    let images = Tensor::zeros(1, DType::F32, &Device::Cpu)?.broadcast_as((views, 3, height, width))?;
    let images = if rehearsed().is_some() { images } else { images.contiguous()? };
    let camera = (Rigid::IDENTITY, Intrinsics::centred(width as f32, width as u32, height as u32));
    let poses = has_poses.then(|| vec![camera; views]);
    // Views change places for any reference but the first.
    let reference = Some(Reference::Middle);
    let conditioning =
        Conditioning { reference, poses: poses.as_deref(), tile_bytes: Some(tile_bytes), ..Conditioning::default() };
    let encoded = network.encode(&images, &conditioning, &Sweeping)?;
    swept();
    for view in encoded.views.into_iter().take(heads) {
        network.decode(view, &Sweeping)?;
        swept();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
