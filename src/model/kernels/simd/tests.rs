//! Every instruction set does what the words of [`Simd`] say, bit for bit where they leave no room.

use half::{bf16, f16};

use super::super::dispatch::{Level, dispatch_on};
use super::super::testing::Numbers;
use super::*;

/// A method on whole slices.
#[derive(Clone, Copy)]
enum Method {
    Max,
    Min,
    MulAdd,
    Round,
    Scale,
}

impl Method {
    fn of(self, a: f32, b: f32) -> f32 {
        match self {
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            Self::MulAdd => a * b + a,
            Self::Round => a.round_ties_even(),
            Self::Scale => a * b.round_ties_even().exp2(),
        }
    }
}

struct Apply<'a> {
    method: Method,
    a: &'a [f32],
    b: &'a [f32],
    out: Vec<f32>,
}

impl Kernel for Apply<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) -> Vec<f32> {
        for at in (0..self.a.len()).step_by(S::LANES) {
            let (a, b) = (s.load(&self.a[at..]), s.load(&self.b[at..]));
            let y = match self.method {
                Method::Max => s.max(a, b),
                Method::Min => s.min(a, b),
                Method::MulAdd => s.mul_add(a, b, a),
                Method::Round => s.round(a),
                Method::Scale => s.scale(a, s.round(b)),
            };
            s.store(&mut self.out[at..], y);
        }
        self.out
    }
}

#[test]
fn arithmetic_is_the_same_everywhere() {
    let mut numbers = Numbers::new(2);
    let mut list = |scale: f32| numbers.list(256).into_iter().map(|x| x * scale).collect::<Vec<f32>>();
    let (mut a, b) = (list(5.0), list(30.0));
    a[..4].copy_from_slice(&[0.5, 1.5, -0.5, -2.5]);
    let methods = [Method::Max, Method::Min, Method::MulAdd, Method::Round, Method::Scale];
    for level in Level::available() {
        for method in methods {
            let out = dispatch_on(level, Apply { method, a: &a, b: &b, out: vec![0.0; 256] });
            for ((&a, &b), y) in a.iter().zip(&b).zip(out) {
                let expected = method.of(a, b);
                // A product and a sum may be rounded once or twice.
                let bound = if matches!(method, Method::MulAdd) { 1e-5 } else { 0.0 };
                assert!((y - expected).abs() <= bound, "{level:?}: {a}, {b} gave {y}, not {expected}");
            }
        }
    }
}

struct Reduce<'a>(&'a [f32]);

impl Kernel for Reduce<'_> {
    type Output = Vec<[f32; 2]>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<[f32; 2]> {
        let mut found = Vec::new();
        for part in self.0.chunks_exact(S::LANES) {
            found.push([s.sum(s.load(part)), s.greatest(s.load(part))]);
        }
        found
    }
}

#[test]
fn a_vector_has_one_sum_and_one_greatest_number() {
    let values: Vec<f32> = Numbers::new(3).list(256).into_iter().map(|x| x - 2.0).collect();
    for level in Level::available() {
        let found = dispatch_on(level, Reduce(&values));
        for (part, [sum, greatest]) in values.chunks_exact(values.len() / found.len()).zip(found) {
            assert!((sum - part.iter().sum::<f32>()).abs() < 1e-5, "{level:?}");
            assert_eq!(greatest, part.iter().copied().fold(f32::NEG_INFINITY, f32::max), "{level:?}");
        }
    }
}

/// Widens f16 and i8, and rounds to bf16 in all three ways.
struct Convert<'a> {
    halves: &'a [u16],
    bytes: &'a [i8],
    wide: &'a [f32],
}

impl Kernel for Convert<'_> {
    type Output = (Vec<f32>, Vec<f32>, [Vec<u16>; 3]);

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Self::Output {
        let mut halves = vec![0.0; self.halves.len()];
        for at in (0..halves.len()).step_by(S::LANES) {
            s.store(&mut halves[at..], s.load_f16(&self.halves[at..]));
        }
        let mut bytes = vec![0.0; self.bytes.len()];
        for at in (0..bytes.len()).step_by(S::LANES) {
            s.store(&mut bytes[at..], s.load_i8(&self.bytes[at..]));
        }
        let mut rounded = vec![0; self.wide.len()];
        for at in (0..rounded.len()).step_by(S::LANES) {
            s.store_bf16(&mut rounded[at..], s.load(&self.wide[at..]));
        }
        let (mut in_place, mut pairs) = (rounded.clone(), rounded.clone());
        for at in (0..rounded.len()).step_by(2 * S::LANES) {
            let [even, odd] = [at, at + S::LANES].map(|at| s.round_bf16(s.load(&self.wide[at..])));
            s.store_exact_bf16(&mut in_place[at..], even);
            s.store_exact_bf16(&mut in_place[at + S::LANES..], odd);
            s.store_pairs(&mut pairs[at..], even, odd);
        }
        // Back in their order.
        let unpaired = pairs.chunks_exact(2 * S::LANES).flat_map(|pairs| {
            let every_other = |first: usize| pairs.iter().copied().skip(first).step_by(2);
            every_other(0).chain(every_other(1))
        });
        let unpaired = unpaired.collect();
        (halves, bytes, [rounded, in_place, unpaired])
    }
}

#[test]
fn short_numbers_become_wide_ones_and_back() {
    let halves: Vec<u16> = (0..=u16::MAX).collect();
    let bytes: Vec<i8> = (i8::MIN..=i8::MAX).collect();
    let mut wide: Vec<f32> = Numbers::new(4).list(1 << 12).into_iter().map(|x| x * x * x * 1e3).collect();
    wide[..8].copy_from_slice(&[0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN, 1e-45, 3e38]);
    for level in Level::available() {
        let (from_halves, from_bytes, rounded) =
            dispatch_on(level, Convert { halves: &halves, bytes: &bytes, wide: &wide });
        for (&bits, y) in halves.iter().zip(from_halves) {
            let x = f16::from_bits(bits);
            assert!(x.to_f32() == y || (x.is_nan() && y.is_nan()), "{level:?}: {x} became {y}");
        }
        assert!(bytes.iter().zip(&from_bytes).all(|(&x, &y)| f32::from(x) == y), "{level:?}");
        assert!(rounded[1] == rounded[0] && rounded[2] == rounded[0], "{level:?}: three ways to round, one result");
        let [rounded, ..] = rounded;
        let hostile = [f32::from_bits(0x7fff_ffff), f32::from_bits(0xffff_ffff)].repeat(64);
        let (.., [stored, ..]) = dispatch_on(level, Convert { halves: &[], bytes: &[], wide: &hostile });
        assert!(stored.into_iter().all(|bits| bf16::from_bits(bits).is_nan()), "{level:?}");
        for (&x, bits) in wide.iter().zip(rounded) {
            let y = bf16::from_bits(bits).to_f32();
            let is_near = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= x.abs() / 256.0 + 1e-40;
            assert!(is_near, "{level:?}: {x} became {y}");
        }
    }
}
