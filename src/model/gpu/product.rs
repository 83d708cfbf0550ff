//! Products with the matrices of layers, and what becomes of their sums.

use super::array::{Numbers, Rows};
use super::cost::Cost;
use super::matrix::{DEPTH, Matrix};
use super::norm::Norm;
use super::picture::Windows;
use super::runner::{Dispatch, Weights};
use super::shader::Template;
use super::{Gpu, GpuError};
use crate::model::kernels::{Activation, Format};

/// Where outputs of a transposed convolution go, whose kernel is as large as its step.
#[derive(Clone, Copy, Debug)]
pub struct Shuffle {
    /// Pixels in a row of the input.
    pub width: usize,
    pub factor: usize,
    /// Of an output pixel.
    pub channels: usize,
}

/// What becomes of the sums: plus + scale · activation(sum + bias).
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends<'a> {
    pub activation: Activation,
    /// One number per output.
    pub scale: Option<&'a Weights>,
    /// Rows that are added.
    pub plus: Option<Rows<'a>>,
    pub shuffle: Option<Shuffle>,
    /// In place of all others: the end of a dense head.
    pub logits: Option<&'a Logits>,
}

/// The end of a dense head, behind a layer of 32 hidden channels: ReLU, and a layer of a few outputs, which go into planes.
#[derive(Clone, Debug)]
pub struct Logits {
    /// [outputs, 32], then the biases.
    weights: Weights,
    pub outputs: usize,
}

/// Hidden channels before logits.
const HIDDEN: usize = 32;

impl Logits {
    /// `weight`: [outputs, 32]; `bias`: one per output.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn new(gpu: &Gpu, weight: &[f32], bias: &[f32]) -> Result<Self, GpuError> {
        let outputs = bias.len();
        assert_eq!(weight.len(), outputs * HIDDEN, "a layer over {HIDDEN} channels");
        let padding = vec![0.0; outputs.next_multiple_of(4) - outputs];
        let weights = gpu.weights(bytemuck::cast_slice(&[weight, bias, &padding].concat()))?;
        Ok(Self { weights, outputs })
    }
}

/// Rows that LayerNorm sees before a product does.
#[derive(Clone, Copy, Debug)]
pub struct Normed<'a> {
    pub rows: Rows<'a>,
    /// [`super::moments`] of these rows.
    pub moments: &'a Numbers,
    pub norm: &'a Norm,
}

