//! Fused attention: softmax(q·kᵀ/√d)·v without ever holding more scores than one tile.
//!
//! Keys and values are laid out in panels once per head. Each task then takes some rows of queries through all keys,
//! block by block, keeping for every row the greatest score, the sum of the exponentials and the weighted values so
//! far (the online softmax of Milakov and Gimelshein, 2018).

use std::f32::consts::LOG2_E;

use bytemuck::Zeroable;
use rayon::prelude::*;

use super::element::{Element, tile_rows};
use super::linear::{Norm, NormRow};
use super::lines::Lines;
use super::math::exp2;
use super::matrix::{PANEL, Runs};
use super::product::{MOST_TILE_ROWS, TileArguments};
use super::share::{Share, shared};
use super::simd::{Kernel, Level, Simd, dispatch_on};
use super::sinks::{load_some, store_some};

/// Keys whose scores are held at once.
const KEY_BLOCK: usize = 256;
/// From one row of scores to the next: rows a power of two apart would fight for the same lines of the first cache.
const SCORE_STRIDE: usize = KEY_BLOCK + 16;
/// Rows of queries of one task; more would not reuse a block of keys better, and share the work less evenly.
const MOST_QUERY_ROWS: usize = 96;
/// Bytes of keys and values that are laid out at once, whatever the number of tokens.
const PANEL_BYTES: usize = 32 << 20;

/// The heads of one attention, as the qkv layer gives them.
#[derive(Clone, Copy)]
pub struct Heads<'a> {
    /// [tokens, 3, heads, d].
    pub qkv: &'a [f32],
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
}

/// Attention of all tokens over all tokens. Row t of the result, [heads · d], goes to `out[t · stride..]`. `panels` is
/// memory that may be kept for the next.
pub fn attention<E: Element>(heads: &Heads, out: &mut [E], stride: usize, panels: &mut Lines<E::Packed>) {
    attention_on(Level::best(), heads, out, stride, panels);
}

pub(super) fn attention_on<E: Element>(
    level: Level,
    heads: &Heads,
    out: &mut [E],
    stride: usize,
    panels: &mut Lines<E::Packed>,
) {
    let tokens = heads.tokens();
    let sizes = Sizes::of::<E>(heads);
    let per_head = sizes.head * size_of::<E::Packed>();
    let together = (PANEL_BYTES / per_head).clamp(1, heads.heads);
    let tile_rows = tile_rows::<E>(level);
    for first in (0..heads.heads).step_by(together) {
        let count = together.min(heads.heads - first);
        let panels = panels.resized(count * sizes.head);
        panels.par_chunks_mut(sizes.head).enumerate().for_each(|(head, panels)| {
            dispatch_on(level, LayOut::<E> { heads, head: first + head, sizes, panels });
        });
        let panels = &*panels;
        let shares = shared(out, tokens, stride, tile_rows, MOST_QUERY_ROWS);
        shares.into_par_iter().for_each_init(Scratch::default, |scratch, Share { rows, out }| {
            for (head, panels) in panels.chunks_exact(sizes.head).enumerate() {
                let (head, rows) = (first + head, rows.clone());
                dispatch_on(level, Queries::<E> { heads, head, sizes, panels, rows, out, stride, scratch });
            }
        });
    }
}

/// Lengths in the panels of one head.
#[derive(Clone, Copy)]
struct Sizes {
    tokens: usize,
    /// Inputs of a panel of keys: the channels of a head, filled up.
    channels: usize,
    /// Inputs of a panel of values: the keys of a block, filled up.
    key_panel: usize,
    /// Panels of 32 keys, and of 32 channels.
    key_panels: usize,
    value_panels: usize,
    /// Keys with what fills the last panel up.
    keys: usize,
    /// Numbers of all panels of a head.
    head: usize,
}

impl Sizes {
    fn of<E: Element>(heads: &Heads) -> Self {
        let (tokens, d) = (heads.tokens(), heads.d);
        let (channels, key_panels, value_panels) = (E::padded(d), tokens.div_ceil(PANEL), d.div_ceil(PANEL));
        let keys = key_panels * PANEL;
        let key_panel = channels * PANEL;
        let head = key_panels * key_panel + value_panels * keys * PANEL;
        Self { tokens, channels, key_panel, key_panels, value_panels, keys, head }
    }

    /// Where the values of the keys from `key` on begin, for 32 channels; `key` is a multiple of 32.
    fn values(&self, panel: usize, key: usize) -> usize {
        self.key_panels * self.key_panel + (panel * self.keys + key) * PANEL
    }
}

/// Puts the keys and values of one head into panels.
struct LayOut<'a, E: Element> {
    heads: &'a Heads<'a>,
    head: usize,
    sizes: Sizes,
    panels: &'a mut [E::Packed],
}

