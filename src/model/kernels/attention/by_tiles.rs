//! Attention by tiles of products: rows of queries against one panel of keys, then of values, at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::heads::{Heads, heads_together, query_scale, row_of};
use super::softmax::{KEY_BLOCK, SCORE_STRIDE, State, weigh};
use crate::model::kernels::dispatch::{Level, dispatch_on};
use crate::model::kernels::element::{Element, Factor, tile_rows};
use crate::model::kernels::lines::Lines;
use crate::model::kernels::panel::{PANEL, Runs};
use crate::model::kernels::share::{Share, shared};
use crate::model::kernels::simd::{Kernel, Simd};
use crate::model::kernels::sinks::{load_some, store_some};
use crate::model::kernels::tile::{MOST_TILE_ROWS, TileArguments};

/// Rows of queries of one task; more would not reuse a block of keys better, and share the work less evenly.
const MOST_QUERY_ROWS: usize = 96;

/// Attention whose products multiply `F`.
pub(super) fn attend<F: Factor, E: Element>(heads: &Heads, out: &mut [E], stride: usize, panels: &mut Lines<u8>) {
    let level = Level::best();
    let sizes = Sizes::of::<F>(heads);
    let per_head = sizes.blocks * sizes.block * size_of::<F::Packed>();
    let together = heads_together(heads, per_head);
    let tile_rows = tile_rows::<F>(level);
    for first in (0..heads.heads).step_by(together) {
        let group = first..heads.heads.min(first + together);
        let panels: &mut [F::Packed] = bytemuck::cast_slice_mut(panels.resized(group.len() * per_head));
        panels.par_chunks_mut(group.len() * sizes.block).enumerate().for_each(|(block, panels)| {
            dispatch_on(level, LayOut::<F> { heads, group: group.clone(), sizes, block, panels });
        });
        let panels = &*panels;
        let shares = shared(out, heads.asking(), stride, tile_rows, MOST_QUERY_ROWS);
        shares.into_par_iter().for_each_init(Scratch::default, |scratch, Share { rows, out }| {
            for head in group.clone() {
                let (group, rows) = (group.clone(), rows.clone());
                dispatch_on(level, Queries::<F, E> { heads, group, head, sizes, panels, rows, out, stride, scratch });
            }
        });
    }
}

/// Lengths in the panels, which lie block by block of keys, and in each head by head.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    tokens: usize,
    /// Inputs of a panel of keys: the channels of a head, filled up.
    channels: usize,
    /// Panels of 32 channels.
    value_panels: usize,
    /// Numbers of a panel of 32 keys.
    key_panel: usize,
    /// Numbers of a panel of values: one row of 32 per key of a block.
    value_panel: usize,
    /// Blocks of keys, and numbers of one block of one head.
    pub blocks: usize,
    pub block: usize,
}

impl Sizes {
    pub fn of<F: Factor>(heads: &Heads) -> Self {
        let (tokens, d) = (heads.tokens(), heads.d);
        let (channels, value_panels) = (F::padded(d), d.div_ceil(PANEL));
        let (key_panel, value_panel) = (channels * PANEL * F::PACKED, KEY_BLOCK * PANEL * F::PACKED);
        let block = KEY_BLOCK / PANEL * key_panel + value_panels * value_panel;
        Self { tokens, channels, value_panels, key_panel, value_panel, blocks: tokens.div_ceil(KEY_BLOCK), block }
    }

    /// Where the values of a block begin, for 32 channels.
    fn values(&self, panel: usize) -> usize {
        KEY_BLOCK / PANEL * self.key_panel + panel * self.value_panel
    }
}

/// Puts the keys and values of one block into panels, for some heads.
struct LayOut<'a, F: Factor> {
    heads: &'a Heads<'a>,
    group: Range<usize>,
    sizes: Sizes,
    block: usize,
    panels: &'a mut [F::Packed],
}

impl<F: Factor> Kernel for LayOut<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { heads, group, sizes, block, panels } = self;
        let d = heads.d;
        let mut row = vec![0.0; d];
        // A panel in f32. What fills channels and keys up is zero.
        let mut panel = vec![0.0; sizes.channels.max(PANEL) * PANEL];
        let keys = block * KEY_BLOCK..sizes.tokens.min((block + 1) * KEY_BLOCK);
        // Tokens outside, heads inside: as they lie in memory.
        for first in keys.clone().step_by(PANEL) {
            let (count, inside) = (PANEL.min(keys.end - first), first - keys.start);
            for (head, panels) in group.clone().zip(panels.chunks_exact_mut(sizes.block)) {
                panel.fill(0.0);
                for key in 0..count {
                    row_of(s, heads, head, 1, first + key, &mut row);
                    for (x, panel) in row.iter().zip(panel.chunks_exact_mut(PANEL)) {
                        panel[key] = *x;
                    }
                }
                let packed = &mut panels[inside / PANEL * sizes.key_panel..][..sizes.key_panel];
                F::take_panel(s, &panel[..sizes.channels * PANEL], packed);
                for p in 0..sizes.value_panels {
                    let (channel, channels) = (p * PANEL, PANEL.min(d - p * PANEL));
                    if count < PANEL || channels < PANEL {
                        panel.fill(0.0);
                    }
                    for (key, panel) in panel.chunks_exact_mut(PANEL).take(count).enumerate() {
                        let value = ((first + key) * 3 + 2) * heads.width() + head * d + channel;
                        panel[..channels].copy_from_slice(&heads.qkv[value..][..channels]);
                    }
                    let step = sizes.value_panel / KEY_BLOCK;
                    let packed = &mut panels[sizes.values(p) + inside * step..][..PANEL * step];
                    F::take_panel(s, &panel[..PANEL * PANEL], packed);
                }
            }
        }
    }
}

