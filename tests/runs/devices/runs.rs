//! Runs over several photos that meet trouble on the way.

use fathom::inference::{Automatic, DeviceChoice, Settings};
use fathom::model::Trouble;
use fathom::worker::{Blame, Event, WorkerOptions};

use crate::devices::bench::{Bench, assert_complete, assert_same, finished, places, ran_on, small, warnings};
use crate::stand_in::{Fault, Place, Planned, StandIn};

const MEMORY: &str = "Metal error Command buffer had following error: Insufficient Memory \
                      (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)";
const WATCHDOG: &str = "Metal error Command buffer had following error: Impacting Interactivity \
                        (0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)";
const LOST: &str = "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")";

const FAULTS: [(Trouble, Fault); 4] = [
    (Trouble::Memory, Fault::Says(MEMORY)),
    (Trouble::TooLong, Fault::Says(WATCHDOG)),
    (Trouble::Device, Fault::Says(LOST)),
    (Trouble::Device, Fault::Panics("swap_remove index (is 0) should be < len (is 0)")),
];

/// Seven steps of the backbone, or two views of the head, go well.
const IN_THE_MIDDLE: [(Place, usize); 3] = [(Place::Backbone, 7), (Place::Head, 25), (Place::Synchronise, 9)];

#[test]
fn views_that_are_seen_jointly_survive_trouble_in_the_middle() {
    for (place, after) in IN_THE_MIDDLE {
        for (means, fault) in FAULTS {
            let card = StandIn::new(&[Planned { place, fault, after, times: 1 }]);
            let bench = Bench::new(&card);
            let events = bench.run(5, &bench.any_view());
            let what = format!("{place:?}, {fault:?}: {:?}", warnings(&events));
            assert_complete(&events, 5, &what);
            let prediction = finished(&events);
            let last = ran_on(&prediction).last().map(|part| part.0);
            let expected = if means == Trouble::Device { DeviceChoice::Cpu } else { DeviceChoice::Metal };
            assert_eq!(last, Some(expected), "{what}");
            assert_eq!(places(&events).last(), Some(&expected), "the window knows where the model is: {what}");
            let of_cause = warnings(&events).into_iter().filter(|text| !text.contains("scene")).count();
            assert_eq!(of_cause, 1, "one cause, one notice: {what}");
            assert_eq!(card.opened(), if means == Trouble::TooLong { 2 } else { 1 }, "{what}");
        }
    }
}

#[test]
fn single_views_survive_trouble_in_the_middle() {
    let expected = finished(&Bench::cpu().run(3, &small()));
    for (place, after) in [(Place::Backbone, 20), (Place::Head, 15), (Place::Synchronise, 20)] {
        for (means, fault) in FAULTS {
            let card = StandIn::new(&[Planned { place, fault, after, times: 1 }]);
            let events = Bench::new(&card).run(3, &small());
            let what = format!("{place:?}, {fault:?}: {:?}", warnings(&events));
            assert_complete(&events, 3, &what);
            assert_same(&finished(&events), &expected, &what);
            assert_eq!(warnings(&events).len(), 1, "{what}");
            if means == Trouble::Device {
                let parts = ran_on(&finished(&events));
                assert_eq!(
                    parts.iter().map(|part| part.0).collect::<Vec<_>>(),
                    [DeviceChoice::Metal, DeviceChoice::Cpu]
                );
                let words = finished(&events).ran_on_words().expect("known");
                assert!(words.starts_with("Apple GPU (") && words.contains("then CPU ("), "{words}");
            }
        }
    }
}

#[test]
fn what_the_cpu_takes_over_from_the_start_is_what_the_cpu_gives() {
    let cpu = Bench::cpu();
    let expected = finished(&cpu.run(4, &cpu.any_view()));
    for fault in [Fault::Says(LOST), Fault::Panics("unwrap none")] {
        let card = StandIn::new(&[Planned { place: Place::Backbone, fault, after: 2, times: 1 }]);
        let bench = Bench::new(&card);
        let events = bench.run(4, &bench.any_view());
        assert_complete(&events, 4, "from the start");
        assert_same(&finished(&events), &expected, "from the start");
        assert_eq!(places(&events), [DeviceChoice::Metal, DeviceChoice::Cpu]);
    }
}

#[test]
fn an_error_that_arrives_once_more_is_not_taken_for_a_new_one() {
    // The pass that failed leaves its error behind; who waits for the device next hears it again.
    let fault = Fault::Says(MEMORY);
    let late = Planned { place: Place::Synchronise, fault, after: 4, times: 2 };
    let card = StandIn::new(&[late]);
    let events = Bench::new(&card).run(3, &small());
    assert_complete(&events, 3, "late");
    assert_eq!(warnings(&events).len(), 1, "{:?}", warnings(&events));
    assert_eq!(ran_on(&finished(&events)), [(DeviceChoice::Metal, 3)]);
}

