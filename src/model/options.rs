//! What is asked of a network: when it is read, and for a pass.

use std::sync::Arc;

use candle_core::Device;

use super::gpu::Gpu;
use super::kept::Backend;
use super::kernels::Format;
use super::{ModelError, Reference};
use crate::geometry::{Intrinsics, Rigid};

/// What of a network is read, and how it is kept.
pub struct Options<'a> {
    /// How matrices are kept: the backbone's, and on kernels the heads' too. Cameras, norms and the ends of heads are
    /// always f32.
    pub format: Format,
    /// On a CPU, run on our own kernels instead of candle's operations.
    pub kernels: bool,
    /// A graphics card that our own shaders run on, in place of the device.
    pub card: Option<&'a Arc<Gpu>>,
    /// Read the camera encoder, for runs with known poses.
    pub poses: bool,
    /// Read the auxiliary branch, for rays.
    pub rays: bool,
    /// Read the head for 3D Gaussians, where there is one.
    pub gaussians: bool,
    /// Called with the bytes read so far; an error ends the load.
    pub on_bytes: &'a dyn Fn(u64) -> Result<(), ModelError>,
}

impl Options<'_> {
    pub(super) fn backend(&self, device: &Device) -> Backend {
        match self.card {
            Some(_) => Backend::Card,
            None if device.is_cpu() && self.kernels => Backend::Kernels,
            None => Backend::Candle,
        }
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            format: Format::F32,
            kernels: true,
            card: None,
            poses: false,
            rays: false,
            gaussians: false,
            on_bytes: &|_| Ok(()),
        }
    }
}

/// What a pass may be told beyond its images.
#[derive(Default)]
pub struct Conditioning<'a> {
    pub reference: Option<Reference>,
    /// Known cameras, one per view: w2c normalised to the first view, and intrinsics in pixels of the network's image.
    /// They need [`Options::poses`].
    pub poses: Option<&'a [(Rigid, Intrinsics)]>,
    /// Blocks whose outputs are asked for, in any order.
    pub export_features: &'a [usize],
    /// Most bytes that the scores of one tile of attention may take; [`super::TILE_BYTES`] where nothing is said.
    pub tile_bytes: Option<usize>,
}
