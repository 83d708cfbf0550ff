use super::super::norm::moments;
use super::super::testing::{assert_close, numbers, on_both};
use super::*;

/// x·Wᵀ + b in f64: `x` [rows, inputs], `w` [outputs, inputs].
fn plain(x: &[f32], w: &[f32], bias: &[f32], inputs: usize) -> Vec<f64> {
    let sum = |row: &[f32], w: &[f32]| row.iter().zip(w).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let row =
        |row: &[f32]| w.chunks_exact(inputs).zip(bias).map(|(w, b)| sum(row, w) + f64::from(*b)).collect::<Vec<_>>();
    x.chunks_exact(inputs).flat_map(row).collect()
}

fn matrix(gpu: &Gpu, w: &[f32], bias: &[f32], inputs: usize) -> Result<Matrix, GpuError> {
    Matrix::new(gpu, [bias.len(), inputs], bias, Format::F32, &|output, input| w[output * inputs + input])
}

/// The error function by its series, in f64.
fn erf(x: f64) -> f64 {
    if x.abs() > 5.0 {
        return x.signum();
    }
    let (mut sum, mut term) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

#[test]
fn ragged_products_are_right() {
    for (rows, inputs, outputs) in [
        (1, 4, 1),
        (3, 9, 24),
        (40, 7, 3),
        (1, 16, 64),
        (65, 20, 66),
        (130, 36, 2),
        (63, 64, 32),
        (64, 588, 96),
        (7, 384, 130),
    ] {
        let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
        let y = on_both(|gpu| {
            let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs)?);
            let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
            multiply(rows_of(&x, inputs), &matrix(gpu, &w, &bias, inputs)?, &Ends::default(), rows_of(&y, outputs))?;
            y.read()
        });
        assert_close(&y, &plain(&x, &w, &bias, inputs), 2e-6);
    }
}

#[test]
fn ends_do_what_they_say() {
    let (rows, inputs, outputs) = (37, 48, 72);
    let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
    let (scale, plus) = (numbers(4, outputs), numbers(5, rows * outputs));
    let sums = plain(&x, &w, &bias, inputs);
    for activation in [Activation::None, Activation::Relu, Activation::Gelu, Activation::Silu] {
        for (is_scaled, is_added) in [(false, false), (true, false), (false, true), (true, true)] {
            let y = on_both(|gpu| {
                let (x, y, plus) =
                    (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs)?, Numbers::upload(gpu, &plus)?);
                let scale = gpu.weights(bytemuck::cast_slice(&scale))?;
                let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
                let plus = rows_of(&plus, outputs);
                let ends = Ends {
                    activation,
                    scale: is_scaled.then_some(&scale),
                    plus: is_added.then_some(plus),
                    ..Ends::default()
                };
                multiply(rows_of(&x, inputs), &matrix(gpu, &w, &bias, inputs)?, &ends, rows_of(&y, outputs))?;
                y.read()
            });
            let end = |(i, sum): (usize, &f64)| {
                let active = match activation {
                    Activation::None => *sum,
                    Activation::Relu => sum.max(0.0),
                    Activation::Silu => sum / (1.0 + (-sum).exp()),
                    Activation::Gelu => 0.5 * sum * (1.0 + erf(sum / 2f64.sqrt())),
                };
                let scaled = if is_scaled { active * f64::from(scale[i % outputs]) } else { active };
                if is_added { scaled + f64::from(plus[i]) } else { scaled }
            };
            let expected: Vec<f64> = sums.iter().enumerate().map(end).collect();
            assert_close(&y, &expected, 2e-6);
        }
    }
}