impl<E: Element> Kernel for LayOut<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { heads, head, sizes, panels } = self;
        let d = heads.d;
        let mut row = vec![0.0; d];
        let mut keys = vec![E::default(); PANEL * d];
        let mut value = vec![E::default(); d];
        for first in (0..sizes.tokens).step_by(PANEL) {
            let count = PANEL.min(sizes.tokens - first);
            for (i, key) in keys.chunks_exact_mut(d).take(count).enumerate() {
                row_of(s, heads, head, 1, first + i, &mut row);
                convert(s, &row, key);
            }
            let panel = &mut panels[first / PANEL * sizes.key_panel..][..sizes.key_panel];
            // What fills channels and keys up must be zero, whatever the memory held.
            if count < PANEL || sizes.channels > d {
                panel.fill(E::Packed::zeroed());
            }
            for channel in 0..d {
                for (i, key) in keys.chunks_exact(d).take(count).enumerate() {
                    panel[E::place(channel, i)] = key[channel].pack();
                }
            }
            if count < PANEL || d % PANEL != 0 {
                for p in 0..sizes.value_panels {
                    panels[sizes.values(p, first)..][..PANEL * PANEL].fill(E::Packed::zeroed());
                }
            }
            for i in 0..count {
                convert(s, &heads.qkv[((first + i) * 3 + 2) * heads.width() + head * d..][..d], &mut value);
                for (p, value) in value.chunks(PANEL).enumerate() {
                    let panel = &mut panels[sizes.values(p, first)..][..PANEL * PANEL];
                    for (column, x) in value.iter().enumerate() {
                        panel[E::place(i, column)] = x.pack();
                    }
                }
            }
        }
    }
}

/// A row in the element type of the products.
#[inline(always)]
fn convert<S: Simd, E: Element>(s: S, row: &[f32], out: &mut [E]) {
    for at in (0..row.len()).step_by(S::LANES) {
        let count = row.len() - at;
        store_some(s, &mut out[at..], count, load_some(s, &row[at..], count));
    }
}

/// One row of q (`part` 0) or k (`part` 1) of a head, normed and turned.
#[inline(always)]
fn row_of<S: Simd>(s: S, heads: &Heads, head: usize, part: usize, token: usize, out: &mut [f32]) {
    let d = heads.d;
    let row = &heads.qkv[(token * 3 + part) * heads.width() + head * d..][..d];
    match heads.norms {
        Some(norms) => NormRow { row, norm: norms[part], out: &mut out[..d] }.run(s),
        None => out[..d].copy_from_slice(row),
    }
    if let Some([cos, sin]) = heads.rope {
        turn(s, out, &cos[token * d..][..d], &sin[token * d..][..d]);
    }
}

/// Turns pairs of channels (i, i + d/4) of each half by their angle.
#[inline(always)]
fn turn<S: Simd>(s: S, x: &mut [f32], cos: &[f32], sin: &[f32]) {
    let quarter = cos.len() / 4;
    for half in [0, 2 * quarter] {
        for at in (half..half + quarter).step_by(S::LANES) {
            let (other, count) = (at + quarter, half + quarter - at);
            let a = load_some(s, &x[at..], count);
            let b = load_some(s, &x[other..], count);
            let minus = s.sub(s.splat(0.0), load_some(s, &sin[at..], count));
            let turned = s.mul_add(b, minus, s.mul(a, load_some(s, &cos[at..], count)));
            let sine = load_some(s, &sin[other..], count);
            let turned_other = s.mul_add(a, sine, s.mul(b, load_some(s, &cos[other..], count)));
            store_some(s, &mut x[at..], count, turned);
            store_some(s, &mut x[other..], count, turned_other);
        }
    }
}

/// What a task needs again and again.
struct Scratch<E> {
    queries: Vec<E>,
    scores: Vec<f32>,
    weights: Vec<E>,
    /// Weighted values so far, [rows, value panels · 32].
    mixed: Vec<f32>,
}

impl<E> Default for Scratch<E> {
    fn default() -> Self {
        Self { queries: Vec::new(), scores: Vec::new(), weights: Vec::new(), mixed: Vec::new() }
    }
}

/// Some rows of queries of one head.
struct Queries<'a, E: Element> {
    heads: &'a Heads<'a>,
    head: usize,
    sizes: Sizes,
    panels: &'a [E::Packed],
    rows: std::ops::Range<usize>,
    /// Rows of all heads from the first of `rows` on.
    out: &'a mut [E],
    stride: usize,
    scratch: &'a mut Scratch<E>,
}

/// The softmax of one row as far as it has come.
#[derive(Clone, Copy)]
struct State {
    greatest: f32,
    total: f32,
}

