//! Attention whose products are a library's: rows of queries against a whole block of keys, then of values, at a time.

use std::ops::Range;
use std::sync::OnceLock;
use std::time::Instant;

use rayon::prelude::*;

use super::by_tiles::{Queries, Scratch, Sizes};
use super::heads::{Heads, heads_together, query_scale, row_of};
use super::softmax::{KEY_BLOCK, SCORE_STRIDE, State, weigh};
use crate::model::kernels::dispatch::{Level, dispatch_on};
use crate::model::kernels::element::Element;
use crate::model::kernels::library::{Block, Library, Right};
use crate::model::kernels::library_pace::{is_worthwhile, pace};
use crate::model::kernels::lines::Lines;
use crate::model::kernels::panel::PANEL;
use crate::model::kernels::share::{Share, shared};
use crate::model::kernels::simd::{Kernel, Simd};
use crate::model::kernels::sinks::{load_some, store_some};
use crate::model::kernels::tile::MOST_TILE_ROWS;

/// Rows of queries of one task; more than vectors have, because a library takes a block apart before it multiplies.
const MOST_ROWS: usize = 256;

/// The library for products of attention, if it beats our vectors there: measured by itself, in some 10 ms, because blocks
/// are smaller than those of layers and other work lies between them.
pub(in super::super) fn chosen() -> Option<Library> {
    #[cfg(test)]
    if let Some(library) = crate::model::kernels::library::OF_TEST.get() {
        return library;
    }
    static CHOSEN: OnceLock<Option<Library>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let library = Library::detected()?;
        let [theirs, ours] = [Some(library), None].map(|library| pace(|| MEASURED_ROWS as f64 / seconds(library)));
        tracing::info!("{}, attention: {:.1} times the pace of vectors", library.name, theirs / ours);
        is_worthwhile(theirs, ours).then_some(library)
    })
}

/// As [`super::attention`].
pub(super) fn attend<E: Element>(
    library: Library,
    heads: &Heads,
    out: &mut [E],
    stride: usize,
    panels: &mut Lines<u8>,
) {
    let level = Level::best();
    let tokens = heads.tokens();
    // Keys, then values.
    let per_head = 2 * tokens * heads.d;
    let together = heads_together(heads, per_head * size_of::<f32>());
    for first in (0..heads.heads).step_by(together) {
        let group = first..heads.heads.min(first + together);
        let laid_out = panels.resized(group.len() * per_head * size_of::<f32>());
        let laid_out: &mut [f32] = bytemuck::cast_slice_mut(laid_out);
        // Some tokens of one part of one head at a time.
        laid_out.par_chunks_mut(per_head / 2).enumerate().for_each(|(at, out)| {
            let (head, part) = (group.start + at / 2, 1 + at % 2);
            out.par_chunks_mut(KEY_BLOCK * heads.d).enumerate().for_each(|(block, out)| {
                dispatch_on(level, LayOutRows { heads, head, part, first: block * KEY_BLOCK, out });
            });
        });
        let laid_out = &*laid_out;
        let shares = shared(out, heads.asking(), stride, MOST_TILE_ROWS, MOST_ROWS);
        shares.into_par_iter().for_each_init(Scratch::default, |scratch, Share { rows, out }| {
            for (head, laid_out) in group.clone().zip(laid_out.chunks_exact(per_head)) {
                let rows = rows.clone();
                dispatch_on(level, BlockwiseQueries { library, heads, head, laid_out, rows, out, stride, scratch });
            }
        });
    }
}

/// Rows of q, k or v (`part` 0 to 2) of a head, one after the other.
struct LayOutRows<'a> {
    heads: &'a Heads<'a>,
    head: usize,
    part: usize,
    first: usize,
    out: &'a mut [f32],
}

impl Kernel for LayOutRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { heads, head, part, first, out } = self;
        for (token, out) in (first..).zip(out.chunks_exact_mut(heads.d)) {
            if part == 2 {
                out.copy_from_slice(&heads.qkv[(token * 3 + 2) * heads.width() + head * heads.d..][..heads.d]);
            } else {
                row_of(s, heads, head, part, token, out);
            }
        }
    }
}

/// Some rows of queries of one head.
struct BlockwiseQueries<'a, E> {
    library: Library,
    heads: &'a Heads<'a>,
    head: usize,
    /// The head's keys [tokens, d], then its values.
    laid_out: &'a [f32],
    rows: Range<usize>,
    /// Rows of all heads from the first of `rows` on.
    out: &'a mut [E],
    stride: usize,
    scratch: &'a mut Scratch<f32>,
}

