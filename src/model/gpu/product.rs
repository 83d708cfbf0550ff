//! Products with the matrices of layers, and what becomes of their sums.

use super::array::Numbers;
use super::cost::Cost;
use super::gpu::{Dispatch, Operand, Weights, skipped};
use super::matrix::{DEPTH, Matrix};
use super::shader::Template;
use super::{Gpu, GpuError};
use crate::model::kernels::{Activation, Format};

/// Rows of numbers, `stride` from one to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub numbers: &'a Numbers,
    pub count: usize,
    pub stride: usize,
}

/// Where outputs of a transposed convolution go, whose kernel is as large as its step.
#[derive(Clone, Copy, Debug)]
pub struct Shuffle {
    /// Pixels in a row of the input.
    pub width: usize,
    pub factor: usize,
    /// Of an output pixel.
    pub channels: usize,
}

/// Position tables, [width, outputs / 2] and [height, outputs / 2], and the width of a map in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub columns: &'a Numbers,
    pub rows: &'a Numbers,
    pub width: usize,
}

/// What becomes of the sums: plus + scale · activation(sum + bias) + positions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends<'a> {
    pub activation: Activation,
    /// One number per output.
    pub scale: Option<&'a Weights>,
    /// Rows that are added.
    pub plus: Option<Rows<'a>>,
    pub placed: Option<Placed<'a>>,
    /// Outputs in planes of so many numbers each, in place of rows.
    pub plane: Option<usize>,
    pub shuffle: Option<Shuffle>,
}

/// The left side of a product.
#[derive(Clone, Copy, Debug)]
pub(super) enum Left<'a> {
    Rows(Rows<'a>),
    /// Patches of a picture [channels, height, width], `side` pixels wide and high.
    Patches {
        numbers: &'a Numbers,
        height: usize,
        width: usize,
        side: usize,
    },
    /// 3×3 windows around the pixels of a map, every `step`-th.
    Windows(super::conv::Windows<'a>),
}

/// Some outputs of a layer: from which on, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub first: usize,
    pub count: usize,
}

const WEIGHTS: (&str, &str) = ("weights", include_str!("../../../shaders/model/weights.wgsl"));
const TEXT: &str = include_str!("../../../shaders/model/product.wgsl");
const ENDS: (&str, &str) = ("ends", include_str!("../../../shaders/model/ends.wgsl"));
pub(super) const ACTIVATION: (&str, &str) = ("activation", include_str!("../../../shaders/model/activation.wgsl"));
pub(super) const SEEN: (&str, &str) = ("seen", include_str!("../../../shaders/model/seen.wgsl"));

const OF_ROWS: Template = Template {
    name: "product of rows",
    text: TEXT,
    parts: &[("source", include_str!("../../../shaders/model/source_rows.wgsl")), WEIGHTS, ENDS, ACTIVATION],
};
const OF_ODD_ROWS: Template = Template {
    name: "product of odd rows",
    text: TEXT,
    parts: &[("source", include_str!("../../../shaders/model/source_odd.wgsl")), WEIGHTS, ENDS, ACTIVATION],
};
const OF_PATCHES: Template = Template {
    name: "product of patches",
    text: TEXT,
    parts: &[("source", include_str!("../../../shaders/model/source_planes.wgsl")), WEIGHTS, ENDS, ACTIVATION],
};
const OF_WINDOWS: Template = Template {
    name: "convolution",
    text: TEXT,
    parts: &[("source", include_str!("../../../shaders/model/source_windows.wgsl")), SEEN, WEIGHTS, ENDS, ACTIVATION],
};

/// Rows of a tile for each thread; a tile has eight times as many.
const TILE_ROWS: usize = 8;

/// Rows times a matrix, into rows of `y`, `stride` numbers from one to the next.
///
/// # Errors
/// As [`Gpu::run`].
pub fn multiply(x: Rows<'_>, matrix: &Matrix, ends: &Ends<'_>, y: Rows<'_>) -> Result<(), GpuError> {
    multiply_part(x, matrix, Part { first: 0, count: matrix.outputs }, ends, y)
}

