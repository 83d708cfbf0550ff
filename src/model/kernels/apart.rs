//! Numbers in f32 taken apart into three bf16, their thirds: eight bits each, together the 24 of an f32.

use bytemuck::{Pod, Zeroable};

use super::simd::Simd;

/// One f32 in thirds, where 32 of them lie together: of itself it is nothing but its size.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(transparent)]
pub struct Thirds([u16; 3]);

/// High, middle and low third. Where `x` is not a number the low one is none.
#[inline(always)]
pub(super) fn thirds_of<S: Simd>(s: S, x: S::V) -> [S::V; 3] {
    let high = s.round_bf16(x);
    let rest = s.sub(x, high);
    let middle = s.round_bf16(rest);
    [high, middle, s.sub(rest, middle)]
}