#[test]
fn gates_let_through_what_stands_beside_them() {
    let (rows, inputs, outputs) = (41, 32, 88);
    let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
    let y = on_both(|gpu| {
        let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs / 2)?);
        let matrix =
            Matrix::gated(gpu, [outputs, inputs], &bias, Format::F32, &|output, input| w[output * inputs + input])?;
        let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
        multiply(rows_of(&x, inputs), &matrix, &Ends::default(), rows_of(&y, outputs / 2))?;
        y.read()
    });
    let sums = plain(&x, &w, &bias, inputs);
    let gate = |row: &[f64]| {
        (0..outputs / 2).map(|i| row[i] / (1.0 + (-row[i]).exp()) * row[outputs / 2 + i]).collect::<Vec<_>>()
    };
    let expected: Vec<f64> = sums.chunks_exact(outputs).flat_map(gate).collect();
    assert_close(&y, &expected, 2e-6);
}

/// Rows within rows, some of the outputs, and a residual that lies elsewhere.
#[test]
fn parts_of_arrays_are_found() {
    let (rows, inputs, outputs) = (50, 16, 192);
    let (x, w, bias) = (numbers(1, rows * 40), numbers(2, outputs * inputs), numbers(3, outputs));
    let y = on_both(|gpu| {
        let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::upload(gpu, &vec![7.0; rows * 100])?);
        let (within, into) = (x.part(24, x.len() - 24), y.part(36, y.len() - 36));
        let from = Rows { numbers: &within, count: rows, stride: 40 };
        let to = Rows { numbers: &into, count: rows, stride: 100 };
        run(
            gpu,
            Left::Rows(from),
            &matrix(gpu, &w, &bias, inputs)?,
            Part { first: 64, count: 64 },
            &Ends::default(),
            to,
        )?;
        y.read()
    });
    let picked: Vec<f32> = x.chunks_exact(40).flat_map(|row| &row[24..40]).copied().collect();
    let sums = plain(&picked, &w, &bias, inputs);
    let mut expected = vec![7.0; rows * 100];
    for (row, sums) in sums.chunks_exact(outputs).enumerate() {
        expected[row * 100 + 36..][..64].copy_from_slice(&sums[64..128]);
    }
    assert_close(&y, &expected, 2e-6);
}

#[test]
fn outputs_become_blocks_of_pixels() {
    let (height, width, inputs, channels) = (3, 5, 32, 12);
    for factor in [2, 4] {
        let outputs = factor * factor * channels;
        let (x, w, bias) = (numbers(1, height * width * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
        let y = on_both(|gpu| {
            let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, height * width * outputs)?);
            let rows_of = |numbers, stride| Rows { numbers, count: height * width, stride };
            let ends = Ends { shuffle: Some(Shuffle { width, factor, channels }), ..Ends::default() };
            multiply(rows_of(&x, inputs), &matrix(gpu, &w, &bias, inputs)?, &ends, rows_of(&y, outputs))?;
            y.read()
        });
        let sums = plain(&x, &w, &bias, inputs);
        let at = |i: usize| {
            let (down, across, channel) =
                (i / channels / (width * factor), i / channels % (width * factor), i % channels);
            let block = down % factor * factor + across % factor;
            sums[(down / factor * width + across / factor) * outputs + block * channels + channel]
        };
        assert_close(&y, &(0..sums.len()).map(at).collect::<Vec<_>>(), 2e-6);
    }
}

#[test]
fn patches_are_cut_from_planes() {
    let (height, width, side, outputs) = (28, 42, 14, 48);
    let inputs = 3 * side * side;
    let (x, w, bias) = (numbers(1, 3 * height * width), numbers(2, outputs * inputs), numbers(3, outputs));
    let count = (height / side) * (width / side);
    let y = on_both(|gpu| {
        let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, count * outputs)?);
        let to = Rows { numbers: &y, count, stride: outputs };
        multiply_patches(&x, [height, width], side, &matrix(gpu, &w, &bias, inputs)?, &Ends::default(), to)?;
        y.read()
    });
    let pixel = |patch: usize, input: usize| {
        let (down, across) = (patch / (width / side) * side, patch % (width / side) * side);
        let (channel, row, column) = (input / (side * side), input / side % side, input % side);
        x[(channel * height + down + row) * width + across + column]
    };
    let rows: Vec<f32> = (0..count).flat_map(|patch| (0..inputs).map(move |input| pixel(patch, input))).collect();
    assert_close(&y, &plain(&rows, &w, &bias, inputs), 2e-6);
}