/// The same for some of the outputs.
///
/// # Errors
/// As [`Gpu::run`].
pub fn multiply_part(x: Rows<'_>, matrix: &Matrix, part: Part, ends: &Ends<'_>, y: Rows<'_>) -> Result<(), GpuError> {
    run(x.numbers.gpu(), Left::Rows(x), matrix, part, ends, y)
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
    let in_fours = |rows: &Rows<'_>| rows.stride.is_multiple_of(4) && skipped(rows.numbers).is_multiple_of(4);
    let is_odd = |rows: &Rows<'_>| !inputs.is_multiple_of(4) || !in_fours(rows);
    let quads = if part.count <= 32 { 8 } else { 16 };
    let is_whole = part.count.is_multiple_of(4) && y.stride.is_multiple_of(4) && ends.plane.is_none();
    let (x, template, rows) = match left {
        Left::Rows(rows) if is_odd(&rows) => (rows.numbers, &OF_ODD_ROWS, rows.count),
        Left::Rows(rows) => (rows.numbers, &OF_ROWS, rows.count),
        Left::Patches { numbers, height, width, side } => (numbers, &OF_PATCHES, height / side * (width / side)),
        Left::Windows(windows) => (windows.map.numbers, &OF_WINDOWS, y.count),
    };
    let tables = ends.placed.map(|placed| [placed.columns, placed.rows]);
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
        ("SCALE", u32::from(ends.scale.is_some())),
        ("PLUS", u32::from(ends.plus.is_some())),
        ("PLACED", u32::from(tables.is_some())),
        ("SHUFFLED", u32::from(ends.shuffle.is_some())),
        ("GATED", u32::from(matrix.is_gated)),
        ("WHOLE", u32::from(is_whole)),
    ];
    let mut arrays = vec![
        (1, Operand::Numbers(x)),
        (2, Operand::Weights(&matrix.weights)),
        (3, Operand::Weights(&matrix.bias)),
        (4, Operand::Numbers(y.numbers)),
    ];
    arrays.extend(ends.scale.map(|scale| (5, Operand::Weights(scale))));
    arrays.extend(ends.plus.map(|plus| (6, Operand::Numbers(plus.numbers))));
    let mut parameters = Parameters {
        rows: rows as u32,
        inputs: inputs as u32,
        outputs: part.count as u32,
        across: (matrix.across() / 4) as u32,
        first_quad: (part.first / 4) as u32,
        x_first: skipped(x),
        y_first: skipped(y.numbers),
        y_stride: y.stride as u32,
        y_lane: 1,
        scales_first: matrix.scales_first() as u32,
        ..bytemuck::Zeroable::zeroed()
    };
    match left {
        Left::Rows(rows) => parameters.x_stride = rows.stride as u32,
        Left::Patches { height, width, side, .. } => {
            (parameters.height, parameters.width, parameters.step) = (height as u32, width as u32, side as u32);
            parameters.out_width = (width / side) as u32;
        }
        Left::Windows(windows) => windows.tell(&mut parameters, &mut values, &mut arrays),
    }
    if let Some(plane) = ends.plane {
        (parameters.y_stride, parameters.y_lane) = (1, plane as u32);
    }
    if let Some(plus) = ends.plus {
        (parameters.plus_first, parameters.plus_stride) = (skipped(plus.numbers), plus.stride as u32);
    }
    if let (Some(placed), Some([columns, rows])) = (ends.placed, tables) {
        arrays.extend([(7, Operand::Numbers(columns)), (8, Operand::Numbers(rows))]);
        (parameters.columns_first, parameters.rows_first) = (skipped(columns), skipped(rows));
        parameters.end_width = placed.width as u32;
    }
    if let Some(shuffle) = ends.shuffle {
        parameters.end_width = shuffle.width as u32;
        (parameters.factor, parameters.end_channels) = (shuffle.factor as u32, shuffle.channels as u32);
    }
    let numbers: usize = x.len() + inputs * part.count + rows * part.count * (1 + usize::from(ends.plus.is_some()));
    gpu.run(Dispatch {
        template,
        values: &values,
        arrays: &arrays,
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [part.count.div_ceil(4 * quads), rows.div_ceil(8 * TILE_ROWS), 1],
        cost: Cost::of(2 * rows * inputs * part.count, numbers),
    })
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
pub(super) struct Parameters {
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
    pub channels: u32,
    pub height: u32,
    pub width: u32,
    pub out_width: u32,
    pub step: u32,
    pub map_height: u32,
    pub map_width: u32,
    pub map_step_y: f32,
    pub map_step_x: f32,
    end_width: u32,
    end_channels: u32,
    factor: u32,
    pub columns_first: u32,
    pub rows_first: u32,
    scales_first: u32,
    pub first_row: u32,
    y_lane: u32,
}

#[cfg(test)]
mod tests;
