//! Weights as the matrix kernels read them: panels of 32 outputs, laid out once when a network is loaded.

use std::ops::Range;

use half::{bf16, f16};
use rayon::prelude::*;

use super::library::Right;
use super::lines::Lines;
use super::panel::{PANEL, Runs, STEP};
use super::simd::Simd;

/// Inputs that share one scale in the 8-bit format.
pub const INT8_BLOCK: usize = 32;

/// How the numbers of a matrix are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    F32,
    /// Half the memory; products in f32.
    F16,
    /// Half the memory; products in bf16 with f32 sums where the CPU has them, else in f32.
    Bf16,
    /// A quarter of the memory: 8-bit numbers with one f32 scale per output and [`INT8_BLOCK`] inputs; products in f32.
    Int8,
}

/// In which element type the left side of a product is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute {
    F32,
    Bf16,
}

/// A matrix [outputs, runs·length] in panels.
pub struct Matrix {
    outputs: usize,
    runs: Runs,
    data: Data,
}

/// Panels one after the other; in each, a row of 32 outputs per input.
enum Data {
    F32(Lines<f32>),
    /// No panels but [outputs, inputs], for a library that multiplies f32.
    F32ByOutput(Lines<f32>),
    F16(Lines<u16>),
    /// For CPUs without products in bf16.
    Bf16(Lines<u16>),
    /// Two inputs of one output side by side, as the CPU's bf16 products want them; runs are filled up with zeros to
    /// whole steps of [`STEP`].
    Bf16Pairs(Lines<u16>),
    Int8 {
        values: Lines<i8>,
        scales: Lines<f32>,
    },
}

