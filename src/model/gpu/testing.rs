//! What tests of kernels share: a card that every machine has, numbers, and plain arithmetic to hold kernels to.

use std::sync::{Arc, OnceLock};

use super::kernels::Checks;
use super::{Card, Described, Gpu, GpuError};

/// The processor's Vulkan: slow, and exact.
pub fn software() -> Described {
    Described::all()
        .into_iter()
        .find(|card| card.is_software)
        .expect("a software Vulkan driver (scripts/setup.sh test)")
}

/// Operations of a dispatch on the card without checks: little enough for tests to need several.
const SHORT: usize = 1 << 18;

/// One card for all tests of a process: kernels are compiled once.
pub fn gpu(checks: Checks) -> Arc<Gpu> {
    static CARDS: [OnceLock<Arc<Gpu>>; 2] = [const { OnceLock::new() }; 2];
    let open = || {
        let card = Card::open(&software()).expect("it opens");
        if checks == Checks::On { Gpu::new(card, checks) } else { Gpu::with_longest(card, checks, SHORT) }
    };
    Arc::clone(CARDS[usize::from(checks == Checks::Off)].get_or_init(open))
}

/// Numbers between −1 and 1 that look like chance.
pub fn numbers(seed: u32, count: usize) -> Vec<f32> {
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Does the same with and without checks, in one go and in short dispatches: both must give the same, to the bit. Gives what they gave.
pub fn on_both(run: impl Fn(&Arc<Gpu>) -> Result<Vec<f32>, GpuError>) -> Vec<f32> {
    let [checked, unchecked] = [Checks::On, Checks::Off].map(|checks| run(&gpu(checks)).expect("it runs"));
    assert!(checked.iter().zip(&unchecked).all(|(a, b)| a.to_bits() == b.to_bits()), "checks change the result");
    checked
}

/// The same up to this part of the largest.
pub fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    let largest = expected.iter().fold(0f64, |most, x| most.max(x.abs()));
    assert!(largest > 0.0, "nothing but zeros");
    for (i, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let off = (f64::from(*actual) - expected).abs() / largest;
        assert!(off <= tolerance, "number {i}: {actual}, expected {expected}: off by {off:.2e} of the largest");
    }
}
