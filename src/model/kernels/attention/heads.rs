//! The heads of an attention: their queries, keys and values, normed and turned.

use std::f32::consts::LOG2_E;

use crate::model::kernels::linear::{Norm, NormRow};
use crate::model::kernels::simd::{Kernel, Simd};
use crate::model::kernels::sinks::{Activation, load_some, store_some};

/// Bytes of keys and values that are laid out at once, whatever the number of tokens. Tests reach it with fewer.
pub const PANEL_BYTES: usize = if cfg!(test) { 1 << 18 } else { 8 << 20 };

/// The heads of one attention, as the qkv layer gives them.
#[derive(Clone, Copy)]
pub struct Heads<'a> {
    /// [tokens, 3, heads, d].
    pub qkv: &'a [f32],
    /// Other tokens, laid out alike, whose q ask in place of these: they attend to tokens that are not their own.
    pub queries: Option<&'a [f32]>,
    pub heads: usize,
    pub d: usize,
    /// LayerNorm of q and of k over the channels of a head.
    pub norms: Option<[Norm<'a>; 2]>,
    /// Cosines and sines [tokens, d] by which q and k are turned.
    pub rope: Option<[&'a [f32]; 2]>,
}

impl Heads<'_> {
    pub(super) fn width(&self) -> usize {
        self.heads * self.d
    }

    pub(super) fn tokens(&self) -> usize {
        self.qkv.len() / (3 * self.width())
    }

    /// Tokens whose q ask.
    pub(super) fn asking(&self) -> usize {
        self.queries.unwrap_or(self.qkv).len() / (3 * self.width())
    }
}

/// Heads that are laid out at once, in groups of nearly the same size.
pub(super) fn heads_together(heads: &Heads, bytes_of_one: usize) -> usize {
    heads.heads.div_ceil((heads.heads * bytes_of_one).div_ceil(PANEL_BYTES).min(heads.heads))
}

/// Exponentials are powers of two, so that the scores need no factor of their own.
pub(super) fn query_scale(d: usize) -> f32 {
    LOG2_E / (d as f32).sqrt()
}

/// One row of q (`part` 0) or k (`part` 1) of a head, normed and turned.
#[inline(always)]
pub(super) fn row_of<S: Simd>(s: S, heads: &Heads, head: usize, part: usize, token: usize, out: &mut [f32]) {
    let d = heads.d;
    let tokens = if part == 0 { heads.queries.unwrap_or(heads.qkv) } else { heads.qkv };
    let row = &tokens[(token * 3 + part) * heads.width() + head * d..][..d];
    match heads.norms {
        Some(norms) => NormRow { row, norm: norms[part], then: Activation::None, out: &mut out[..d] }.run(s),
        None => out[..d].copy_from_slice(row),
    }
    if let Some([cos, sin]) = heads.rope {
        turn(s, out, &cos[token * d / 2..][..d / 2], &sin[token * d / 2..][..d / 2]);
    }
}

/// Turns pairs of channels (i, i + d/4) of each half by their angle; of d channels there are d/2 angles.
#[inline(always)]
fn turn<S: Simd>(s: S, x: &mut [f32], cos: &[f32], sin: &[f32]) {
    let quarter = cos.len() / 2;
    for half in 0..2 {
        for pair in (0..quarter).step_by(S::LANES) {
            let (angle, at, count) = (half * quarter + pair, 2 * half * quarter + pair, quarter - pair);
            let a = load_some(s, &x[at..], count);
            let b = load_some(s, &x[at + quarter..], count);
            let (cosine, sine) = (load_some(s, &cos[angle..], count), load_some(s, &sin[angle..], count));
            let turned = s.mul_add(b, s.sub(s.splat(0.0), sine), s.mul(a, cosine));
            let turned_other = s.mul_add(a, sine, s.mul(b, cosine));
            store_some(s, &mut x[at..], count, turned);
            store_some(s, &mut x[at + quarter..], count, turned_other);
        }
    }
}