impl Matrix {
    /// Lays out `value(output, input)` in panels of this format.
    pub(super) fn in_panels(
        outputs: usize,
        runs: Runs,
        format: Format,
        value: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Self {
        let (panels, inputs) = (outputs.div_ceil(PANEL), runs.total());
        let value = filled_up(outputs, value);
        let data = match format {
            Format::F32 => Data::F32(panelled(panels, inputs, value)),
            Format::F16 => Data::F16(panelled(panels, inputs, |p, i, c| f16::from_f32(value(p, i, c)).to_bits())),
            Format::Bf16 => Data::Bf16(panelled(panels, inputs, |p, i, c| bf16::from_f32(value(p, i, c)).to_bits())),
            Format::Int8 => {
                let blocks = inputs.div_ceil(INT8_BLOCK);
                let greatest = |p: usize, block: usize, c: usize| {
                    let inside = block * INT8_BLOCK..inputs.min((block + 1) * INT8_BLOCK);
                    inside.map(|i| value(p, i, c).abs()).fold(0.0, f32::max)
                };
                let scales: Lines<f32> = panelled(panels, blocks, |p, b, c| greatest(p, b, c) / 127.0);
                let scale = |p: usize, i: usize, c: usize| scales.get()[(p * blocks + i / INT8_BLOCK) * PANEL + c];
                let rounded = |p: usize, i: usize, c: usize| {
                    let scale = scale(p, i, c);
                    if scale > 0.0 { (value(p, i, c) / scale).round() as i8 } else { 0 }
                };
                Data::Int8 { values: panelled(panels, inputs, rounded), scales }
            }
        };
        Self { outputs, runs, data }
    }

    /// Lays out `value(output, input)` in bf16, for products in bf16.
    pub(super) fn in_pairs(outputs: usize, runs: Runs, value: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let value = filled_up(outputs, value);
        let padded = runs.length.next_multiple_of(STEP);
        // Row r of this layout holds inputs 2r and 2r + 1 of 32 outputs: 64 numbers, as two rows of the other.
        let pair = |p: usize, row: usize, column: usize| {
            let at = (row % 2) * PANEL + column;
            let padded_input = row / 2 * 2 + at % 2;
            let (run, inside) = (padded_input / padded, padded_input % padded);
            if inside >= runs.length {
                return 0;
            }
            bf16::from_f32(value(p, run * runs.length + inside, at / 2)).to_bits()
        };
        let data = Data::Bf16Pairs(panelled(outputs.div_ceil(PANEL), runs.count * padded, pair));
        Self { outputs, runs, data }
    }

    /// Lays out `value(output, input)` in f32, for a library.
    pub(super) fn by_output(outputs: usize, runs: Runs, value: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let inputs = runs.total();
        let mut lines = Lines::zeros(outputs * inputs);
        lines.get_mut().par_chunks_mut(inputs.max(1)).enumerate().for_each(|(output, out)| {
            out.iter_mut().enumerate().for_each(|(input, out)| *out = value(output, input));
        });
        Self { outputs, runs, data: Data::F32ByOutput(lines) }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn format(&self) -> Format {
        match self.data {
            Data::F32(_) | Data::F32ByOutput(_) => Format::F32,
            Data::F16(_) => Format::F16,
            Data::Bf16(_) | Data::Bf16Pairs(_) => Format::Bf16,
            Data::Int8 { .. } => Format::Int8,
        }
    }

    pub fn runs(&self) -> Runs {
        self.runs
    }

    pub fn panels(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// How the left side of a product with this matrix must be handed over.
    pub fn compute(&self) -> Compute {
        if matches!(self.data, Data::Bf16Pairs(_)) { Compute::Bf16 } else { Compute::F32 }
    }

    /// Memory of the numbers.
    pub fn bytes(&self) -> usize {
        match &self.data {
            Data::F32(values) | Data::F32ByOutput(values) => values.bytes(),
            Data::F16(values) | Data::Bf16(values) | Data::Bf16Pairs(values) => values.bytes(),
            Data::Int8 { values, scales } => values.bytes() + scales.bytes(),
        }
    }

    /// Whether it was laid out for a library.
    pub(super) fn is_by_output(&self) -> bool {
        matches!(self.data, Data::F32ByOutput(_))
    }

    /// A matrix of one run to measure with: the same number everywhere.
    pub(super) fn uniform(value: f32, outputs: usize, inputs: usize, is_by_output: bool) -> Self {
        assert!(outputs.is_multiple_of(PANEL), "no panel has to be filled up");
        let mut lines = Lines::zeros(outputs * inputs);
        lines.get_mut().fill(value);
        let data = if is_by_output { Data::F32ByOutput(lines) } else { Data::F32(lines) };
        Self { outputs, runs: Runs::one(inputs), data }
    }

    /// All inputs of some panels as a library takes them: as they lie, or else widened into `wide`, panel after panel by
    /// way of `narrow`.
    #[inline(always)]
    pub(super) fn block<'a, S: Simd>(
        &'a self,
        s: S,
        panels: Range<usize>,
        narrow: &mut Lines<f32>,
        wide: &'a mut Lines<f32>,
    ) -> Right<'a> {
        let inputs = self.runs.total();
        if let Data::F32ByOutput(values) = &self.data {
            let values = &values.get()[panels.start * PANEL * inputs..];
            return Right { values, is_by_output: true, stride: inputs };
        }
        let stride = panels.len() * PANEL;
        let wide = wide.resized(inputs * stride);
        for (at, panel) in panels.enumerate() {
            let numbers = self.panel(s, panel, 0..inputs, narrow);
            for (out, row) in wide.chunks_exact_mut(stride).zip(numbers.chunks_exact(PANEL)) {
                out[at * PANEL..][..PANEL].copy_from_slice(row);
            }
        }
        Right { values: wide, is_by_output: false, stride }
    }

    /// The pairs of one panel, [padded inputs / 2, 32, 2], for products in bf16.
    pub(super) fn pairs(&self, panel: usize) -> &[u16] {
        let Data::Bf16Pairs(values) = &self.data else { unreachable!("only these are multiplied in bf16") };
        let length = self.runs.count * self.runs.length.next_multiple_of(STEP) * PANEL;
        &values.get()[panel * length..][..length]
    }

    /// Some inputs of one panel in f32, [inputs, 32], brought into `wide` where they are kept otherwise. In the 8-bit format
    /// `inputs` begins with a block.
    #[inline(always)]
    pub(super) fn panel<'a, S: Simd>(
        &'a self,
        s: S,
        panel: usize,
        inputs: Range<usize>,
        wide: &'a mut Lines<f32>,
    ) -> &'a [f32] {
        let (first, length) = (panel * self.runs.total() + inputs.start, inputs.len() * PANEL);
        let range = first * PANEL..first * PANEL + length;
        if let Data::F32(values) = &self.data {
            return &values.get()[range];
        }
        let wide = wide.resized(length);
        match &self.data {
            Data::F16(values) => {
                for (out, x) in wide.chunks_exact_mut(S::LANES).zip(values.get()[range].chunks_exact(S::LANES)) {
                    s.store(out, s.load_f16(x));
                }
            }
            Data::Bf16(values) => {
                for (out, &x) in wide.iter_mut().zip(&values.get()[range]) {
                    *out = f32::from_bits(u32::from(x) << 16);
                }
            }
            Data::Int8 { values, scales } => {
                let blocks = self.runs.total().div_ceil(INT8_BLOCK);
                let scales = &scales.get()[(panel * blocks + inputs.start / INT8_BLOCK) * PANEL..];
                let rows = wide.chunks_exact_mut(PANEL).zip(values.get()[range].chunks_exact(PANEL));
                for (input, (out, x)) in rows.enumerate() {
                    let scales = &scales[input / INT8_BLOCK * PANEL..][..PANEL];
                    for lane in (0..PANEL).step_by(S::LANES) {
                        let v = s.mul(s.load_i8(&x[lane..]), s.load(&scales[lane..]));
                        s.store(&mut out[lane..], v);
                    }
                }
            }
            Data::F32ByOutput(values) => {
                let total = self.runs.total();
                let outputs = values.get()[panel * PANEL * total..].chunks_exact(total).take(PANEL);
                wide.fill(0.0);
                for (column, values) in outputs.enumerate() {
                    for (out, x) in wide.chunks_exact_mut(PANEL).zip(&values[inputs.clone()]) {
                        out[column] = *x;
                    }
                }
            }
            Data::F32(_) | Data::Bf16Pairs(_) => unreachable!("the one returned above, the other is never widened"),
        }
        wide
    }
}

/// `value(output, input)` by panel and column: absent outputs of the last panel are zeros.
fn filled_up(outputs: usize, value: impl Fn(usize, usize) -> f32 + Sync) -> impl Fn(usize, usize, usize) -> f32 + Sync {
    move |panel: usize, input: usize, column: usize| {
        let output = panel * PANEL + column;
        if output < outputs { value(output, input) } else { 0.0 }
    }
}

/// `value(panel, row, column)` for every place.
fn panelled<T: bytemuck::Pod + Send>(
    panels: usize,
    rows: usize,
    value: impl Fn(usize, usize, usize) -> T + Sync,
) -> Lines<T> {
    let mut lines = Lines::zeros(panels * rows * PANEL);
    lines.get_mut().par_chunks_mut((rows * PANEL).max(1)).enumerate().for_each(|(panel, out)| {
        for (row, out) in out.chunks_exact_mut(PANEL).enumerate() {
            for (column, out) in out.iter_mut().enumerate() {
                *out = value(panel, row, column);
            }
        }
    });
    lines
}

#[cfg(test)]
mod tests;
