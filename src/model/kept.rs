//! What decides how much memory a network and a pass through it take.

use super::candle::array::Kind;
use super::kernels::Format;

/// Whose operations a network runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Candle's, which every device has.
    Candle,
    /// Our own for CPUs.
    Kernels,
    /// Our own for every graphics card.
    Card,
}

/// What decides how much memory a network takes, beside its preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub backend: Backend,
    /// Of the device that it lies on.
    pub kind: Kind,
    pub format: Format,
    /// What the weight file holds; see [`super::Contents::exact_format_of`].
    pub stored: Format,
    /// With the auxiliary branch, see [`super::Options::rays`].
    pub rays: bool,
    /// With the camera encoder, see [`super::Options::poses`].
    pub poses: bool,
    /// With the head for 3D Gaussians, see [`super::Options::gaussians`].
    pub gaussians: bool,
}

/// One pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassShape {
    pub views: usize,
    /// Pixels of the network's images, multiples of 14.
    pub height: usize,
    pub width: usize,
    /// Most bytes of one tile of attention.
    pub tile_bytes: usize,
    pub threads: usize,
}
