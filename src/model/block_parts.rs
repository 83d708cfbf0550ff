//! What a transformer block is made of, whichever way it is run.

use super::ops::{LayerNorm, Linear};

/// What a block needs to know beyond its weights' names.
#[derive(Clone, Copy)]
pub struct BlockShape {
    pub heads: usize,
    pub norm_eps: f64,
    pub qk_norm: bool,
    pub swiglu: bool,
}

/// The parts of a block that both ways to run it share. On candle the projection has its LayerScale in it.
pub struct Parts {
    pub norm1: LayerNorm,
    pub qkv: Linear,
    /// LayerNorm of q and k over the channels of a head.
    pub qk_norm: Option<[LayerNorm; 2]>,
    pub projection: Linear,
    pub norm2: LayerNorm,
}
