//! Every device and precision of this build against stored numbers and against the CPU.
//!
//! Whole networks without post-processing, on inputs and weights that are inside the program, so that anyone with a
//! device can say whether its numbers are right.

mod bounds;
mod case;
pub mod images;

use std::time::Instant;

pub use bounds::Mode;
pub use case::Quantity;
use case::{Case, Outputs};

use super::device::allow_tf32;
use super::devices::Opened;
use super::{DeviceChoice, Devices, InferenceError};
pub use crate::model::kernels::Choices;

/// What the test has to say, as it goes along.
#[derive(Clone, Debug)]
pub enum Finding {
    /// A device of this build that cannot be used here.
    NoDevice {
        device: DeviceChoice,
        reason: String,
    },
    /// A case that did not come to its end.
    Broken {
        device: DeviceChoice,
        mode: Mode,
        case: &'static str,
        reason: String,
    },
    Compared(Comparison),
}

/// One result of one case on one device.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub device: DeviceChoice,
    pub mode: Mode,
    pub case: &'static str,
    pub quantity: Quantity,
    /// Root mean square of the difference from the stored numbers, relative to theirs.
    pub golden_error: f64,
    /// The same against the CPU at f32, of this very build and machine; `None` for itself, and where it has no result.
    pub cpu_error: Option<f64>,
    /// What neither error may exceed.
    pub bound: f64,
    /// Of the whole case, without loading its network.
    pub secs: f64,
}

impl Comparison {
    pub fn passed(&self) -> bool {
        // Not `>`: an error that is not a number is the worst of all.
        self.golden_error <= self.bound && self.cpu_error.is_none_or(|error| error <= self.bound)
    }
}

/// Runs every case on those of `devices` that are chosen, in every mode that each of them has.
///
/// The CPU at f32 runs first whatever the choices are, because everything else is compared with it.
pub fn run(devices: &Devices, choices: &[DeviceChoice], report: &mut dyn FnMut(Finding)) -> Result<(), InferenceError> {
    let mut all_opened = Vec::with_capacity(choices.len());
    for &choice in choices {
        match devices.open_exactly(choice) {
            Ok(opened) => all_opened.push(opened),
            Err(InferenceError::Device { reason, .. }) => report(Finding::NoDevice { device: choice, reason }),
            Err(error) => return Err(error),
        }
    }
    if all_opened.is_empty() {
        return Ok(());
    }
    let cases = Case::all()?;
    let cpu = Bench { opened: devices.cpu(), mode: Mode::EXACT };
    let mut on_cpu = Vec::with_capacity(cases.len());
    for case in &cases {
        let (outputs, findings) = cpu.examine(case, None);
        on_cpu.push(outputs);
        if choices.contains(&DeviceChoice::Cpu) {
            findings.into_iter().for_each(&mut *report);
        }
    }
    for opened in all_opened {
        let is_done = |mode: &Mode| !opened.is_card() && *mode == cpu.mode;
        for mode in Mode::of(&opened).into_iter().filter(|mode| !is_done(mode)) {
            let bench = Bench { opened: opened.clone(), mode };
            for (case, on_cpu) in cases.iter().zip(&on_cpu) {
                bench.examine(case, on_cpu.as_ref()).1.into_iter().for_each(&mut *report);
            }
        }
    }
    Ok(())
}

/// A device and how it is told to calculate.
struct Bench {
    opened: Opened,
    mode: Mode,
}

impl Bench {
    /// What came out of a case, where it came to its end, and what there is to say about it.
    fn examine(&self, case: &Case, on_cpu: Option<&Outputs>) -> (Option<Outputs>, Vec<Finding>) {
        match self.measure(case) {
            Ok((outputs, secs)) => {
                let findings = self.judge(case, &outputs, on_cpu, secs);
                (Some(outputs), findings.into_iter().map(Finding::Compared).collect())
            }
            Err(error) => {
                // What it has left behind is not the next case's.
                self.opened.drain();
                let (device, mode, reason) = (self.opened.choice(), self.mode, error.to_string());
                (None, vec![Finding::Broken { device, mode, case: case.name, reason }])
            }
        }
    }

    fn measure(&self, case: &Case) -> Result<(Outputs, f64), InferenceError> {
        allow_tf32(self.mode.tf32);
        let network = self.opened.work(|| case.network(&self.opened, self.mode.precision))?;
        let started = Instant::now();
        let outputs = self.opened.work(|| case.run(&network, &self.opened))?;
        Ok((outputs, started.elapsed().as_secs_f64()))
    }

