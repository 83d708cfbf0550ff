//! Maps [height, width, channels]: convolutions of them, and other sizes.

use super::array::{Numbers, Rows};
use super::cost::Cost;
use super::matrix::Matrix;
use super::picture::{Picture, Windows};
use super::product::{Ends, Left, Part, SEEN, run};
use super::runner::Dispatch;
use super::shader::Template;
use super::{GpuError, shader::Values};

/// What a convolution does beside its sums.
#[derive(Clone, Copy, Debug)]
pub struct Convolution<'a> {
    pub step: usize,
    pub relu_before: bool,
    pub ends: Ends<'a>,
}

impl Convolution<'_> {
    /// How large a map becomes.
    pub fn size(&self, map: &Picture<'_>) -> [usize; 2] {
        map.seen().map(|length| length.div_ceil(self.step))
    }
}

/// 3×3 convolution of a map, padding 1. Inputs of the matrix are (row, column, channel) of the window.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn convolve(map: Picture<'_>, matrix: &Matrix, how: &Convolution<'_>, y: &Numbers) -> Result<(), GpuError> {
    let windows = Windows { map, step: how.step, relu_before: how.relu_before };
    let y = Rows { numbers: y, count: how.size(&map).into_iter().product(), stride: matrix.outputs };
    run(map.numbers.gpu(), Left::Windows(windows), matrix, Part { first: 0, count: matrix.outputs }, &how.ends, y)
}

const RESIZE: Template =
    Template { name: "resize", text: include_str!("../../../shaders/model/resize.wgsl"), parts: &[SEEN] };

/// As in `resize.wgsl`.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct ResizeParameters {
    channels: u32,
    height: u32,
    width: u32,
    map_height: u32,
    map_width: u32,
    map_step_y: f32,
    map_step_x: f32,
    x_first: u32,
    y_first: u32,
    plus_first: u32,
    columns_first: u32,
    rows_first: u32,
}

/// Writes a map as it is seen, plus another one of that size.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn resize(map: Picture<'_>, plus: Option<&Numbers>, y: &Numbers) -> Result<(), GpuError> {
    let [height, width] = map.seen();
    let [map_step_y, map_step_x] = map.steps();
    let table = |i: usize| map.tables.map_or(0, |tables| tables[i].skipped());
    let parameters = ResizeParameters {
        channels: map.channels as u32,
        height: height as u32,
        width: width as u32,
        map_height: map.height as u32,
        map_width: map.width as u32,
        map_step_y,
        map_step_x,
        x_first: map.numbers.skipped(),
        y_first: y.skipped(),
        plus_first: plus.map_or(0, Numbers::skipped),
        columns_first: table(0),
        rows_first: table(1),
    };
    let mut arrays = vec![(1, map.numbers.operand()), (4, y.operand())];
    arrays.extend(plus.map(|plus| (6, plus.operand())));
    arrays.extend(map.arrays());
    let [resized, tables] = map.values();
    let values: Values<'_> = &[resized, tables, ("PLUS", u32::from(plus.is_some()))];
    map.numbers.gpu().run(Dispatch {
        template: &RESIZE,
        values,
        arrays: &arrays,
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [(width * map.channels / 4).div_ceil(64), height, 1],
        cost: Cost::of(7 * y.len(), map.numbers.len() + y.len() * (1 + usize::from(plus.is_some()))),
    })
}

#[cfg(test)]
mod tests;