/// The left side of a product.
#[derive(Clone, Copy, Debug)]
pub(super) enum Left<'a> {
    Rows(Rows<'a>),
    Normed(Normed<'a>),
    /// Patches of a picture [channels, height, width], `side` pixels wide and high.
    Patches {
        numbers: &'a Numbers,
        height: usize,
        width: usize,
        side: usize,
    },
    /// 3×3 windows around the pixels of a map, every `step`-th.
    Windows(Windows<'a>),
}

/// Some outputs of a layer: from which on, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub first: usize,
    pub count: usize,
}

const WEIGHTS: (&str, &str) = ("weights", include_str!("../../../shaders/model/weights.wgsl"));
const TEXT: &str = include_str!("../../../shaders/model/product.wgsl");
const LOGITS: (&str, &str) = ("logits", include_str!("../../../shaders/model/logits.wgsl"));
const LOGITS_ARRAYS: (&str, &str) = ("logits_arrays", include_str!("../../../shaders/model/logits_arrays.wgsl"));
const ENDS: (&str, &str) = ("ends", include_str!("../../../shaders/model/ends.wgsl"));
pub(super) const ACTIVATION: (&str, &str) = ("activation", include_str!("../../../shaders/model/activation.wgsl"));
pub(super) const SEEN: (&str, &str) = ("seen", include_str!("../../../shaders/model/seen.wgsl"));

/// The kernel of products, for one kind of left side.
macro_rules! product_of {
    ($name:literal, $file:literal) => {
        Template {
            name: $name,
            text: TEXT,
            parts: &[
                ("source", include_str!(concat!("../../../shaders/model/", $file))),
                SEEN,
                WEIGHTS,
                ENDS,
                ACTIVATION,
                LOGITS,
                LOGITS_ARRAYS,
            ],
        }
    };
}

const OF_ROWS: Template = product_of!("product of rows", "source_rows.wgsl");
const OF_ODD_ROWS: Template = product_of!("product of odd rows", "source_odd.wgsl");
const OF_PATCHES: Template = product_of!("product of patches", "source_planes.wgsl");
const OF_WINDOWS: Template = product_of!("convolution", "source_windows.wgsl");

/// Groups of threads beside each other in one dispatch, as every card takes them.
const MOST_GROUPS: usize = 65_535;
/// Rows of a tile for each thread; a tile has eight times as many.
const TILE_ROWS: usize = 8;

/// Rows times a matrix, into rows of `y`, `stride` numbers from one to the next.
///
/// # Errors
/// As [`Gpu::run`].
pub fn multiply(x: Rows<'_>, matrix: &Matrix, ends: &Ends<'_>, y: Rows<'_>) -> Result<(), GpuError> {
    run(x.numbers.gpu(), Left::Rows(x), matrix, Part { first: 0, count: matrix.outputs }, ends, y)
}

/// What LayerNorm makes of rows times a matrix; some of the outputs.
///
/// # Errors
/// As [`Gpu::run`].
pub fn multiply_normed(
    x: Normed<'_>,
    matrix: &Matrix,
    part: Part,
    ends: &Ends<'_>,
    y: Rows<'_>,
) -> Result<(), GpuError> {
    run(x.rows.numbers.gpu(), Left::Normed(x), matrix, part, ends, y)
}

/// Patches of a picture [channels, height, width], as wide and high as `side`, times a matrix.
///
/// # Errors
/// As [`Gpu::run`].
pub fn multiply_patches(
    picture: &Numbers,
    [height, width]: [usize; 2],
    side: usize,
    matrix: &Matrix,
    ends: &Ends<'_>,
    y: Rows<'_>,
) -> Result<(), GpuError> {
    let part = Part { first: 0, count: matrix.outputs };
    run(picture.gpu(), Left::Patches { numbers: picture, height, width, side }, matrix, part, ends, y)
}

pub(super) fn run(
    gpu: &Gpu,
    left: Left<'_>,
    matrix: &Matrix,
    part: Part,
    ends: &Ends<'_>,
    y: Rows<'_>,
) -> Result<(), GpuError> {
    let inputs = matrix.inputs;
    assert!(part.first.is_multiple_of(4), "outputs are made in fours: {}", part.first);
    let is_odd = |rows: &Rows<'_>| {
        ![inputs, rows.stride, rows.numbers.skipped() as usize].iter().all(|numbers| numbers.is_multiple_of(4))
    };
    let quads = if part.count <= 32 { 8 } else { 16 };
    let is_whole = part.count.is_multiple_of(4) && y.stride.is_multiple_of(4);
    let (x, template, rows) = match left {
        Left::Rows(rows) if is_odd(&rows) => (rows.numbers, &OF_ODD_ROWS, rows.count),
        Left::Rows(rows) | Left::Normed(Normed { rows, .. }) => (rows.numbers, &OF_ROWS, rows.count),
        Left::Patches { numbers, height, width, side } => (numbers, &OF_PATCHES, height / side * (width / side)),
        Left::Windows(windows) => (windows.map.numbers, &OF_WINDOWS, y.count),
    };
    let mut values = vec![
        ("ROWS", TILE_ROWS as u32),
        ("QUADS", quads as u32),
        ("LEFT_LOADS", (TILE_ROWS * 8 * 4 / (8 * quads)) as u32),
        ("FORMAT", of_format(matrix.format)),
        ("RAGGED", u32::from(!inputs.is_multiple_of(DEPTH) && inputs.is_multiple_of(4))),
        (
            "SINGLE",
            u32::from(matches!(left, Left::Patches { .. }) || matches!(&left, Left::Rows(rows) if is_odd(rows))),
        ),
        ("ACTIVATION", of_activation(ends.activation)),
        ("NORMED", u32::from(matches!(left, Left::Normed(_)))),
        ("LOGITS", ends.logits.map_or(0, |logits| logits.outputs as u32)),
        ("SCALE", u32::from(ends.scale.is_some())),
        ("PLUS", u32::from(ends.plus.is_some())),
        ("SHUFFLED", u32::from(ends.shuffle.is_some())),
        ("GATED", u32::from(matrix.is_gated)),
        ("WHOLE", u32::from(is_whole)),
    ];
    let mut arrays =
        vec![(1, x.operand()), (2, matrix.weights.operand()), (3, matrix.bias.operand()), (4, y.numbers.operand())];
    arrays.extend(ends.scale.map(|scale| (5, scale.operand())));
    arrays.extend(ends.logits.map(|logits| (5, logits.weights.operand())));
    arrays.extend(ends.plus.map(|plus| (6, plus.numbers.operand())));
    let mut parameters = Parameters {
        rows: rows as u32,
        inputs: inputs as u32,
        outputs: part.count as u32,
        across: (matrix.across() / 4) as u32,
        first_quad: (part.first / 4) as u32,
        x_first: x.skipped(),
        y_first: y.numbers.skipped(),
        y_stride: y.stride as u32,
        // Planes of all pixels lie one behind the other.
        y_lane: ends.logits.map_or(0, |logits| y.numbers.len() / logits.outputs) as u32,
        scales_first: matrix.scales_first() as u32,
        ..bytemuck::Zeroable::zeroed()
    };
    match left {
        Left::Rows(rows) => parameters.x_stride = rows.stride as u32,
        Left::Normed(Normed { rows, moments, norm }) => {
            arrays.extend([(7, moments.operand()), (8, norm.weights.operand())]);
            (parameters.x_stride, parameters.moments_first) = (rows.stride as u32, moments.skipped());
        }
        Left::Patches { height, width, side, .. } => {
            (parameters.height, parameters.width, parameters.step) = (height as u32, width as u32, side as u32);
            parameters.out_width = (width / side) as u32;
        }
        Left::Windows(windows) => {
            values.extend(windows.map.values());
            values.push(("RELU_BEFORE", u32::from(windows.relu_before)));
            arrays.extend(windows.map.arrays());
            parameters.see(&windows);
        }
    }
    if let Some(plus) = ends.plus {
        (parameters.plus_first, parameters.plus_stride) = (plus.numbers.skipped(), plus.stride as u32);
    }
    if let Some(shuffle) = ends.shuffle {
        parameters.end_width = shuffle.width as u32;
        (parameters.factor, parameters.end_channels) = (shuffle.factor as u32, shuffle.channels as u32);
    }
    // Of the weights each dispatch reads all, of rows its own.
    let of_row = 2 * inputs * part.count;
    let tile = 8 * TILE_ROWS;
    let together = (gpu.longest() / (of_row * tile).max(1)).clamp(1, MOST_GROUPS) * tile;
    let numbers = |count: usize| {
        let outputs = ends.logits.map_or(part.count * (1 + usize::from(ends.plus.is_some())), |logits| logits.outputs);
        let own = outputs * count;
        x.len() * count / rows + inputs * part.count + own
    };
    for begin in (0..rows).step_by(together) {
        let count = together.min(rows - begin);
        parameters.begin = begin as u32;
        gpu.run(Dispatch {
            template,
            values: &values,
            arrays: &arrays,
            parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
            groups: [part.count.div_ceil(4 * quads), count.div_ceil(tile), 1],
            cost: Cost::of(of_row * count, numbers(count)),
        })?;
    }
    Ok(())
}