    fn judge(&self, case: &Case, outputs: &Outputs, on_cpu: Option<&Outputs>, secs: f64) -> Vec<Comparison> {
        let of = |outputs: &Outputs, quantity| outputs.iter().find(|(q, _)| *q == quantity).map(|(_, v)| v.clone());
        let compared = case.expected.iter().map(|expected| {
            let quantity = expected.quantity;
            let actual = of(outputs, quantity).unwrap_or_default();
            let on_cpu = on_cpu.and_then(|on_cpu| of(on_cpu, quantity));
            Comparison {
                device: self.opened.choice(),
                mode: self.mode,
                case: case.name,
                quantity,
                golden_error: relative_error(&expected.values, &actual, expected.stride),
                cpu_error: on_cpu.map(|on_cpu| relative_error(&on_cpu, &actual, 1)),
                bound: self.mode.bound(),
                secs,
            }
        });
        compared.collect()
    }
}

/// Root mean square of the difference between `expected` and every `stride`-th of `actual`, relative to that of
/// `expected`; infinite where they cannot be compared.
pub(in crate::inference) fn relative_error(expected: &[f32], actual: &[f32], stride: usize) -> f64 {
    if expected.is_empty() || expected.len() != actual.len().div_ceil(stride) {
        return f64::INFINITY;
    }
    let square = |value: f64| value * value;
    let pairs = expected.iter().zip(actual.iter().step_by(stride));
    let difference: f64 = pairs.map(|(&e, &a)| square(f64::from(e) - f64::from(a))).sum();
    let error = (difference / expected.iter().map(|&e| square(f64::from(e))).sum::<f64>()).sqrt();
    if error.is_nan() { f64::INFINITY } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernels::with_library;

    #[test]
    fn the_error_is_relative_and_never_flatters() {
        assert_eq!(relative_error(&[3.0, 4.0], &[3.0, 4.0], 1), 0.0);
        assert!((relative_error(&[3.0, 4.0], &[3.0, 9.0, 4.5], 2) - 0.1).abs() < 1e-12);
        for wrong in [&[3.0, f32::NAN][..], &[3.0, f32::INFINITY], &[3.0], &[]] {
            assert_eq!(relative_error(&[3.0, 4.0], wrong, 1), f64::INFINITY, "{wrong:?}");
        }
    }

    #[test]
    fn products_by_a_library_give_the_same_numbers() {
        let (findings, calls) = with_library(|| {
            let mut findings = Vec::new();
            run(&Devices::here(), &[DeviceChoice::Cpu], &mut |finding| findings.push(finding)).map(|()| findings)
        });
        let findings = findings.expect("every case");
        for finding in &findings {
            let Finding::Compared(comparison) = finding else { panic!("{finding:?}") };
            assert!(comparison.passed(), "{comparison:?}");
        }
        assert!(findings.len() > 30 && calls > 1000, "{} results of {calls} products", findings.len());
    }

    #[test]
    fn a_wrong_result_fails() {
        let cases = Case::all().expect("the cases of this build");
        let (bench, case) = (Bench { opened: Devices::here().cpu(), mode: Mode::EXACT }, &cases[0]);
        let (right, _) = bench.measure(case).expect("a run");
        assert!(bench.judge(case, &right, Some(&right), 0.0).iter().all(Comparison::passed));
        for (i, (quantity, _)) in right.iter().enumerate() {
            for spoil in [|v: f32| v * 1.001, |_| f32::NAN] {
                let mut wrong = right.clone();
                wrong[i].1.iter_mut().for_each(|v| *v = spoil(*v));
                let failed = bench.judge(case, &wrong, None, 0.0).into_iter().filter(|c| !c.passed());
                assert_eq!(failed.map(|c| c.quantity).collect::<Vec<_>>(), [*quantity]);
            }
            let mut lacking = right.clone();
            lacking.remove(i);
            assert!(bench.judge(case, &lacking, None, 0.0).iter().any(|c| !c.passed()), "without {quantity:?}");
        }
        let mut off = right.clone();
        off[0].1[1] *= 2.0;
        assert!(bench.judge(case, &right, Some(&off), 0.0).iter().any(|c| !c.passed()), "unlike the CPU");
    }
}
