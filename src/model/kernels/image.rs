//! Maps [height, width, channels] as convolutions read them, row by row: as they are, or resized on the way.

use rayon::prelude::*;

use super::dispatch::{Level, dispatch_on};
use super::element::Element;
use super::simd::{Kernel, Simd};
use super::sinks::{load_some, store_some};

/// A map in memory.
#[derive(Clone, Copy)]
pub struct Map<'a> {
    /// [height, width, channels].
    pub values: &'a [f32],
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

/// Something whose rows can be written out.
pub trait Source: Copy + Sync {
    /// Height, width and channels.
    fn size(&self) -> [usize; 3];

    /// Writes row `y`, [width, channels]. `between` is scratch. Must be `#[inline(always)]`.
    fn row<S: Simd, E: Element>(&self, s: S, y: usize, between: &mut Vec<f32>, out: &mut [E]);
}

/// A map as it is, or with negative numbers made zero.
#[derive(Clone, Copy)]
pub struct Plain<'a> {
    pub map: Map<'a>,
    pub relu: bool,
}

impl Source for Plain<'_> {
    fn size(&self) -> [usize; 3] {
        [self.map.height, self.map.width, self.map.channels]
    }

    #[inline(always)]
    fn row<S: Simd, E: Element>(&self, s: S, y: usize, _: &mut Vec<f32>, out: &mut [E]) {
        let length = self.map.width * self.map.channels;
        let row = &self.map.values[y * length..][..length];
        let least = s.splat(if self.relu { 0.0 } else { f32::NEG_INFINITY });
        for at in (0..length).step_by(S::LANES) {
            let count = length - at;
            store_some(s, &mut out[at..], count, s.max(load_some(s, &row[at..], count), least));
        }
    }
}

/// What a head adds to a map so that it knows where it is: half of the channels depend on the column, half on the row.
pub struct PositionTables {
    /// [width, channels / 2].
    pub columns: Vec<f32>,
    /// [height, channels / 2].
    pub rows: Vec<f32>,
}

/// A map resized bilinearly with aligned corners, plus position tables.
#[derive(Clone, Copy)]
pub struct Resized<'a> {
    pub map: Map<'a>,
    pub height: usize,
    pub width: usize,
    pub positions: Option<&'a PositionTables>,
}

impl Source for Resized<'_> {
    fn size(&self) -> [usize; 3] {
        [self.height, self.width, self.map.channels]
    }

    #[inline(always)]
    fn row<S: Simd, E: Element>(&self, s: S, y: usize, between: &mut Vec<f32>, out: &mut [E]) {
        let Map { values, height, width, channels } = self.map;
        let length = width * channels;
        between.resize(length, 0.0);
        let (above, share) = place(y, height, self.height);
        let below = (above + 1).min(height - 1);
        let (above, below) = (&values[above * length..][..length], &values[below * length..][..length]);
        for at in (0..length).step_by(S::LANES) {
            let count = length - at;
            let (a, b) = (load_some(s, &above[at..], count), load_some(s, &below[at..], count));
            store_some(s, &mut between[at..], count, s.mul_add(s.sub(b, a), s.splat(share), a));
        }
        let half = channels / 2;
        for (x, out) in out.chunks_exact_mut(channels).enumerate() {
            let (left, share) = place(x, width, self.width);
            let right = (left + 1).min(width - 1);
            let (left, right) = (&between[left * channels..][..channels], &between[right * channels..][..channels]);
            for at in (0..channels).step_by(S::LANES) {
                let count = channels - at;
                let (a, b) = (load_some(s, &left[at..], count), load_some(s, &right[at..], count));
                let mut v = s.mul_add(s.sub(b, a), s.splat(share), a);
                if let Some(tables) = self.positions {
                    v = s.add(v, position(s, tables, half, y, x, at));
                }
                store_some(s, &mut out[at..], count, v);
            }
        }
    }
}

/// The numbers that belong to the channels from `at` on.
#[inline(always)]
fn position<S: Simd>(s: S, tables: &PositionTables, half: usize, y: usize, x: usize, at: usize) -> S::V {
    let (columns, rows) = (&tables.columns[x * half..][..half], &tables.rows[y * half..][..half]);
    if at + S::LANES <= half {
        return s.load(&columns[at..]);
    }
    if at >= half {
        return load_some(s, &rows[at - half..], S::LANES);
    }
    let mut lanes = [0.0; 16];
    for (lane, out) in lanes.iter_mut().enumerate().take(S::LANES) {
        let channel = at + lane;
        *out = if channel < half { columns[channel] } else { rows.get(channel - half).copied().unwrap_or(0.0) };
    }
    s.load(&lanes)
}

/// Where place `to` of `wanted` lies among `available`, corners on corners: the place before, and how far beyond it.
#[inline(always)]
fn place(to: usize, available: usize, wanted: usize) -> (usize, f32) {
    if wanted == 1 {
        return (0, 0.0);
    }
    let at = to as f32 * ((available - 1) as f32 / (wanted - 1) as f32);
    let before = (at as usize).min(available - 1);
    (before, at - before as f32)
}

/// Writes a whole source, plus another map of its size, into `out`.
pub fn write<Src: Source>(source: Src, plus: Option<&[f32]>, out: &mut [f32]) {
    let [_, width, channels] = source.size();
    let row = width * channels;
    out.par_chunks_mut(row).enumerate().for_each_init(Vec::new, |between, (y, out)| {
        dispatch_on(
            Level::best(),
            WriteRow { source, y, plus: plus.map(|plus| &plus[y * row..][..row]), between, out },
        );
    });
}

struct WriteRow<'a, Src> {
    source: Src,
    y: usize,
    plus: Option<&'a [f32]>,
    between: &'a mut Vec<f32>,
    out: &'a mut [f32],
}

impl<Src: Source> Kernel for WriteRow<'_, Src> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { source, y, plus, between, out } = self;
        source.row(s, y, between, out);
        let Some(plus) = plus else { return };
        for at in (0..out.len()).step_by(S::LANES) {
            let count = out.len() - at;
            let v = s.add(load_some(s, &out[at..], count), load_some(s, &plus[at..], count));
            store_some(s, &mut out[at..], count, v);
        }
    }
}

#[cfg(test)]
mod tests;
