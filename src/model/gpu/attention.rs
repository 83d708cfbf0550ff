//! Attention: queries and keys made ready where they lie, then softmax(q·kᵀ/√d)·v.

use super::GpuError;
use super::array::{Numbers, Rows};
use super::cost::Cost;
use super::norm::{Norm, in_groups};
use super::runner::{Dispatch, Operand};
use super::shader::Template;

/// Bands of a group of threads, each of some queries, and keys that it looks at together.
const BANDS: usize = 8;
const KEYS: usize = 16;

/// By what queries and keys are turned: cosines and sines, [tokens, d/2] each, that repeat after so many tokens.
#[derive(Clone, Copy, Debug)]
pub struct Turned<'a> {
    pub cos: &'a Numbers,
    pub sin: &'a Numbers,
    pub tokens: usize,
}

const HEADS: Template = Template { name: "heads", text: include_str!("../../../shaders/model/heads.wgsl"), parts: &[] };
const ATTENTION: Template =
    Template { name: "attention", text: include_str!("../../../shaders/model/attention.wgsl"), parts: &[] };

/// As in `heads.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct HeadsParameters {
    tokens: u32,
    heads: u32,
    x_first: u32,
    x_stride: u32,
    angles: u32,
    eps: f32,
    cos_first: u32,
    sin_first: u32,
}

/// Norms the heads of keys (one row [heads · d] per token), and turns them: once for all queries, which are made ready as they are loaded.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn prepare_keys(
    x: Rows<'_>,
    [heads, d]: [usize; 2],
    norm: Option<&Norm>,
    turned: Option<Turned<'_>>,
) -> Result<(), GpuError> {
    if norm.is_none() && turned.is_none() {
        return Ok(());
    }
    let parameters = HeadsParameters {
        tokens: x.count as u32,
        heads: heads as u32,
        x_first: x.numbers.skipped(),
        x_stride: x.stride as u32,
        angles: turned.map_or(1, |turned| turned.tokens) as u32,
        eps: norm.map_or(0.0, |norm| norm.eps),
        cos_first: turned.map_or(0, |turned| turned.cos.skipped()),
        sin_first: turned.map_or(0, |turned| turned.sin.skipped()),
    };
    let mut arrays = vec![(1, x.numbers.operand())];
    arrays.extend(norm.map(|norm| (2, norm.weights.operand())));
    let tables = turned.map(|turned| [(4, turned.cos.operand()), (5, turned.sin.operand())]);
    arrays.extend(tables.into_iter().flatten());
    let numbers = x.count * heads * d;
    let [across, down] = in_groups((x.count * heads).div_ceil(64));
    x.numbers.gpu().run(Dispatch {
        template: &HEADS,
        values: &[
            ("HEAD", d as u32),
            ("QUADS", (d / 4) as u32),
            ("PAIRS", (d / 16) as u32),
            ("NORMED", u32::from(norm.is_some())),
            ("TURNED", u32::from(turned.is_some())),
        ],
        arrays: &arrays,
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [across, down, 1],
        cost: Cost::of(12 * numbers, 2 * numbers),
    })
}

/// Tokens [groups · tokens, heads · d] that attend to those of their own group.
#[derive(Clone, Copy, Debug)]
pub struct Attend<'a> {
    pub q: Rows<'a>,
    pub k: Rows<'a>,
    pub v: Rows<'a>,
    pub groups: usize,
    pub heads: usize,
    pub d: usize,
    /// What is done to queries first; keys are ready.
    pub norm: Option<&'a Norm>,
    pub turned: Option<Turned<'a>>,
}

/// As in `attention.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Parameters {
    queries: u32,
    keys: u32,
    first_query: u32,
    scale: f32,
    q_first: u32,
    q_stride: u32,
    k_first: u32,
    k_stride: u32,
    v_first: u32,
    v_stride: u32,
    y_first: u32,
    y_stride: u32,
    q_group: u32,
    k_group: u32,
    v_group: u32,
    y_group: u32,
    angles: u32,
    cos_first: u32,
    sin_first: u32,
    eps: f32,
}

