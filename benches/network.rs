//! The two halves of a network, one view: what a change of the kernels does, in two minutes. `cargo bench --bench network`
#![allow(clippy::expect_used, missing_docs, reason = "a bench that cannot run must end")]

use std::hint::black_box;
use std::time::Duration;

use candle_core::{Device, Tensor};
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use fathom::catalog::{self, ModelId, Weights};
use fathom::inference::WeightFile;
use fathom::model::{Conditioning, Generated, Network, Options, Preset, Silent, TensorSource};

/// As in the program.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: fathom::model::kernels::Recycling = fathom::model::kernels::Recycling::new();

fn networks(criterion: &mut Criterion) {
    for (name, preset) in [("da3-small", Preset::Da3Small), ("da3-base", Preset::Da3Base)] {
        halves(criterion, name, preset, &Generated::new(preset, 9, false), [504, 336]);
    }
    let entry = catalog::find(&ModelId::default()).expect("the built-in model");
    let Some(Weights::BuiltIn(bytes)) = catalog::locate(entry) else { panic!("its weights are inside the program") };
    halves(
        criterion,
        "built-in",
        entry.preset,
        &WeightFile::built_in("the built-in model", bytes).expect("whole weights"),
        [518, 518],
    );
}

fn halves(criterion: &mut Criterion, name: &str, preset: Preset, weights: &dyn TensorSource, size: [usize; 2]) {
    let network = Network::new(weights, preset, &Device::Cpu, &Options::default()).expect("a network");
    let images = Tensor::rand(-2f32, 2f32, (1, 3, size[1], size[0]), &Device::Cpu).expect("an image");
    let encode = || network.encode(&images, &Conditioning::default(), &Silent).expect("features");
    let encoded = encode();
    let mut group = criterion.benchmark_group(format!("{name} {}x{}", size[0], size[1]));
    // A run takes a second, not a microsecond: few of them, and each is a sample.
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(12));
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(encode())));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| black_box(network.decode(encoded.views[0].clone(), &Silent).expect("maps")));
    });
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
