//! Runs on a graphics card by our own shaders, on the processor's Vulkan, with faults where drivers have them: each run ends with
//! its results or with words, and the next one works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fathom::inference::selftest::{self, Finding};
use fathom::inference::{DeviceChoice, Precision, Settings};
use fathom::model::gpu;
use fathom::worker::{Command, Event, RunId, Stage, WorkerOptions};

use crate::devices::bench::{Bench, assert_complete, assert_same, finished, places, ran_on, small, warnings};
use crate::stand_in::{Fault, Place, Planned, StandIn};

const GPU: DeviceChoice = DeviceChoice::Gpu;
const CPU: DeviceChoice = DeviceChoice::Cpu;

/// A machine with nothing but a graphics card, on which this happens once; one that does not open never does.
fn card(place: Place, fault: Fault, after: usize) -> Arc<StandIn> {
    let times = if place == Place::Open { usize::MAX } else { 1 };
    StandIn::of(None, None, &[Planned { place, fault, after, times }])
}

fn on_gpu(settings: Settings) -> Settings {
    Settings { device: GPU, ..settings }
}

/// All that was told, but what one scene of several passes brings with it.
fn of_cause(events: &[Event]) -> Vec<&str> {
    warnings(events).into_iter().filter(|text| !text.contains("scene")).collect()
}

#[test]
fn it_gives_what_the_cpu_gives_and_is_opened_once() {
    let card = StandIn::of(None, None, &[]);
    let bench = Bench::new(&card);
    for settings in [small(), bench.any_view()] {
        let expected = finished(&bench.run(3, &Settings { device: CPU, ..settings.clone() }));
        let events = bench.run(3, &on_gpu(settings));
        assert_complete(&events, 3, "on the card");
        assert_same(&finished(&events), &expected, "on the card");
        assert_eq!((ran_on(&finished(&events)), places(&events)), (vec![(GPU, 3)], vec![GPU]));
        assert_eq!(of_cause(&events), [""; 0]);
    }
    let gpu = card.gpu().expect("shared by all that is loaded");
    assert!(card.opened() == 1 && gpu.weight_bytes() > 0 && gpu.made() > 0);
    bench.worker.send(Command::Unload).expect("room in the queue");
    while !matches!(bench.worker.events().recv(), Ok(Event::ModelUnloaded)) {}
    assert_eq!(gpu.made(), 0, "what passes lay in goes with the model");
    assert_eq!(ran_on(&finished(&bench.run(1, &small()))), [(CPU, 1)], "automatic is something else");
}

#[test]
fn every_precision_is_there_and_stays_what_was_chosen() {
    let bench = Bench::new(&StandIn::of(None, None, &[]));
    for precision in Precision::available(GPU) {
        let events = bench.run(1, &Settings { precision: *precision, ..on_gpu(small()) });
        let told = events.iter().find_map(|event| match event {
            Event::ModelReady { device: GPU, precision, .. } => Some(precision.clone()),
            _ => None,
        });
        let expected = if *precision == Precision::Auto { Precision::F32 } else { *precision };
        assert_eq!((told.as_deref(), warnings(&events)), (Some(expected.label()), vec![]));
        assert_complete(&events, 1, expected.label());
    }
}

#[test]
fn a_menu_hears_of_it_and_that_it_is_software() {
    let card = StandIn::of(None, None, &[]);
    let found = card.devices().graphics_card().cloned().expect("a software adapter");
    assert!(found.is_software && found.to_string().ends_with(" (software)"), "{found}");
    let told = |is_shown| {
        let events = Bench::with(WorkerOptions { is_shown, ..card.options() }).run(1, &small());
        events.into_iter().filter(|event| matches!(event, Event::GraphicsCard(told) if *told == found)).count()
    };
    assert_eq!((told(true), told(false)), (1, 0), "once, and nobody looks for it where there is no menu");
    assert_eq!(DeviceChoice::available(true).iter().filter(|choice| **choice == GPU).count(), 1);
    assert!(!DeviceChoice::available(false).contains(&GPU));
}

#[test]
fn a_card_that_does_not_open_is_replaced_and_that_is_said() {
    for (fault, words) in [
        (Fault::Panics("the driver is another version's"), "the driver is another version's"),
        (Fault::TooSmall, "Old One is too small: a workgroup's memory may be 8192 at most, and 16384 are needed"),
    ] {
        let card = card(Place::Open, fault, 0);
        let bench = Bench::new(&card);
        let events = bench.run(2, &on_gpu(small()));
        assert_complete(&events, 2, words);
        assert_eq!(ran_on(&finished(&events)), [(CPU, 2)]);
        let [told] = warnings(&events)[..] else { panic!("{:?}", warnings(&events)) };
        assert!(told.starts_with("The graphics card could not be used (") && told.contains(words), "{told}");
        let again = bench.run(1, &on_gpu(small()));
        assert_complete(&again, 1, words);
        assert_eq!(warnings(&again), [""; 0], "it was said");

        let mut findings = Vec::new();
        let refused = self::card(Place::Open, fault, 0).devices();
        selftest::run(&refused, &[GPU], &mut |finding| findings.push(finding)).expect("an end");
        assert!(matches!(&findings[..], [Finding::NoDevice { device: GPU, reason }] if reason.contains(words)));
    }
}

