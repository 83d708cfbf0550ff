//! Fused attention: softmax(q·kᵀ/√d)·v without ever holding more scores than one tile.
//!
//! Keys and values are laid out in panels once. Each task then takes some rows of queries through all keys,
//! block by block, keeping for every row the greatest score, the sum of the exponentials and the weighted values so
//! far (the online softmax of Milakov and Gimelshein, 2018).

use std::f32::consts::LOG2_E;
use std::ops::Range;

use rayon::prelude::*;

use super::element::{Element, Factor, tile_rows};
use super::linear::{Norm, NormRow};
use super::lines::Lines;
use super::math::exp2;
use super::matrix::{PANEL, Runs};
use super::product::{MOST_TILE_ROWS, TileArguments};
use super::share::{Share, shared};
use super::simd::{Kernel, Level, Simd, dispatch_on};
use super::sinks::{Activation, load_some, store_some};
use super::thirds::{self, Thirds};

mod by_library;
pub(super) use by_library::chosen as chosen_library;

/// Keys whose scores are held at once.
const KEY_BLOCK: usize = 256;
/// From one row of scores to the next: rows a power of two apart would fight for the same lines of the first cache.
const SCORE_STRIDE: usize = KEY_BLOCK + 32;
/// Rows of queries of one task; more would not reuse a block of keys better, and share the work less evenly.
const MOST_QUERY_ROWS: usize = 96;
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
    fn width(&self) -> usize {
        self.heads * self.d
    }

    fn tokens(&self) -> usize {
        self.qkv.len() / (3 * self.width())
    }

    /// Tokens whose q ask.
    fn asking(&self) -> usize {
        self.queries.unwrap_or(self.qkv).len() / (3 * self.width())
    }
}

/// Attention of all tokens that ask over all tokens. Row t of the result, [heads · d], goes to `out[t · stride..]`.
/// `panels` is memory that may be kept for the next.
pub fn attention<E: Element>(heads: &Heads, out: &mut [E], stride: usize, panels: &mut Lines<u8>) {
    if let Some(library) = by_library::chosen().filter(|_| E::singles(&[]).is_some()) {
        by_library::attend(library, heads, out, stride, panels);
    } else if thirds::unit_for::<E>(Runs::one(heads.d), heads.asking()).is_some() {
        attend::<Thirds, E>(heads, out, stride, panels);
    } else {
        attend::<E, E>(heads, out, stride, panels);
    }
}

/// Attention whose products multiply `F`.
fn attend<F: Factor, E: Element>(heads: &Heads, out: &mut [E], stride: usize, panels: &mut Lines<u8>) {
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

/// Heads that are laid out at once, in groups of nearly the same size.
fn heads_together(heads: &Heads, bytes_of_one: usize) -> usize {
    heads.heads.div_ceil((heads.heads * bytes_of_one).div_ceil(PANEL_BYTES).min(heads.heads))
}

/// Exponentials are powers of two, so that the scores need no factor of their own.
fn query_scale(d: usize) -> f32 {
    LOG2_E / (d as f32).sqrt()
}

/// Lengths in the panels, which lie block by block of keys, and in each head by head.
#[derive(Clone, Copy)]
struct Sizes {
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
    blocks: usize,
    block: usize,
}

impl Sizes {
    fn of<F: Factor>(heads: &Heads) -> Self {
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

/// One row of q (`part` 0) or k (`part` 1) of a head, normed and turned.
#[inline(always)]
fn row_of<S: Simd>(s: S, heads: &Heads, head: usize, part: usize, token: usize, out: &mut [f32]) {
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

/// What a task needs again and again.
struct Scratch<F> {
    queries: Lines<F>,
    scores: Vec<f32>,
    weights: Lines<F>,
    /// Weighted values so far, [rows, value panels · 32].
    mixed: Vec<f32>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { queries: Lines::default(), scores: Vec::new(), weights: Lines::default(), mixed: Vec::new() }
    }
}

/// Some rows of queries of one head.
struct Queries<'a, F: Factor, E> {
    heads: &'a Heads<'a>,
    /// The heads in the panels.
    group: Range<usize>,
    head: usize,
    sizes: Sizes,
    panels: &'a [F::Packed],
    rows: Range<usize>,
    /// Rows of all heads from the first of `rows` on.
    out: &'a mut [E],
    stride: usize,
    scratch: &'a mut Scratch<F>,
}

/// The softmax of one row as far as it has come.
#[derive(Clone, Copy)]
struct State {
    greatest: f32,
    total: f32,
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

/// Turns the scores of one row into weights relative to the greatest so far, and what was mixed before with them.
#[inline(always)]
fn weigh<S: Simd>(s: S, scores: &mut [f32], keys: usize, state: &mut State, mixed: &mut [f32]) {
    // What only fills the last panel up must not count.
    scores[keys..].fill(f32::NEG_INFINITY);
    // Two chains at once, because each step of one waits for the step before.
    let mut most = [s.splat(state.greatest); 2];
    for scores in scores.chunks_exact(PANEL) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            most[chain] = s.max(most[chain], s.load(&scores[lane..]));
        }
    }
    let greatest = s.greatest(s.max(most[0], most[1]));
    let mut totals = [s.splat(0.0); 2];
    for scores in scores.chunks_exact_mut(PANEL) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            let weight = exp2(s, s.sub(s.load(&scores[lane..]), s.splat(greatest)));
            totals[chain] = s.add(totals[chain], weight);
            s.store(&mut scores[lane..], weight);
        }
    }
    let fade = if state.greatest == greatest { 1.0 } else { (state.greatest - greatest).exp2() };
    *state = State { greatest, total: state.total * fade + s.sum(s.add(totals[0], totals[1])) };
    if fade != 1.0 {
        for mixed in mixed.chunks_exact_mut(PANEL) {
            for lane in (0..PANEL).step_by(S::LANES) {
                let faded = s.mul(s.load(&mixed[lane..]), s.splat(fade));
                s.store(&mut mixed[lane..], faded);
            }
        }
    }
}

#[cfg(test)]
mod tests;