/// As in `weights.wgsl`.
fn of_format(format: Format) -> u32 {
    match format {
        Format::F32 => 0,
        Format::F16 => 1,
        Format::Bf16 => 2,
        Format::Int8 => 3,
    }
}

/// As in `activation.wgsl`.
pub(super) fn of_activation(activation: Activation) -> u32 {
    match activation {
        Activation::None => 0,
        Activation::Relu => 1,
        Activation::Gelu => 2,
        Activation::Silu => 3,
    }
}

/// As in `product.wgsl`.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Parameters {
    rows: u32,
    inputs: u32,
    outputs: u32,
    across: u32,
    first_quad: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    plus_first: u32,
    plus_stride: u32,
    channels: u32,
    height: u32,
    width: u32,
    out_width: u32,
    step: u32,
    map_height: u32,
    map_width: u32,
    map_step_y: f32,
    map_step_x: f32,
    end_width: u32,
    end_channels: u32,
    factor: u32,
    columns_first: u32,
    rows_first: u32,
    moments_first: u32,
    scales_first: u32,
    begin: u32,
    y_lane: u32,
}

impl Parameters {
    fn see(&mut self, windows: &Windows<'_>) {
        let map = &windows.map;
        let [height, width] = map.seen();
        self.channels = map.channels as u32;
        (self.height, self.width) = (height as u32, width as u32);
        (self.out_width, self.step) = (windows.size()[1] as u32, windows.step as u32);
        (self.map_height, self.map_width) = (map.height as u32, map.width as u32);
        [self.map_step_y, self.map_step_x] = map.steps();
        if let Some([columns, rows]) = map.tables {
            (self.columns_first, self.rows_first) = (columns.skipped(), rows.skipped());
        }
    }
}

#[cfg(test)]
mod tests;
