//! Rows that only change their place.

use super::GpuError;
use super::array::Rows;
use super::cost::Cost;
use super::norm::in_groups;
use super::runner::Dispatch;
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
    let is_whole = [length, x.stride, y.stride].iter().all(|numbers| numbers.is_multiple_of(4))
        && [x, y].iter().all(|rows| rows.numbers.skipped().is_multiple_of(4));
    let width = if is_whole { 4 } else { 1 };
    let parameters = Parameters {
        rows: x.count as u32,
        lanes: (length / width) as u32,
        x_first: x.numbers.skipped(),
        x_stride: x.stride as u32,
        y_first: y.numbers.skipped(),
        y_stride: y.stride as u32,
        down: across as u32,
    };
    x.numbers.gpu().run(Dispatch {
        template: &COPY,
        values: &[("QUADS", u32::from(width == 4)), ("WIDTH", width as u32)],
        arrays: &[(1, x.numbers.operand()), (4, y.numbers.operand())],
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [across, down, 1],
        cost: Cost::of(0, 2 * x.count * length),
    })
}
