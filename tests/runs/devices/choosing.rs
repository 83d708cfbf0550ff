//! What is chosen, and what that means where a build or a machine lacks it.

use fathom::inference::selftest::{self, Finding};
use fathom::inference::{DeviceChoice, Precision, Settings};
use fathom::worker::{Blame, Event};

use crate::devices::bench::{Bench, assert_complete, finished, ran_on, small, warnings};
use crate::stand_in::{Fault, Place, Planned, StandIn};

#[test]
fn a_device_that_the_build_does_not_have_is_refused() {
    let events = Bench::new(&StandIn::new(&[])).run(1, &Settings { device: DeviceChoice::Cuda, ..small() });
    match events.last() {
        Some(Event::Failed { problem, .. }) => {
            assert!(problem.what.contains("CUDA cannot be used") && problem.blame == Blame::Machine, "{problem}");
            assert!(problem.advice.contains("CPU"), "{problem}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_device_that_is_named_and_does_not_open_is_replaced_and_that_is_said() {
    let fault = Fault::Says("DriverError(CUDA_ERROR_NO_DEVICE, \"no CUDA-capable device is detected\")");
    let planned = Planned { place: Place::Open, fault, after: 0, times: usize::MAX };
    let bench = Bench::new(&StandIn::of(Some(DeviceChoice::Cuda), None, &[planned]));
    let events = bench.run(1, &Settings { device: DeviceChoice::Cuda, ..small() });
    assert_complete(&events, 1, "named");
    assert_eq!(ran_on(&finished(&events)), [(DeviceChoice::Cpu, 1)]);
    assert_eq!(warnings(&events).len(), 1);
    assert!(warnings(&events)[0].contains("no CUDA-capable device is detected"), "{:?}", warnings(&events));
}

#[test]
fn bf16_is_tried_before_it_is_used() {
    let precision = |events: &[Event]| {
        let ready = events.iter().find_map(|event| match event {
            Event::ModelReady { precision, device, .. } => Some((precision.clone(), *device)),
            _ => None,
        });
        ready.expect("a model")
    };
    // This card says of bf16 what one of compute capability 7.5 says.
    let card = StandIn::of(Some(DeviceChoice::Cuda), None, &[]);
    let automatic = Bench::new(&card).run(1, &small());
    assert_eq!(precision(&automatic), ("f16".into(), DeviceChoice::Cuda));
    assert_eq!(warnings(&automatic), [""; 0], "automatic means what the card can do");
    let chosen = Bench::new(&card).run(1, &Settings { precision: Precision::Bf16, ..small() });
    assert_eq!(precision(&chosen), ("f16".into(), DeviceChoice::Cuda));
    assert_eq!(
        warnings(&chosen),
        ["The CUDA card does not multiply bf16; the run uses f16, which takes as much memory"]
    );
    assert_complete(&chosen, 1, "bf16");
}

#[test]
fn a_test_of_a_device_never_tests_another() {
    let fault = Fault::Panics("class MTLResidencySetDescriptor could not be found");
    let card = StandIn::new(&[Planned { place: Place::Open, fault, after: 0, times: 1 }]);
    let mut findings = Vec::new();
    selftest::run(&card.devices(), &[DeviceChoice::Metal], &mut |finding| findings.push(finding)).expect("an end");
    match findings.as_slice() {
        [Finding::NoDevice { device: DeviceChoice::Metal, reason }] => {
            assert!(reason.contains("MTLResidencySetDescriptor"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_is_opened_once_and_waited_for_where_it_keeps_what_was_freed() {
    let card = StandIn::new(&[]);
    let bench = Bench::new(&card);
    assert_complete(&bench.run(1, &small()), 1, "first");
    let first = card.waited();
    // For the weights, the backbone and the head once each, and before each part of the head.
    assert!(first > 12, "{first}");
    assert_complete(&bench.run(2, &small()), 2, "second");
    assert_eq!((card.opened(), card.waited()), (1, first + 2 * (first - 1)), "the same for every view");
    assert_complete(&bench.run(1, &Settings { precision: Precision::F16, ..small() }), 1, "another load");
    assert_eq!(card.opened(), 1);
}