#[test]
fn a_card_that_is_stopped_again_and_again_is_given_up_and_not_asked_again() {
    let card =
        StandIn::new(&[Planned { place: Place::Synchronise, fault: Fault::Says(WATCHDOG), after: 4, times: 60 }]);
    let bench = Bench::new(&card);
    let events = bench.run(5, &bench.any_view());
    assert_complete(&events, 5, "stopped");
    let told = warnings(&events);
    assert_eq!(told.iter().filter(|text| text.contains("failed during the run")).count(), 1, "{told:?}");
    assert!(told.len() <= 8, "a handful of tries: {told:?}");
    let automatic = events.iter().filter_map(|event| match event {
        Event::Automatic(automatic) => Some(automatic.device(&small())),
        _ => None,
    });
    assert_eq!(automatic.collect::<Vec<_>>(), [DeviceChoice::Metal], "as it was at the start");

    let before = card.opened();
    let again = bench.run(1, &bench.any_view());
    assert_complete(&again, 1, "automatic, once more");
    assert!(warnings(&again).is_empty() && card.opened() == before, "{:?}", warnings(&again));
    let means_cpu = |automatic: &Automatic| automatic.device(&small()) == DeviceChoice::Cpu;
    let is_told = again.iter().any(|event| matches!(event, Event::Automatic(automatic) if means_cpu(automatic)));
    assert!(is_told, "from now on automatic means the CPU");
}

#[test]
fn a_card_that_is_named_is_tried_anew() {
    let fault = Fault::Says(LOST);
    let card = StandIn::new(&[Planned { place: Place::Head, fault, after: 0, times: 1 }]);
    let bench = Bench::new(&card);
    let named = Settings { device: DeviceChoice::Metal, ..small() };
    let events = bench.run(1, &named);
    assert_complete(&events, 1, "named");
    assert_eq!(ran_on(&finished(&events)), [(DeviceChoice::Cpu, 1)]);
    let again = bench.run(1, &named);
    assert_eq!(ran_on(&finished(&again)), [(DeviceChoice::Metal, 1)], "it is tried anew");
    assert_eq!(ran_on(&finished(&bench.run(1, &small()))), [(DeviceChoice::Cpu, 1)], "automatic is not");
}

#[test]
fn memory_that_stays_short_on_the_card_goes_to_the_cpu_and_says_nothing_of_other_models() {
    let fault = Fault::Says(MEMORY);
    let card = StandIn::new(&[Planned { place: Place::Synchronise, fault, after: 4, times: 20 }]);
    let bench = Bench::new(&card);
    let events = bench.run(5, &bench.any_view());
    assert_complete(&events, 5, "short");
    let told = warnings(&events);
    assert!(told.iter().any(|text| text.contains("failed during the run") && text.contains("Memory")), "{told:?}");
    // The same model stays where it has room; another one may fit.
    assert_eq!(ran_on(&finished(&bench.run(1, &bench.any_view()))), [(DeviceChoice::Cpu, 1)]);
    assert_eq!(card.opened(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn never_are_two_models_in_memory() {
    for fault in [Fault::Says(LOST), Fault::Says(WATCHDOG)] {
        let card = StandIn::new(&[Planned { place: Place::Backbone, fault, after: 3, times: 1 }]);
        let bench = Bench::new(&card);
        assert_complete(&bench.run(1, &bench.any_view()), 1, "reload");
        let held = card.held_at_reload().expect("weights were read twice");
        // They are some 100 MB; what is left are a photo and tables.
        assert!(held < 40 << 20, "{} MB were held", held >> 20);
    }
}

#[test]
fn what_a_card_took_teaches_nothing() {
    let learnt = |card: &std::sync::Arc<StandIn>, settings: &Settings| {
        let state = tempfile::tempdir().expect("a folder");
        let options = WorkerOptions { state_dir: Some(state.path().into()), ..card.options() };
        let events = Bench::with(options).run(2, settings);
        assert_complete(&events, 2, "calibration");
        std::fs::read_to_string(state.path().join("memory.json")).ok()
    };
    let fault = Fault::Says(LOST);
    let fails = |place| StandIn::new(&[Planned { place, fault, after: 0, times: 1 }]);
    assert_eq!(learnt(&StandIn::new(&[]), &small()), None, "a run on the card");
    assert_eq!(learnt(&fails(Place::Head), &small()), None, "a run that the CPU took over");
    // What could not be opened was planned for the CPU, and ran there.
    let of_cpu = learnt(&fails(Place::Open), &small()).expect("a lesson");
    assert!(of_cpu.contains("CPU") && !of_cpu.contains("Apple"), "{of_cpu}");
    assert!(learnt(&StandIn::new(&[]), &Settings { device: DeviceChoice::Cpu, ..small() }).is_some());
}

#[test]
fn on_the_cpu_an_error_of_a_device_ends_the_run_and_the_model_is_read_anew() {
    let card = StandIn::of(
        None,
        None,
        &[Planned { place: Place::Head, fault: Fault::Says("the device was lost"), after: 3, times: 1 }],
    );
    let bench = Bench::new(&card);
    let events = bench.run(2, &small());
    match events.as_slice() {
        [.., Event::ModelUnloaded, Event::Failed { problem, .. }] => assert_eq!(problem.blame, Blame::Machine),
        other => panic!("{other:?}"),
    }
    let again = bench.run(2, &small());
    assert_eq!(places(&again), [DeviceChoice::Cpu], "it was read again");
    assert_complete(&again, 2, "again");
}