impl<E: Element> Kernel for BlockwiseQueries<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { library, heads, head, laid_out, rows, out, stride, scratch } = self;
        let (d, count) = (heads.d, rows.len());
        let mixed_stride = d.next_multiple_of(PANEL);
        let (keys, values) = laid_out.split_at(laid_out.len() / 2);
        let Scratch { queries, scores, mixed, .. } = scratch;
        let queries = queries.resized(count * d);
        scores.resize(count * SCORE_STRIDE, 0.0);
        mixed.clear();
        mixed.resize(count * mixed_stride, 0.0);
        let mut states = vec![State { greatest: f32::NEG_INFINITY, total: 0.0 }; count];

        LayOutRows { heads, head, part: 0, first: rows.start, out: queries }.run(s);
        scale(s, queries, query_scale(d));
        for (keys, values) in keys.chunks(KEY_BLOCK * d).zip(values.chunks(KEY_BLOCK * d)) {
            let tokens = keys.len() / d;
            library.multiply(Block {
                rows: count,
                columns: tokens,
                inputs: d,
                left: queries,
                left_stride: d,
                right: Right { values: keys, is_by_output: true, stride: d },
                sums: scores,
                sums_stride: SCORE_STRIDE,
                is_continued: false,
            });
            for (i, state) in states.iter_mut().enumerate() {
                let scores = &mut scores[i * SCORE_STRIDE..][..tokens.next_multiple_of(PANEL)];
                weigh(s, scores, tokens, state, &mut mixed[i * mixed_stride..][..mixed_stride]);
            }
            library.multiply(Block {
                rows: count,
                columns: d,
                inputs: tokens,
                left: scores,
                left_stride: SCORE_STRIDE,
                right: Right { values, is_by_output: false, stride: d },
                sums: mixed,
                sums_stride: mixed_stride,
                is_continued: true,
            });
        }
        for (i, state) in states.iter().enumerate() {
            let share = s.splat(1.0 / state.total);
            let out = &mut out[i * stride + head * d..][..d];
            for at in (0..d).step_by(S::LANES) {
                let x = s.mul(s.load(&mixed[i * mixed_stride + at..]), share);
                store_some(s, &mut out[at..], d - at, x);
            }
        }
    }
}

#[inline(always)]
fn scale<S: Simd>(s: S, x: &mut [f32], by: f32) {
    for at in (0..x.len()).step_by(S::LANES) {
        let count = x.len() - at;
        let scaled = s.mul(load_some(s, &x[at..], count), s.splat(by));
        store_some(s, &mut x[at..], count, scaled);
    }
}

/// What is measured: one head of one task.
const MEASURED_ROWS: usize = 96;
const MEASURED_TOKENS: usize = 1024;
const MEASURED_CHANNELS: usize = 64;
const TRIALS: usize = 4;

/// The least that the rows took against all tokens, on this thread.
pub(super) fn seconds(library: Option<Library>) -> f64 {
    let level = Level::best();
    let qkv = vec![0.25; MEASURED_TOKENS * 3 * MEASURED_CHANNELS];
    let heads = Heads { qkv: &qkv, queries: None, heads: 1, d: MEASURED_CHANNELS, norms: None, rope: None };
    let sizes = Sizes::of::<f32>(&heads);
    let laid_out = vec![0.25; (sizes.blocks * sizes.block).max(2 * MEASURED_TOKENS * MEASURED_CHANNELS)];
    let mut out = vec![0.0f32; MEASURED_ROWS * MEASURED_CHANNELS];
    let (rows, stride, mut scratch) = (0..MEASURED_ROWS, MEASURED_CHANNELS, Scratch::default());
    let mut least = f64::INFINITY;
    for _ in 0..TRIALS {
        let started = Instant::now();
        let (heads, rows, out, scratch) = (&heads, rows.clone(), &mut out[..], &mut scratch);
        match library {
            Some(library) => {
                let laid_out = &laid_out[..2 * MEASURED_TOKENS * MEASURED_CHANNELS];
                dispatch_on(level, BlockwiseQueries { library, heads, head: 0, laid_out, rows, out, stride, scratch });
            }
            None => {
                let (group, panels) = (0..1, &laid_out[..sizes.blocks * sizes.block]);
                let queries = Queries::<f32, f32> { heads, group, head: 0, sizes, panels, rows, out, stride, scratch };
                dispatch_on(level, queries);
            }
        }
        least = least.min(started.elapsed().as_secs_f64());
        std::hint::black_box(&out);
    }
    least
}
