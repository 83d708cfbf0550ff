//! Functions of single numbers.

use super::GpuError;
use super::array::Numbers;
use super::cost::Cost;
use super::norm::in_groups;
use super::product::{ACTIVATION, of_activation};
use super::runner::Dispatch;
use super::shader::Template;
use crate::model::kernels::Activation;

/// A function of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    Activation(Activation),
    /// eˣ plus this.
    ExpPlus(f32),
    /// The sigmoid, times this.
    Sigmoid(f32),
}

const EACH: Template =
    Template { name: "each", text: include_str!("../../../shaders/model/each.wgsl"), parts: &[ACTIVATION] };

/// As in `each.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Parameters {
    count: u32,
    x_first: u32,
    y_first: u32,
    factor: f32,
}

/// A function of each number, into as many others.
///
/// # Errors
/// As [`super::Gpu::run`].
pub fn apply(function: Function, x: &Numbers, y: &Numbers) -> Result<(), GpuError> {
    let (activation, factor) = match function {
        Function::Activation(activation) => (activation, 0.0),
        Function::ExpPlus(number) | Function::Sigmoid(number) => (Activation::None, number),
    };
    let [across, down] = in_groups(x.len().div_ceil(64));
    let parameters = Parameters { count: x.len() as u32, x_first: x.skipped(), y_first: y.skipped(), factor };
    x.gpu().run(Dispatch {
        template: &EACH,
        values: &[
            ("EXP", u32::from(matches!(function, Function::ExpPlus(_)))),
            ("SIGMOID", u32::from(matches!(function, Function::Sigmoid(_)))),
            ("ACTIVATED", u32::from(matches!(function, Function::Activation(_)))),
            ("ACTIVATION", of_activation(activation)),
        ],
        arrays: &[(1, x.operand()), (4, y.operand())],
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [across, down, 1],
        cost: Cost::of(8 * x.len(), 2 * x.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_close, numbers, on_both};
    use super::*;

    #[test]
    fn functions_are_what_they_say() {
        let x: Vec<f32> = numbers(1, 1000).iter().map(|x| 9.0 * x).collect();
        let relu = |x: f64| x.max(0.0);
        let functions: [(Function, &dyn Fn(f64) -> f64); 4] = [
            (Function::Activation(Activation::Relu), &relu),
            (Function::Activation(Activation::None), &|x| x),
            (Function::ExpPlus(1.0), &|x| x.exp() + 1.0),
            (Function::Sigmoid(20.0), &|x| 20.0 / (1.0 + (-x).exp())),
        ];
        for (function, expected) in functions {
            let y = on_both(|gpu| {
                let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, x.len())?);
                apply(function, &x, &y)?;
                y.read()
            });
            let expected: Vec<f64> = x.iter().map(|x| expected(f64::from(*x))).collect();
            assert_close(&y, &expected, 2e-6);
        }
    }
}
