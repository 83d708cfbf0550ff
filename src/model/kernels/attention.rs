//! Fused attention: softmax(q·kᵀ/√d)·v without ever holding more scores than one tile.
//!
//! Keys and values are laid out in panels once per head. Each task then takes some rows of queries through all keys,
//! block by block, keeping for every row the greatest score, the sum of the exponentials and the weighted values so
//! far (the online softmax of Milakov and Gimelshein, 2018).

use rayon::prelude::*;

use super::element::{Element, tile_rows};
use super::linear::{Norm, NormRow};
use super::lines::Lines;
use super::math::exp;
use super::matrix::{PANEL, Runs};
use super::product::{MOST_TILE_ROWS, TileArguments};
use super::simd::{Kernel, Level, Simd, dispatch_on};
use super::sinks::{load_some, store_some};

/// Keys whose scores are held at once.
const KEY_BLOCK: usize = 512;
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

/// Attention of all tokens over all tokens. Row t of the result, [heads · d], goes to `out[t · stride..]`.
pub fn attention<E: Element>(heads: &Heads, out: &mut [E], stride: usize) {
    attention_on(Level::best(), heads, out, stride);
}

pub(super) fn attention_on<E: Element>(level: Level, heads: &Heads, out: &mut [E], stride: usize) {
    let tokens = heads.tokens();
    let sizes = Sizes::of::<E>(heads);
    let per_head = sizes.head * size_of::<E::Packed>();
    let together = (PANEL_BYTES / per_head).clamp(1, heads.heads);
    let tile_rows = tile_rows::<E>(level);
    let share = tokens.div_ceil(4 * rayon::current_num_threads());
    let rows = share.min(MOST_QUERY_ROWS).next_multiple_of(tile_rows);
    for first in (0..heads.heads).step_by(together) {
        let count = together.min(heads.heads - first);
        let mut panels = Lines::<E::Packed>::zeros(count * sizes.head);
        panels.get_mut().par_chunks_mut(sizes.head).enumerate().for_each(|(head, panels)| {
            dispatch_on(level, LayOut::<E> { heads, head: first + head, sizes, panels });
        });
        let panels = panels.get();
        out.par_chunks_mut(rows * stride).enumerate().for_each_init(Scratch::default, |scratch, (task, out)| {
            for (head, panels) in panels.chunks_exact(sizes.head).enumerate() {
                let head = first + head;
                let rows = task * rows..tokens.min((task + 1) * rows);
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
        let mut block = vec![0.0; PANEL * d];
        for first in (0..sizes.tokens).step_by(PANEL) {
            let count = PANEL.min(sizes.tokens - first);
            for (i, out) in block.chunks_exact_mut(d).take(count).enumerate() {
                row_of(s, heads, head, 1, first + i, out);
            }
            let panel = &mut panels[first / PANEL * sizes.key_panel..][..sizes.key_panel];
            for channel in 0..d {
                for key in 0..count {
                    panel[E::place(channel, key)] = E::pack(block[key * d + channel]);
                }
            }
            for i in 0..count {
                let value = &heads.qkv[((first + i) * 3 + 2) * heads.width() + head * d..][..d];
                for (p, value) in value.chunks(PANEL).enumerate() {
                    let panel = &mut panels[sizes.values(p, first)..][..PANEL * PANEL];
                    for (column, &x) in value.iter().enumerate() {
                        panel[E::place(i, column)] = E::pack(x);
                    }
                }
            }
        }
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
        scratch.scores.resize(MOST_TILE_ROWS * KEY_BLOCK, 0.0);
        scratch.weights.resize(MOST_TILE_ROWS * KEY_BLOCK, E::default());
        scratch.mixed.clear();
        scratch.mixed.resize(room * mixed_stride, 0.0);
        let mut states = [State { greatest: f32::NEG_INFINITY, total: 0.0 }; MOST_QUERY_ROWS + MOST_TILE_ROWS];

        let mut row = vec![0.0; d];
        let scale = s.splat(1.0 / (d as f32).sqrt());
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
            for first in (0..count).step_by(tile_rows) {
                let tile_count = tile_rows.min(count - first);
                for panel in 0..keys.div_ceil(PANEL) {
                    let arguments = TileArguments {
                        a: scratch.queries[first * channels..].as_ptr(),
                        row_stride: channels,
                        run_stride: 0,
                        runs: Runs::one(d),
                        rows: tile_count,
                        panel: panels[(block / PANEL + panel) * sizes.key_panel..][..sizes.key_panel].as_ptr(),
                        sums: scratch.scores[panel * PANEL..].as_mut_ptr(),
                        sums_stride: KEY_BLOCK,
                        is_continued: false,
                    };
                    // SAFETY: the queries have room for a whole tile beyond their rows, a panel of keys holds all
                    // padded channels, and the scores hold the rows of the largest tile.
                    unsafe { E::tile(s, &unit, arguments) };
                }
                for (i, state) in states[first..first + tile_count].iter_mut().enumerate() {
                    let scores = &mut scratch.scores[i * KEY_BLOCK..][..KEY_BLOCK];
                    let weights = &mut scratch.weights[i * KEY_BLOCK..][..KEY_BLOCK];
                    let mixed = &mut scratch.mixed[(first + i) * mixed_stride..][..mixed_stride];
                    weigh(s, scores, keys, state, weights, mixed);
                }
                for panel in 0..sizes.value_panels {
                    let mut sums = [[0.0; PANEL]; MOST_TILE_ROWS];
                    let arguments = TileArguments {
                        a: scratch.weights.as_ptr(),
                        row_stride: KEY_BLOCK,
                        run_stride: 0,
                        runs: Runs::one(keys.next_multiple_of(PANEL)),
                        rows: tile_count,
                        panel: panels[sizes.values(panel, block)..].as_ptr(),
                        sums: sums.as_flattened_mut().as_mut_ptr(),
                        sums_stride: PANEL,
                        is_continued: false,
                    };
                    // SAFETY: the weights hold the rows of the largest tile, and zeros (or what an earlier tile left)
                    // beyond the last key, where the values are zeros; values are laid out in whole panels of keys.
                    unsafe { E::tile(s, &unit, arguments) };
                    for (i, sums) in sums[..tile_count].iter().enumerate() {
                        let mixed = &mut scratch.mixed[(first + i) * mixed_stride + panel * PANEL..][..PANEL];
                        for at in (0..PANEL).step_by(S::LANES) {
                            let so_far = s.add(s.load(&mixed[at..]), s.load(&sums[at..]));
                            s.store(&mut mixed[at..], so_far);
                        }
                    }
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
    let mut greatest = s.splat(state.greatest);
    for at in (0..padded).step_by(S::LANES) {
        greatest = s.max(greatest, s.load(&scores[at..]));
    }
    let greatest = s.greatest(greatest);
    let mut total = s.splat(0.0);
    for at in (0..padded).step_by(S::LANES) {
        let weight = exp(s, s.sub(s.load(&scores[at..]), s.splat(greatest)));
        total = s.add(total, weight);
        E::store(s, &mut weights[at..], weight);
    }
    let fade = (state.greatest - greatest).exp();
    *state = State { greatest, total: state.total * fade + s.sum(total) };
    if fade != 1.0 {
        for at in (0..mixed.len()).step_by(S::LANES) {
            let faded = s.mul(s.load(&mixed[at..]), s.splat(fade));
            s.store(&mut mixed[at..], faded);
        }
    }
}

#[cfg(test)]
mod tests;
