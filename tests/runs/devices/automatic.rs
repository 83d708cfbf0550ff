//! What an automatic choice of a device means: it is tried out once, remembered, and taken back where a card fails.

use std::path::Path;
use std::sync::Arc;

use fathom::inference::{Automatic, DeviceChoice, Settings, Trial};
use fathom::model::gpu;
use fathom::worker::{Command, Event, WorkerOptions};

use crate::devices::bench::{Bench, assert_complete, finished, ran_on, small, warnings};
use crate::stand_in::{Fault, Place, Planned, StandIn};

const GPU: DeviceChoice = DeviceChoice::Gpu;
const CPU: DeviceChoice = DeviceChoice::Cpu;

fn bench(card: &Arc<StandIn>, state: &Path) -> Bench {
    Bench::with(WorkerOptions { state_dir: Some(state.to_owned()), ..card.options() })
}

/// What was told last.
fn automatic(events: &[Event]) -> &Automatic {
    let told = events.iter().rev().find_map(|event| match event {
        Event::Automatic(automatic) => Some(automatic),
        _ => None,
    });
    told.expect("what automatic means")
}

/// Remembers that the processor takes ten times as long as the card.
fn remember_a_fast_card(state: &Path, settings: &Settings) {
    let devices = StandIn::hardware(&[]).devices();
    for candidate in devices.automatic().untried(settings) {
        let secs = if candidate.device == GPU { 1e-9 } else { 1e-8 };
        devices.trials().note(settings, &candidate.name, Trial::Took(secs));
    }
    let file = serde_json::to_string(&*devices.trials()).expect("text");
    std::fs::write(state.join("devices.json"), file).expect("space");
}

#[test]
fn a_card_is_tried_out_once_and_again_where_that_is_asked_for() {
    let state = tempfile::tempdir().expect("a folder");
    let card = StandIn::hardware(&[]);
    let bench = bench(&card, state.path());
    let events = bench.run(2, &small());
    assert_complete(&events, 2, "tried out");
    // The processor that plays the card takes many times as long as the processor.
    assert_eq!((ran_on(&finished(&events)), card.opened(), warnings(&events)), (vec![(CPU, 2)], 1, vec![]));
    let took = automatic(&events).took(&small()).expect("both were tried");
    assert_eq!(took.iter().map(|(device, _)| *device).collect::<Vec<_>>(), [GPU, CPU]);
    assert!(took[0].1 > took[1].1 && took[1].1 > 0.0, "{took:?}");
    assert_eq!((ran_on(&finished(&bench.run(1, &small()))), card.opened()), (vec![(CPU, 1)], 1), "it is known");

    let next = StandIn::hardware(&[]);
    let bench = self::bench(&next, state.path());
    let events = bench.run(1, &small());
    assert_eq!((ran_on(&finished(&events)), next.opened()), (vec![(CPU, 1)], 0), "it is remembered");
    assert!(automatic(&events).took(&small()).is_some());
    bench.worker.send(Command::TryDevicesAgain).expect("room in the queue");
    assert_eq!((ran_on(&finished(&bench.run(1, &small()))), next.opened()), (vec![(CPU, 1)], 1));
}

#[test]
fn a_card_that_was_the_fastest_is_chosen_and_corrected_by_what_runs_take() {
    let state = tempfile::tempdir().expect("a folder");
    remember_a_fast_card(state.path(), &small());
    let bench = bench(&StandIn::hardware(&[]), state.path());
    let mut on = Vec::new();
    for _ in 0..2 {
        let events = bench.run(1, &small());
        assert_complete(&events, 1, "chosen");
        on.extend(ran_on(&finished(&events)).into_iter().map(|(device, _)| device));
    }
    assert_eq!(on, [GPU, CPU], "it is not as fast as was remembered");
    let next = StandIn::hardware(&[]);
    assert_eq!(ran_on(&finished(&self::bench(&next, state.path()).run(1, &small()))), [(CPU, 1)], "and that is kept");
    assert_eq!(next.opened(), 0);
}

#[test]
fn a_card_that_fails_while_it_is_tried_is_never_chosen() {
    let lost = Planned { place: Place::Synchronise, fault: Fault::Below(gpu::Fault::Lost), after: 2, times: 1 };
    let closed = Planned { place: Place::Open, fault: Fault::Says("no such device"), after: 0, times: usize::MAX };
    for (planned, is_remembered) in [(lost, true), (closed, false)] {
        let state = tempfile::tempdir().expect("a folder");
        let bench = bench(&StandIn::hardware(&[planned]), state.path());
        let events = bench.run(2, &small());
        assert_complete(&events, 2, "tried");
        assert_eq!(ran_on(&finished(&events)), [(CPU, 2)]);
        let [told] = warnings(&events)[..] else { panic!("{:?}", warnings(&events)) };
        assert!(told.starts_with("The graphics card could not be used ("), "{told}");
        assert_eq!(warnings(&bench.run(1, &small())), [""; 0], "it was said");
        let kept = std::fs::read_to_string(state.path().join("devices.json")).expect("what was tried");
        assert_eq!(kept.contains("failed"), is_remembered, "{kept}");
        let next = StandIn::hardware(&[]);
        let events = self::bench(&next, state.path()).run(1, &small());
        assert_eq!((ran_on(&finished(&events)), warnings(&events)), (vec![(CPU, 1)], vec![]));
        assert_eq!(next.opened(), usize::from(!is_remembered), "what did not open may open by now");
    }
}

#[test]
fn a_card_that_fails_at_work_is_not_automatic_any_more() {
    let state = tempfile::tempdir().expect("a folder");
    remember_a_fast_card(state.path(), &small());
    let lost = Planned { place: Place::Head, fault: Fault::Below(gpu::Fault::Lost), after: 15, times: 1 };
    let bench = bench(&StandIn::hardware(&[lost]), state.path());
    let events = bench.run(3, &small());
    assert_complete(&events, 3, "lost");
    assert_eq!(ran_on(&finished(&events)), [(GPU, 1), (CPU, 2)]);
    let advice = events.iter().find_map(|event| match event {
        Event::Warning { problem, .. } => Some(problem.advice.as_str()),
        _ => None,
    });
    assert!(advice.is_some_and(|advice| advice.contains("automatic means the CPU")), "{advice:?}");
    let events = bench.run(1, &small());
    assert_eq!((ran_on(&finished(&events)), warnings(&events)), (vec![(CPU, 1)], vec![]));
    let named = bench.run(1, &Settings { device: GPU, ..small() });
    assert_eq!(ran_on(&finished(&named)), [(GPU, 1)], "who names it has it");
}
