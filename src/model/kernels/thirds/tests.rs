//! Thirds are the whole number, and products of them as exact as products of f32 by vectors.

use bytemuck::Zeroable;
use half::bf16;

use super::super::linear::{Inputs, linear};
use super::super::sinks::{PerOutput, Rows};
use super::super::testing::{Machine, Numbers, product, wide};
use super::*;

/// Takes a row apart, or a panel.
struct TakeApart<'a> {
    numbers: &'a [f32],
    is_panel: bool,
}

impl Kernel for TakeApart<'_> {
    type Output = Vec<u16>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<u16> {
        let mut thirds = vec![Thirds::zeroed(); self.numbers.len()];
        if self.is_panel {
            Thirds::take_panel(s, self.numbers, bytemuck::cast_slice_mut(&mut thirds));
        } else {
            Thirds::take_row(s, self.numbers, &mut thirds);
        }
        bytemuck::cast_slice(&thirds).to_vec()
    }
}

/// The sum of the bf16 at three places.
fn sum(thirds: &[u16], places: [usize; 3]) -> f64 {
    places.into_iter().map(|at| f64::from(bf16::from_bits(thirds[at]).to_f32())).sum()
}

/// Of every size that keeps a bf16's smallest third a normal number.
fn numbers(count: usize) -> Vec<f32> {
    let mut numbers = Numbers::new(31);
    (0..count).map(|i| numbers.next() * 2f32.powi(i as i32 % 180 - 90)).collect()
}

#[test]
fn a_number_is_the_sum_of_its_thirds() {
    let row = numbers(64 * PANEL);
    for level in Level::available() {
        let thirds = dispatch_on(level, TakeApart { numbers: &row, is_panel: false });
        for (i, &x) in row.iter().enumerate() {
            let places = [0, 1, 2].map(|third| i / STEP * 3 * STEP + third * STEP + i % STEP);
            assert_eq!(sum(&thirds, places), f64::from(x), "{level:?}: number {i}");
        }
        let thirds = dispatch_on(level, TakeApart { numbers: &row, is_panel: true });
        for (i, &x) in row.iter().enumerate() {
            let (input, column) = (i / PANEL, i % PANEL);
            let inside = input % STEP / 2 * 2 * PANEL + 2 * column + input % 2;
            let places = [0, 1, 2].map(|third| (input / STEP * 3 + third) * STEP * PANEL + inside);
            assert_eq!(sum(&thirds, places), f64::from(x), "{level:?}: input {input} of column {column}");
        }
    }
}

/// The root mean square of the errors of a layer without bias, and of its outputs.
fn error(machine: Machine, x: &[f32], weight: &[f32], inputs: usize, format: Format) -> f64 {
    let outputs = weight.len() / inputs;
    let y = machine.run(|| {
        let (bias, matrix) = (PerOutput::zeros(outputs), Matrix::new(weight, outputs, Runs::one(inputs), format));
        let x = Inputs::<f32>::copy_of(x, inputs);
        let mut y = vec![0.0; x.rows() * outputs];
        linear(&x, &matrix, &mut y, outputs, 1, |_, _| Rows::new(&bias, outputs));
        y
    });
    let exact = product(x, weight, &vec![0.0; outputs]);
    let square = |x: f64| x * x;
    let errors: f64 = wide(&y).iter().zip(&exact).map(|(y, exact)| square(y - exact)).sum();
    (errors / exact.iter().map(|&x| square(x)).sum::<f64>()).sqrt()
}

#[test]
fn products_of_thirds_are_as_exact_as_those_of_vectors() {
    let mut numbers = Numbers::new(32);
    for inputs in [64, 768, 3072] {
        let x = numbers.list(96 * inputs);
        for format in [Format::F32, Format::F16] {
            // Weights that the format holds exactly.
            let weight: Vec<f32> = numbers.list(48 * inputs).iter().map(|w| half::f16::from_f32(*w).to_f32()).collect();
            let weight = if format == Format::F32 { numbers.list(48 * inputs) } else { weight };
            let of = |machine: &Machine| error(*machine, &x, &weight, inputs, format);
            let worst_of_vectors = Machine::levels().iter().map(of).fold(0.0, f64::max);
            for machine in Machine::all().iter().filter(|machine| machine.unit.is_some()) {
                let error = of(machine);
                let bound = worst_of_vectors.max(1e-7);
                assert!(error <= bound, "{inputs} inputs, {format:?}, {machine:?}: {error:.2e}, vectors {bound:.2e}");
            }
        }
    }
}

#[test]
fn what_is_no_number_does_not_become_one() {
    for x in [f32::NAN, -f32::NAN, f32::from_bits(0x7fff_ffff), f32::INFINITY, f32::NEG_INFINITY] {
        let mut rows = vec![1.0; 96 * 64];
        rows[5 * 64 + 7] = x;
        for machine in Machine::all() {
            let y = machine.run(|| {
                let bias = PerOutput::zeros(33);
                let matrix = Matrix::new(&[0.5; 33 * 64], 33, Runs::one(64), Format::F32);
                let mut y = vec![0.0; 96 * 33];
                linear(&Inputs::<f32>::copy_of(&rows, 64), &matrix, &mut y, 33, 1, |_, _| Rows::new(&bias, 33));
                y
            });
            for (row, y) in y.chunks_exact(33).enumerate() {
                assert!(
                    y.iter().all(|y| if row == 5 { !y.is_finite() } else { *y == 32.0 }),
                    "{x}, {machine:?}: {row}"
                );
            }
        }
    }
}

#[test]
fn few_rows_and_odd_runs_stay_with_vectors() {
    for machine in Machine::all().into_iter().filter(|machine| machine.unit.is_some()) {
        machine.run(|| {
            assert!(unit_for::<f32>(Runs::one(64), ROWS_AT_LEAST).is_some());
            assert!(unit_for::<bf16>(Runs::one(64), ROWS_AT_LEAST).is_none());
            assert!(unit_for::<f32>(Runs::one(64), ROWS_AT_LEAST - 1).is_none());
            assert!(unit_for::<f32>(Runs { count: 3, length: 144 }, 1000).is_none());
        });
    }
}