impl<E: Element> Kernel for Queries<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { heads, head, sizes, panels, rows, out, stride, scratch } = self;
        let unit = E::unit();
        let (d, count) = (heads.d, rows.len());
        let (channels, mixed_stride) = (sizes.channels, sizes.value_panels * PANEL);
        // One tile more than there are rows, because tiles read and write whole.
        let room = count + MOST_TILE_ROWS;
        scratch.queries.resize(room * channels, E::default());
        scratch.scores.resize(room * SCORE_STRIDE, 0.0);
        scratch.weights.resize(room * SCORE_STRIDE, E::default());
        scratch.mixed.clear();
        scratch.mixed.resize(room * mixed_stride, 0.0);
        let mut states = [State { greatest: f32::NEG_INFINITY, total: 0.0 }; MOST_QUERY_ROWS + MOST_TILE_ROWS];

        let mut row = vec![0.0; d];
        // Exponentials are powers of two, so that the scores need no factor of their own.
        let scale = s.splat(LOG2_E / (d as f32).sqrt());
        for (i, out) in scratch.queries.chunks_exact_mut(channels).take(count).enumerate() {
            row_of(s, heads, head, 0, rows.start + i, &mut row);
            for at in (0..d).step_by(S::LANES) {
                let x = s.mul(load_some(s, &row[at..], d - at), scale);
                store_some(s, &mut out[at..], d - at, x);
            }
        }

        let tile_rows = E::tile_rows::<S>();
        for block in (0..sizes.tokens).step_by(KEY_BLOCK) {
            let keys = KEY_BLOCK.min(sizes.tokens - block);
            // Panels outside, tiles inside: a panel stays in the first cache while all rows meet it.
            for panel in 0..keys.div_ceil(PANEL) {
                let numbers = &panels[(block / PANEL + panel) * sizes.key_panel..][..sizes.key_panel];
                for first in (0..count).step_by(tile_rows) {
                    let arguments = TileArguments {
                        a: scratch.queries[first * channels..].as_ptr(),
                        row_stride: channels,
                        run_stride: 0,
                        runs: Runs::one(d),
                        rows: tile_rows.min(count - first),
                        panel: numbers.as_ptr(),
                        sums: scratch.scores[first * SCORE_STRIDE + panel * PANEL..].as_mut_ptr(),
                        sums_stride: SCORE_STRIDE,
                        is_continued: false,
                    };
                    // SAFETY: queries and scores have room for a whole tile beyond their rows, and a panel of keys
                    // holds all padded channels.
                    unsafe { E::tile(s, &unit, arguments) };
                }
            }
            for (i, state) in states[..count].iter_mut().enumerate() {
                let scores = &mut scratch.scores[i * SCORE_STRIDE..][..KEY_BLOCK];
                let weights = &mut scratch.weights[i * SCORE_STRIDE..][..KEY_BLOCK];
                let mixed = &mut scratch.mixed[i * mixed_stride..][..mixed_stride];
                weigh(s, scores, keys, state, weights, mixed);
            }
            for panel in 0..sizes.value_panels {
                let numbers = &panels[sizes.values(panel, block)..][..keys.next_multiple_of(PANEL) * PANEL];
                for first in (0..count).step_by(tile_rows) {
                    let arguments = TileArguments {
                        a: scratch.weights[first * SCORE_STRIDE..].as_ptr(),
                        row_stride: SCORE_STRIDE,
                        run_stride: 0,
                        runs: Runs::one(keys.next_multiple_of(PANEL)),
                        rows: tile_rows.min(count - first),
                        panel: numbers.as_ptr(),
                        sums: scratch.mixed[first * mixed_stride + panel * PANEL..].as_mut_ptr(),
                        sums_stride: mixed_stride,
                        is_continued: true,
                    };
                    // SAFETY: weights and what is mixed have room for a whole tile beyond their rows. Beyond the last
                    // key the weights are next to nothing and the values zeros.
                    unsafe { E::tile(s, &unit, arguments) };
                }
            }
        }
        for i in 0..count {
            let share = s.splat(1.0 / states[i].total);
            let out = &mut out[i * stride + head * d..][..d];
            for at in (0..d).step_by(S::LANES) {
                let x = s.mul(s.load(&scratch.mixed[i * mixed_stride + at..]), share);
                store_some(s, &mut out[at..], d - at, x);
            }
        }
    }
}

/// Turns the scores of one row into weights relative to the greatest so far, and what was mixed before with them.
#[inline(always)]
fn weigh<S: Simd, E: Element>(
    s: S,
    scores: &mut [f32],
    keys: usize,
    state: &mut State,
    weights: &mut [E],
    mixed: &mut [f32],
) {
    // What only fills the last panel up must not count.
    let padded = keys.next_multiple_of(PANEL);
    scores[keys..padded].fill(f32::NEG_INFINITY);
    // Two chains at once, because each step of one waits for the step before.
    let mut most = [s.splat(state.greatest); 2];
    for scores in scores[..padded].chunks_exact(PANEL) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            most[chain] = s.max(most[chain], s.load(&scores[lane..]));
        }
    }
    let greatest = s.greatest(s.max(most[0], most[1]));
    let mut totals = [s.splat(0.0); 2];
    for (scores, weights) in scores[..padded].chunks_exact(PANEL).zip(weights.chunks_exact_mut(PANEL)) {
        for lane in (0..PANEL).step_by(S::LANES) {
            let chain = lane / S::LANES % 2;
            let weight = exp2(s, s.sub(s.load(&scores[lane..]), s.splat(greatest)));
            totals[chain] = s.add(totals[chain], weight);
            E::store(s, &mut weights[lane..], weight);
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