/// What each token's heads make of the tokens of its group, into rows of `y`.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn attend(how: &Attend<'_>, y: Rows<'_>) -> Result<(), GpuError> {
    let Attend { q, k, v, groups, heads, d, norm, turned } = *how;
    assert!(d % 4 == 0 && d <= 112, "heads of {d} channels");
    // All of them, with a tile of keys and scores, in 16 KiB.
    let rows = if d <= 64 { 4 } else { 2 };
    let together = BANDS * rows;
    let (queries, keys) = (q.count / groups, k.count / groups);
    let mut parameters = Parameters {
        queries: queries as u32,
        keys: keys as u32,
        first_query: 0,
        scale: 1.0 / (d as f32).sqrt(),
        q_first: q.numbers.skipped(),
        q_stride: q.stride as u32,
        k_first: k.numbers.skipped(),
        k_stride: k.stride as u32,
        v_first: v.numbers.skipped(),
        v_stride: v.stride as u32,
        y_first: y.numbers.skipped(),
        y_stride: y.stride as u32,
        q_group: (queries * q.stride) as u32,
        k_group: (keys * k.stride) as u32,
        v_group: (keys * v.stride) as u32,
        y_group: (queries * y.stride) as u32,
        angles: turned.map_or(1, |turned| turned.tokens) as u32,
        cos_first: turned.map_or(0, |turned| turned.cos.skipped()),
        sin_first: turned.map_or(0, |turned| turned.sin.skipped()),
        eps: norm.map_or(0.0, |norm| norm.eps),
    };
    let mut arrays: Vec<(u32, Operand)> =
        [q, k, v, y].map(|rows| rows.numbers.operand()).into_iter().zip(1..).map(|(x, i)| (i, x)).collect();
    arrays.extend(norm.map(|norm| (5, norm.weights.operand())));
    let tables = turned.map(|turned| [(6, turned.cos.operand()), (7, turned.sin.operand())]);
    arrays.extend(tables.into_iter().flatten());
    // Tiles of queries that one dispatch may take.
    let of_tile = 4 * groups * heads * together * keys * d;
    if groups > 1 && of_tile > y.numbers.gpu().longest() {
        // Half of the groups, and the others.
        let half = groups / 2;
        for (first, count) in [(0, half), (half, groups - half)] {
            let some = |rows: Rows<'_>| {
                let own = rows.count / groups;
                let begin = first * own * rows.stride;
                (rows.numbers.part(begin, rows.numbers.len() - begin), count * own, rows.stride)
            };
            let parts = [q, k, v, y].map(some);
            let [q, k, v, y] =
                parts.each_ref().map(|(numbers, count, stride)| Rows { numbers, count: *count, stride: *stride });
            attend(&Attend { q, k, v, groups: count, ..*how }, y)?;
        }
        return Ok(());
    }
    let at_once = (y.numbers.gpu().longest() / of_tile.max(1)).max(1);
    let tiles = queries.div_ceil(together);
    for first in (0..tiles).step_by(at_once) {
        let count = at_once.min(tiles - first);
        parameters.first_query = (first * together) as u32;
        let asking = groups * (count * together).min(queries - first * together) * heads * d;
        y.numbers.gpu().run(Dispatch {
            template: &ATTENTION,
            values: &[
                ("HEAD", d as u32),
                ("HEAD_QUADS", (d / 4) as u32),
                ("KEYS", KEYS as u32),
                ("ROWS", rows as u32),
                ("PARTS", d.div_ceil(64) as u32),
                ("PREPARED", u32::from(norm.is_some() || turned.is_some())),
                ("NORMED", u32::from(norm.is_some())),
                ("TURNED", u32::from(turned.is_some())),
            ],
            arrays: &arrays,
            parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
            groups: [count, heads, groups],
            cost: Cost::of(4 * asking * keys, 2 * asking + 2 * groups * keys * heads * d),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
