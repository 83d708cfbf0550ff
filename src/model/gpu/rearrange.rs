//! Rows that only change their place.

use super::GpuError;
use super::cost::Cost;
use super::gpu::{Dispatch, Operand, skipped};
use super::norm::in_groups;
use super::product::Rows;
use super::shader::Template;

const COPY: Template = Template { name: "copy", text: include_str!("../../../shaders/model/copy.wgsl"), parts: &[] };

/// As in `copy.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Parameters {
    rows: u32,
    lanes: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    down: u32,
}

/// The first `length` numbers of each row, into as many rows of `y`.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn copy_rows(x: Rows<'_>, length: usize, y: Rows<'_>) -> Result<(), GpuError> {
    let [across, down] = in_groups(x.count);
    let is_whole = [length, x.stride, y.stride].iter().all(|numbers| numbers % 4 == 0)
        && [x, y].iter().all(|rows| skipped(rows.numbers).is_multiple_of(4));
    let width = if is_whole { 4 } else { 1 };
    let parameters = Parameters {
        rows: x.count as u32,
        lanes: (length / width) as u32,
        x_first: skipped(x.numbers),
        x_stride: x.stride as u32,
        y_first: skipped(y.numbers),
        y_stride: y.stride as u32,
        down: across as u32,
    };
    x.numbers.gpu().run(Dispatch {
        template: &COPY,
        values: &[("QUADS", u32::from(width == 4)), ("WIDTH", width as u32)],
        arrays: &[(1, Operand::Numbers(x.numbers)), (4, Operand::Numbers(y.numbers))],
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [across, down, 1],
        cost: Cost::of(0, 2 * x.count * length),
    })
}