/// What a task needs again and again.
pub(super) struct Scratch<F> {
    pub queries: Lines<F>,
    pub scores: Vec<f32>,
    weights: Lines<F>,
    /// Weighted values so far, [rows, value panels · 32].
    pub mixed: Vec<f32>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { queries: Lines::default(), scores: Vec::new(), weights: Lines::default(), mixed: Vec::new() }
    }
}

/// Some rows of queries of one head.
pub(super) struct Queries<'a, F: Factor, E> {
    pub heads: &'a Heads<'a>,
    /// The heads in the panels.
    pub group: Range<usize>,
    pub head: usize,
    pub sizes: Sizes,
    pub panels: &'a [F::Packed],
    pub rows: Range<usize>,
    /// Rows of all heads from the first of `rows` on.
    pub out: &'a mut [E],
    pub stride: usize,
    pub scratch: &'a mut Scratch<F>,
}

impl<F: Factor, E: Element> Kernel for Queries<'_, F, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { heads, group, head, sizes, panels, rows, out, stride, scratch } = self;
        let unit = F::unit();
        let (d, count) = (heads.d, rows.len());
        let (channels, mixed_stride) = (sizes.channels, sizes.value_panels * PANEL);
        // One tile more than there are rows, because tiles read and write whole.
        let room = count + MOST_TILE_ROWS;
        let Scratch { queries, scores, weights, mixed } = scratch;
        let (queries, weights) = (queries.resized(room * channels), weights.resized(room * SCORE_STRIDE));
        scores.resize(room * SCORE_STRIDE, 0.0);
        mixed.clear();
        mixed.resize(room * mixed_stride, 0.0);
        let mut states = [State { greatest: f32::NEG_INFINITY, total: 0.0 }; MOST_QUERY_ROWS + MOST_TILE_ROWS];

        let mut row = vec![0.0; channels];
        let scale = s.splat(query_scale(d));
        for (i, out) in queries.chunks_exact_mut(channels).take(count).enumerate() {
            row_of(s, heads, head, 0, rows.start + i, &mut row[..d]);
            for at in (0..d).step_by(S::LANES) {
                let x = s.mul(load_some(s, &row[at..], d - at), scale);
                store_some(s, &mut row[at..], d - at, x);
            }
            F::take_row(s, &row, out);
        }

        let tile_rows = F::tile_rows::<S>();
        let of_head = panels.chunks_exact(sizes.block).skip(head - group.start).step_by(group.len());
        for (block, panels) in of_head.enumerate() {
            let keys = KEY_BLOCK.min(sizes.tokens - block * KEY_BLOCK);
            // Panels outside, tiles inside: a panel stays in the first cache while all rows meet it.
            for panel in 0..keys.div_ceil(PANEL) {
                let numbers = &panels[panel * sizes.key_panel..][..sizes.key_panel];
                for first in (0..count).step_by(tile_rows) {
                    let arguments = TileArguments {
                        a: queries[first * channels..].as_ptr(),
                        row_stride: channels,
                        run_stride: 0,
                        runs: Runs::one(d),
                        rows: tile_rows.min(count - first),
                        panel: numbers.as_ptr(),
                        sums: scores[first * SCORE_STRIDE + panel * PANEL..].as_mut_ptr(),
                        sums_stride: SCORE_STRIDE,
                        is_continued: false,
                    };
                    // SAFETY: queries and scores have room for a whole tile beyond their rows, and a panel of keys
                    // holds all padded channels.
                    unsafe { F::tile(s, &unit, arguments) };
                }
            }
            for (i, state) in states[..count].iter_mut().enumerate() {
                let scores = &mut scores[i * SCORE_STRIDE..][..keys.next_multiple_of(PANEL)];
                weigh(s, scores, keys, state, &mut mixed[i * mixed_stride..][..mixed_stride]);
                F::take_row(s, scores, &mut weights[i * SCORE_STRIDE..][..scores.len()]);
            }
            for panel in 0..sizes.value_panels {
                let numbers = &panels[sizes.values(panel)..][..sizes.value_panel];
                for first in (0..count).step_by(tile_rows) {
                    let arguments = TileArguments {
                        a: weights[first * SCORE_STRIDE..].as_ptr(),
                        row_stride: SCORE_STRIDE,
                        run_stride: 0,
                        runs: Runs::one(keys.next_multiple_of(PANEL)),
                        rows: tile_rows.min(count - first),
                        panel: numbers.as_ptr(),
                        sums: mixed[first * mixed_stride + panel * PANEL..].as_mut_ptr(),
                        sums_stride: mixed_stride,
                        is_continued: true,
                    };
                    // SAFETY: weights and what is mixed have room for a whole tile beyond their rows. Beyond the last
                    // key the weights are next to nothing and the values zeros.
                    unsafe { F::tile(s, &unit, arguments) };
                }
            }
        }
        for i in 0..count {
            let share = s.splat(1.0 / states[i].total);
            let out = &mut out[i * stride + head * d..][..d];
            for at in (0..d).step_by(S::LANES) {
                let x = s.mul(s.load(&mixed[i * mixed_stride + at..]), share);
                store_some(s, &mut out[at..], d - at, x);
            }
        }
    }
}
