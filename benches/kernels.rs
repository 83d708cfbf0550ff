//! The kernels for CPUs, one by one, at the shapes of DA3-Base at 504×336. Elements per second are operations per
//! second: 2 for each product that is added up.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fathom::model::kernels::{
    Compute, Element, Format, Heads, Inputs, Lines, Map, Matrix, PerOutput, Plain, Rows, Runs, attention, conv3x3,
    linear, transformed,
};
use half::bf16;

const TOKENS: usize = 865;

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect()
}

fn linears(criterion: &mut Criterion) {
    for (inputs, outputs) in [(768, 2304), (768, 768), (768, 3072), (3072, 768)] {
        let mut group = criterion.benchmark_group(format!("linear {TOKENS}x{inputs}x{outputs}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
        group.throughput(Throughput::Elements((2 * TOKENS * inputs * outputs) as u64));
        let (x, weight) = (numbers(TOKENS * inputs), numbers(inputs * outputs));
        for format in [Format::F32, Format::F16, Format::Bf16, Format::Int8] {
            let matrix = Matrix::new(&weight, outputs, Runs::one(inputs), format);
            let bias = PerOutput::zeros(outputs);
            let mut y = vec![0.0; TOKENS * outputs];
            group.bench_function(format!("{format:?}"), |bencher| match matrix.compute() {
                Compute::F32 => bencher.iter(linear_once::<f32>(&x, &matrix, &bias, &mut y)),
                Compute::Bf16 => bencher.iter(linear_once::<bf16>(&x, &matrix, &bias, &mut y)),
            });
        }
    }
}

fn linear_once<'a, E: Element>(
    x: &[f32],
    matrix: &'a Matrix,
    bias: &'a PerOutput,
    y: &'a mut [f32],
) -> impl FnMut() + 'a {
    let inputs = Inputs::<E>::copy_of(x, matrix.runs().total());
    let outputs = matrix.outputs();
    move || linear(&inputs, matrix, black_box(&mut *y), outputs, 1, |_, _| Rows::new(bias, outputs))
}

fn attentions(criterion: &mut Criterion) {
    let (heads, d) = (12, 64);
    for tokens in [TOKENS, 4 * TOKENS] {
        let mut group = criterion.benchmark_group(format!("attention {heads} heads, {tokens} tokens"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
        group.throughput(Throughput::Elements((4 * tokens * tokens * heads * d) as u64));
        let qkv = numbers(tokens * 3 * heads * d);
        let heads = Heads { qkv: &qkv, queries: None, heads, d, norms: None, rope: None };
        let mut single = vec![0f32; tokens * heads.heads * d];
        let mut panels = Lines::default();
        group.bench_function("f32", |bencher| {
            bencher.iter(|| attention(&heads, black_box(&mut single), 768, &mut panels))
        });
        let mut half = vec![bf16::ZERO; tokens * heads.heads * d];
        let mut panels = Lines::default();
        group.bench_function("bf16", |bencher| {
            bencher.iter(|| attention(&heads, black_box(&mut half), 768, &mut panels))
        });
    }
}

fn convolutions(criterion: &mut Criterion) {
    for (height, width, channels, outputs) in [(96, 144, 128, 128), (192, 288, 128, 64), (24, 36, 128, 128)] {
        let mut group = criterion.benchmark_group(format!("conv3x3 {width}x{height}, {channels} to {outputs}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
        group.throughput(Throughput::Elements((18 * height * width * channels * outputs) as u64));
        let (x, weight) = (numbers(height * width * channels), numbers(9 * channels * outputs));
        let source = Plain { map: Map { values: &x, height, width, channels }, relu: false };
        let bias = PerOutput::zeros(outputs);
        let mut y = vec![0.0; height * width * outputs];
        let runs = Runs { count: 3, length: 3 * channels };
        let [f32, bf16] = [Format::F32, Format::Bf16].map(|format| Matrix::new(&weight, outputs, runs, format));
        for (name, matrix) in [("F32", f32), ("F32, transformed", transformed(&weight, outputs)), ("Bf16", bf16)] {
            let sink = |_, _| Rows::new(&bias, outputs);
            group.bench_function(name, |bencher| match matrix.compute() {
                Compute::F32 => {
                    bencher.iter(|| conv3x3::<f32, _, _>(source, &matrix, 1, outputs, black_box(&mut y), sink));
                }
                Compute::Bf16 => {
                    bencher.iter(|| conv3x3::<bf16, _, _>(source, &matrix, 1, outputs, black_box(&mut y), sink));
                }
            });
        }
    }
}

criterion_group!(kernels, linears, attentions, convolutions);
criterion_main!(kernels);
