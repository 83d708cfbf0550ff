//! What a network says of one view.

/// The maps of one view, row-major, H·W long unless said otherwise.
pub struct Maps {
    /// Depth before any post-processing, or disparity for Depth Anything V2's relative models.
    pub depth: Vec<f32>,
    /// 1 + exp(logit), any-view networks only.
    pub confidence: Option<Vec<f32>>,
    /// Raw sky value ≥ 0, networks with a sky head only.
    pub sky: Option<Vec<f32>>,
    /// With [`super::Options::rays`] only.
    pub rays: Option<Rays>,
    /// With [`super::Options::gaussians`] only.
    pub gaussians: Option<RawGaussians>,
    /// Of [`super::Conditioning::export_features`], in ascending order of blocks.
    pub features: Vec<FeatureMap>,
}

/// What one block of the backbone made of one view, through the final norm.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMap {
    /// Counts from 0.
    pub block: usize,
    /// Patches down and across.
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// [height, width, channels].
    pub values: Vec<f32>,
}

/// What the head for 3D Gaussians gives for one view, one Gaussian per pixel (specification §7.1, §7.2).
#[derive(Clone, Debug, PartialEq)]
pub struct RawGaussians {
    /// [H, W, [`crate::geometry::GAUSSIAN_CHANNELS`]].
    pub channels: Vec<f32>,
    /// [H, W], 0..1.
    pub opacity: Vec<f32>,
}

/// The world rays of one view, on a grid that covers its image: eight by eight for each patch.
pub struct Rays {
    /// Rays across and down.
    pub width: usize,
    pub height: usize,
    /// Direction (of any length), then origin: [height, width, 6].
    pub rays: Vec<f32>,
    /// 1 + exp(logit), [height, width].
    pub confidence: Vec<f32>,
}