#[test]
fn small_weights_are_what_they_were_rounded_to() {
    let (rows, inputs, outputs) = (20, 80, 70);
    let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
    let in_8_bits = |i: usize| {
        let (row, block) = (i / inputs * inputs, i % inputs / 32 * 32);
        let block = &w[row + block..row + (block + 32).min(inputs)];
        let scale = block.iter().fold(0f32, |most, x| most.max(x.abs())) / 127.0;
        (w[i] / scale).round() * scale
    };
    for format in [Format::F32, Format::F16, Format::Bf16, Format::Int8] {
        let rounded: Vec<f32> = match format {
            Format::F32 => w.clone(),
            Format::F16 => w.iter().map(|x| half::f16::from_f32(*x).to_f32()).collect(),
            Format::Bf16 => w.iter().map(|x| half::bf16::from_f32(*x).to_f32()).collect(),
            Format::Int8 => (0..w.len()).map(in_8_bits).collect(),
        };
        let y = on_both(|gpu| {
            let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs)?);
            let matrix =
                Matrix::new(gpu, [outputs, inputs], &bias, format, &|output, input| w[output * inputs + input])?;
            let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
            multiply(rows_of(&x, inputs), &matrix, &Ends::default(), rows_of(&y, outputs))?;
            y.read()
        });
        assert_close(&y, &plain(&x, &rounded, &bias, inputs), 2e-6);
    }
}

#[test]
fn rows_are_normed_on_the_way() {
    let (rows, inputs, outputs) = (70, 96, 40);
    let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs));
    let (weight, shift) = (numbers(4, inputs), numbers(5, inputs));
    let y = on_both(|gpu| {
        let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs)?);
        let norm = Norm::new(gpu, &weight, &shift, 1e-6)?;
        let from = Rows { numbers: &x, count: rows, stride: inputs };
        let normed = Normed { rows: from, moments: &moments(from, &norm)?, norm: &norm };
        let (part, to) = (Part { first: 0, count: outputs }, Rows { numbers: &y, count: rows, stride: outputs });
        multiply_normed(normed, &matrix(gpu, &w, &bias, inputs)?, part, &Ends::default(), to)?;
        y.read()
    });
    let normed = |row: &[f32]| -> Vec<f32> {
        let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / inputs as f64;
        let variance = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / inputs as f64;
        let one = |(i, x): (usize, &f32)| {
            (f64::from(*x) - mean) / (variance + 1e-6).sqrt() * f64::from(weight[i]) + f64::from(shift[i])
        };
        row.iter().enumerate().map(|each| one(each) as f32).collect()
    };
    let normed: Vec<f32> = x.chunks_exact(inputs).flat_map(normed).collect();
    assert_close(&y, &plain(&normed, &w, &bias, inputs), 3e-6);
}

#[test]
fn a_head_ends_in_planes() {
    let (rows, inputs) = (150, 48);
    for outputs in [1, 2, 5] {
        let (x, w, bias) = (numbers(1, rows * inputs), numbers(2, 32 * inputs), numbers(3, 32));
        let (last, shift) = (numbers(4, outputs * 32), numbers(5, outputs));
        let y = on_both(|gpu| {
            let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, rows * outputs)?);
            let logits = Logits::new(gpu, &last, &shift)?;
            let ends = Ends { logits: Some(&logits), ..Ends::default() };
            let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
            multiply(rows_of(&x, inputs), &matrix(gpu, &w, &bias, inputs)?, &ends, rows_of(&y, 32))?;
            y.read()
        });
        let hidden: Vec<f32> = plain(&x, &w, &bias, inputs).iter().map(|sum| sum.max(0.0) as f32).collect();
        let sums = plain(&hidden, &last, &shift, 32);
        let expected: Vec<f64> = (0..sums.len()).map(|i| sums[i % rows * outputs + i / rows]).collect();
        assert_close(&y, &expected, 3e-6);
    }
}