/// In the second of three views that are looked at one by one, except what happens at first use alone.
#[test]
fn the_cpu_goes_on_where_the_card_fails_and_the_next_run_has_it_again() {
    let expected = finished(&Bench::cpu().run(3, &small()));
    let faults = [
        (Place::Backbone, 20, gpu::Fault::Lost, "was lost", 1),
        (Place::Head, 15, gpu::Fault::Lost, "was lost", 1),
        (Place::Backbone, 20, gpu::Fault::LeftOut, "has left out work", 1),
        (Place::Head, 15, gpu::Fault::LeftOut, "has left out work", 1),
        (Place::Backbone, 0, gpu::Fault::Kernel, "does not take the kernel", 0),
        (Place::Head, 0, gpu::Fault::Kernel, "does not take the kernel", 0),
    ];
    for (place, after, fault, words, before) in faults {
        let card = card(place, Fault::Below(fault), after);
        let bench = Bench::new(&card);
        let events = bench.run(3, &on_gpu(small()));
        let what = format!("{fault:?}, {place:?}: {:?}", warnings(&events));
        assert_complete(&events, 3, &what);
        assert_same(&finished(&events), &expected, &what);
        let parts = [(GPU, before), (CPU, 3 - before)];
        assert_eq!(ran_on(&finished(&events)), parts[usize::from(before == 0)..], "{what}");
        let [told] = warnings(&events)[..] else { panic!("{what}") };
        assert!(told.starts_with("The graphics card failed during the run (") && told.contains(words), "{told}");
        let advice = events.iter().find_map(|event| match event {
            Event::Warning { problem, .. } => Some(problem.advice.as_str()),
            _ => None,
        });
        assert!(advice.is_some_and(|advice| advice.contains("The next run tries the graphics card again")), "{what}");
        assert!(card.gpu().is_none(), "it was let go of: {what}");

        let again = bench.run(3, &on_gpu(small()));
        assert_complete(&again, 3, &what);
        assert_same(&finished(&again), &expected, &what);
        assert_eq!((ran_on(&finished(&again)), warnings(&again)), (vec![(GPU, 3)], vec![]), "{what}");
        assert_eq!(card.opened(), 2, "{what}");
    }
}

#[test]
fn views_that_are_seen_jointly_survive_a_card_that_is_lost() {
    for (place, after) in [(Place::Backbone, 7), (Place::Head, 25)] {
        let card = card(place, Fault::Below(gpu::Fault::Lost), after);
        let bench = Bench::new(&card);
        let events = bench.run(4, &on_gpu(bench.any_view()));
        let what = format!("{place:?}: {:?}", warnings(&events));
        assert_complete(&events, 4, &what);
        // What is noticed first of a card that is gone may be a kernel that cannot be compiled any more.
        let failed = of_cause(&events).iter().filter(|text| text.starts_with("The graphics card failed")).count();
        assert_eq!((ran_on(&finished(&events)).last().map(|part| part.0), failed), (Some(CPU), 1), "{what}");
        assert_eq!(places(&events), [GPU, CPU], "{what}");
    }
}

/// What was asked for is not waited for to the end of the run, and what is left of it is not in the way of the next.
#[test]
fn a_run_on_the_card_ends_soon_after_it_is_cancelled() {
    let bench = Bench::new(&StandIn::of(None, None, &[]));
    let settings = on_gpu(bench.any_view());
    let whole = Instant::now();
    assert_complete(&bench.run(8, &settings), 8, "whole");
    let whole = whole.elapsed();
    let command = Command::Run { run: RunId(2), photos: bench.photos(8), settings: settings.clone() };
    bench.worker.send(command).expect("room in the queue");
    let until = |is_it: &dyn Fn(&Event) -> bool| {
        while !is_it(&bench.worker.events().recv_timeout(Duration::from_secs(120)).expect("an event")) {}
    };
    until(&|event| matches!(event, Event::Progress { stage: Stage::Backbone, .. }));
    let asked = Instant::now();
    bench.worker.cancel();
    until(&|event| matches!(event, Event::Cancelled { .. }));
    // A processor's dispatches are longer than a card's.
    let took = asked.elapsed();
    assert!(took < (whole / 4).max(Duration::from_millis(500)), "{took:?} of a run of {whole:?}");
    assert_eq!(ran_on(&finished(&bench.run(1, &settings))), [(GPU, 1)]);
}

#[test]
fn memory_that_is_refused_means_fewer_views() {
    let card = card(Place::Backbone, Fault::Below(gpu::Fault::NoMemory), 0);
    let bench = Bench::new(&card);
    let events = bench.run(4, &on_gpu(bench.any_view()));
    let what = format!("{:?}", warnings(&events));
    assert_complete(&events, 4, &what);
    assert_eq!(of_cause(&events).len(), 1, "{what}");
    assert!(warnings(&events)[0].starts_with("Memory ran short; the run goes on with 2 views per pass"), "{what}");
    assert_eq!((ran_on(&finished(&events)), places(&events)), (vec![(GPU, 4)], vec![GPU]), "{what}");
    assert_eq!(ran_on(&finished(&bench.run(4, &on_gpu(bench.any_view())))), [(GPU, 4)]);
    assert_eq!(card.opened(), 1, "memory is no reason to let go of it");
}

/// The worker asks once for itself, before weights are read.
#[test]
fn weights_that_have_no_room_go_to_the_cpu() {
    let card = card(Place::Load, Fault::Below(gpu::Fault::NoMemory), 1);
    let bench = Bench::new(&card);
    let events = bench.run(1, &on_gpu(small()));
    assert_complete(&events, 1, "load");
    assert_eq!(ran_on(&finished(&events)), [(CPU, 1)]);
    let [told] = warnings(&events)[..] else { panic!("{:?}", warnings(&events)) };
    assert!(told.starts_with("The graphics card could not be used (the graphics card has no room for"), "{told}");
    assert_eq!(ran_on(&finished(&bench.run(1, &on_gpu(small())))), [(GPU, 1)], "there may be room by now");
}
