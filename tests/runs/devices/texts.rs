//! Each text of the table of drivers' texts, once, at each stage.

use fathom::inference::{DeviceChoice, Prediction};
use fathom::model::{SAYINGS, Trouble};

use crate::devices::bench::{Bench, assert_complete, assert_same, finished, ran_on, small, warnings};
use crate::stand_in::{Fault, Place, Planned, StandIn};

const ACCELERATOR: DeviceChoice = DeviceChoice::Metal;

/// What is said of a run in which this happens once at this place; the run itself is looked at here.
fn told(place: Place, fault: Fault, means: Trouble, expected: &Prediction) -> String {
    // Before weights are read the worker asks once, for itself.
    let after = if place == Place::Load { 1 } else { 0 };
    let card = StandIn::new(&[Planned { place, fault, after, times: 1 }]);
    let bench = Bench::new(&card);
    let events = bench.run(1, &small());
    let what = format!("{place:?}, {fault:?}: {:?}", warnings(&events));
    assert_complete(&events, 1, &what);
    let prediction = finished(&events);
    assert_same(&prediction, expected, &what);
    let at_work = matches!(place, Place::Backbone | Place::Head);
    let stays = at_work && means != Trouble::Device;
    let device = if stays { ACCELERATOR } else { DeviceChoice::Cpu };
    assert_eq!(ran_on(&prediction), [(device, 1)], "{what}");
    assert_eq!(warnings(&events).len(), 1, "one cause, one notice: {what}");
    // What follows works, and says nothing of it again.
    let again = bench.run(1, &small());
    assert_complete(&again, 1, &what);
    assert_eq!(warnings(&again), [""; 0], "{what}");
    warnings(&events)[0].to_owned()
}

fn each_text_at(place: Place) {
    let expected = finished(&Bench::cpu().run(1, &small()));
    for saying in SAYINGS {
        // Two of them are panics where they come from; the others may be one some day.
        let panics = ["mtlresidencysetdescriptor", "swap_remove index (is 0)"].contains(&saying.words);
        let fault = if panics { Fault::Panics(saying.example) } else { Fault::Says(saying.example) };
        let means = if panics { Trouble::Device } else { saying.means };
        let notice = told(place, fault, means, &expected);
        let begins = match (place, means) {
            (Place::Open | Place::Load | Place::Synchronise, _) => "The Apple GPU could not be used",
            (_, Trouble::Memory) => "Memory ran short; ",
            (_, Trouble::TooLong) => "The graphics card was stopped because it was busy for too long at once",
            (_, Trouble::Device) => "The Apple GPU failed during the run",
        };
        assert!(notice.starts_with(begins), "{place:?}, {fault:?}: {notice}");
        // Memory needs no reason beside itself while it is the run that becomes smaller.
        let has_reason = notice.contains(saying.example);
        assert_eq!(has_reason, !begins.starts_with("Memory"), "{place:?}, {fault:?}: {notice}");
    }
}

#[test]
fn while_the_device_is_opened() {
    each_text_at(Place::Open);
}

#[test]
fn while_weights_are_read() {
    each_text_at(Place::Load);
}

#[test]
fn in_the_backbone() {
    each_text_at(Place::Backbone);
}

#[test]
fn in_the_head() {
    each_text_at(Place::Head);
}

/// The first time that the device is waited for is when its weights are there.
#[test]
fn when_the_device_is_waited_for() {
    each_text_at(Place::Synchronise);
}

/// A panic tells nothing of the state of things, whatever its words are.
#[test]
fn a_panic_is_the_devices_trouble_even_where_it_speaks_of_memory() {
    let expected = finished(&Bench::cpu().run(1, &small()));
    for place in [Place::Backbone, Place::Head] {
        let fault = Fault::Panics("called `Result::unwrap()` on an `Err` value: CUDA_ERROR_OUT_OF_MEMORY");
        let notice = told(place, fault, Trouble::Device, &expected);
        assert!(notice.contains("stopped in an unexpected place") && notice.contains("OUT_OF_MEMORY"), "{notice}");
    }
}
