//! Maps [height, width, channels]: convolutions of them, and other sizes.

use super::array::Numbers;
use super::cost::Cost;
use super::matrix::Matrix;
use super::product::{Ends, Left, Parameters, Part, Rows, SEEN, run};
use super::runner::{Dispatch, Operand, skipped};
use super::shader::Template;
use super::{GpuError, shader::Values};

/// A map, as it is or seen at another size.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub numbers: &'a Numbers,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// Seen so high and wide, bilinearly with corners on corners.
    pub resized: Option<[usize; 2]>,
    /// With a resized map: tables for its columns and rows, [width, channels / 2] and [height, channels / 2], that are added.
    pub tables: Option<[&'a Numbers; 2]>,
}

impl<'a> Picture<'a> {
    /// Height and width as it is seen.
    pub fn seen(&self) -> [usize; 2] {
        self.resized.unwrap_or([self.height, self.width])
    }

    fn steps(&self) -> [f32; 2] {
        let [height, width] = self.seen();
        let step = |from: usize, to: usize| if to == 1 { 0.0 } else { (from - 1) as f32 / (to - 1) as f32 };
        [step(self.height, height), step(self.width, width)]
    }

    fn arrays(&self) -> Vec<(u32, Operand<'a>)> {
        let [columns, rows] = [0, 1].map(|i| self.tables.map(|tables| tables[i]));
        columns
            .map(|columns| (7, Operand::Numbers(columns)))
            .into_iter()
            .chain(rows.map(|rows| (8, Operand::Numbers(rows))))
            .collect()
    }

    fn values(&self) -> [(&'static str, u32); 2] {
        [("RESIZED", u32::from(self.resized.is_some())), ("TABLES", u32::from(self.tables.is_some()))]
    }
}

/// 3×3 windows around the pixels of a map, with zeros around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows<'a> {
    pub map: Picture<'a>,
    /// Every so many-th pixel down and across.
    pub step: usize,
    pub relu_before: bool,
}

impl<'a> Windows<'a> {
    /// Down and across.
    fn size(&self) -> [usize; 2] {
        self.map.seen().map(|length| length.div_ceil(self.step))
    }

    pub fn tell(
        &self,
        parameters: &mut Parameters,
        values: &mut Vec<(&'static str, u32)>,
        arrays: &mut Vec<(u32, Operand<'a>)>,
    ) {
        let [height, width] = self.map.seen();
        values.extend(self.map.values());
        values.push(("RELU_BEFORE", u32::from(self.relu_before)));
        arrays.extend(self.map.arrays());
        parameters.channels = self.map.channels as u32;
        (parameters.height, parameters.width) = (height as u32, width as u32);
        parameters.out_width = self.size()[1] as u32;
        parameters.step = self.step as u32;
        (parameters.map_height, parameters.map_width) = (self.map.height as u32, self.map.width as u32);
        [parameters.map_step_y, parameters.map_step_x] = self.map.steps();
        if let Some([columns, rows]) = self.map.tables {
            (parameters.columns_first, parameters.rows_first) = (skipped(columns), skipped(rows));
        }
    }
}

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
    let table = |i: usize| map.tables.map_or(0, |tables| skipped(tables[i]));
    let parameters = ResizeParameters {
        channels: map.channels as u32,
        height: height as u32,
        width: width as u32,
        map_height: map.height as u32,
        map_width: map.width as u32,
        map_step_y,
        map_step_x,
        x_first: skipped(map.numbers),
        y_first: skipped(y),
        plus_first: plus.map_or(0, skipped),
        columns_first: table(0),
        rows_first: table(1),
    };
    let mut arrays = vec![(1, Operand::Numbers(map.numbers)), (4, Operand::Numbers(y))];
    arrays.extend(plus.map(|plus| (6, Operand::Numbers(plus))));
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
