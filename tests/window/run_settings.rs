//! The settings of a run: what the chosen model has no use for is not there, what is grey says why, and times are those of this
//! machine.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::inference::{DeviceChoice, GraphicsCard, Job, Settings};
use fathom::memory::{Calibration, Paces, Room, Sample};
use fathom::worker::Event;

use crate::harness::Desk;

const TALL: [f32; 2] = [1280.0, 1400.0];

fn choose_model(desk: &mut Desk, name: &str) {
    desk.click("Model");
    desk.window.get_by_label_contains(&format!("{name}  ")).scroll_to_me();
    desk.settle();
    desk.click_containing(&format!("{name}  "));
}

fn is_there(desk: &Desk, label: &str) -> bool {
    desk.window.query_all_by_label(label).next().is_some()
}

#[test]
fn what_the_chosen_model_has_no_use_for_is_folded_away() {
    let of_scenes =
        ["Views per pass", "Shapes", "Begin with", "Cameras", "Adjust cameras", "Known cameras", "Shared views"];
    let mut desk = Desk::new(TALL);
    desk.click("Advanced");
    for label in of_scenes.into_iter().chain(["Resolution of", "3D Gaussians"]) {
        assert!(!is_there(&desk, label), "{label} means nothing to a model of single photos");
    }
    assert!(is_there(&desk, "Lens") && is_there(&desk, "Masks") && is_there(&desk, "Features"));
    choose_model(&mut desk, "DA3-Small");
    for label in of_scenes.into_iter().chain(["Resolution of"]) {
        assert!(is_there(&desk, label), "{label}");
    }
    assert!(!is_there(&desk, "Lens") && !is_there(&desk, "3D Gaussians"));
    choose_model(&mut desk, "DA3-Giant 1.1");
    assert!(is_there(&desk, "3D Gaussians"));
    choose_model(&mut desk, "DA3-Mono-Large");
    assert!(is_there(&desk, "Resolution of") && is_there(&desk, "Lens") && !is_there(&desk, "Shapes"));
}

/// Whether such a text is on the screen; screen readers are told the tooltip of a row at any time.
fn is_written(desk: &Desk, text: &str) -> bool {
    let labels = desk.window.query_all_by(|node| node.role() == Role::Label);
    labels.filter_map(|node| node.accesskit_node().value()).any(|value| value.contains(text))
}

/// What stands there when the pointer rests at a place.
fn said_at(desk: &mut Desk, place: egui::Pos2, text: &str) -> bool {
    desk.window.hover_at(place);
    desk.window.run_steps(3);
    let is_said = is_written(desk, text);
    desk.window.hover_at(egui::pos2(2.0, 700.0));
    desk.window.run_steps(3);
    assert!(!is_written(desk, text), "only where the pointer is");
    is_said
}

#[test]
fn a_row_says_what_it_is_for_and_why_it_is_grey_wherever_the_pointer_is() {
    let mut desk = Desk::new(TALL);
    desk.window.ctx.all_styles_mut(|style| {
        style.interaction.tooltip_delay = 0.0;
        style.interaction.show_tooltips_only_when_still = false;
    });
    choose_model(&mut desk, "DA3-Small");
    desk.click("Advanced");
    // What was clicked is not explained at once.
    desk.rest();
    let row = |desk: &Desk, label: &str| desk.window.query_all_by_label(label).next_back().expect("a row").rect();
    let tip = "The photo from which the scene is built";
    let menu = row(&desk, "Begin with");
    let places = [menu.center(), menu.left_center() - egui::vec2(90.0, 0.0), menu.left_center() - egui::vec2(4.0, 0.0)];
    for place in places {
        assert!(said_at(&mut desk, place, tip), "{place:?}");
    }
    assert!(!said_at(&mut desk, places[0], "Photos are independent now"));
    desk.click("Photos");
    desk.click("Independent");
    desk.rest();
    for place in places {
        assert!(said_at(&mut desk, place, "Photos are independent now"), "{place:?}");
    }
    let views = desk.window.query_all_by_label("Views per pass").next_back().expect("a row");
    assert!(views.accesskit_node().is_disabled());
}

/// What runs on this machine took: one view of a photo of 320 × 240 four seconds.
fn four_seconds(resolution: Option<u32>) -> Paces {
    let settings = Settings { resolution, ..Settings::default() };
    let room = Room { free_bytes: 8_000_000_000, ..Room::default() };
    let calibration = Calibration::default();
    let (device, photos) = (DeviceChoice::Cpu, [[320, 240]]);
    let job = Job {
        settings: &settings,
        device,
        photos: &photos,
        room,
        is_loaded: true,
        is_shown: true,
        calibration: &calibration,
    };
    let plan = job.plan().expect("fits");
    let mut paces = Paces::default();
    paces.learn(&job.pace_key(), job.resolution(), job.work(&plan), 4.0);
    paces
}

#[test]
fn a_time_is_said_once_something_was_measured_and_other_resolutions_are_compared_with_it() {
    let mut desk = Desk::new(TALL);
    desk.send(Event::Memory(Sample { free_bytes: 8_000_000_000, total_bytes: 16_000_000_000, ..Sample::default() }));
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.send(Event::Cancelled { run });
    assert!(desk.shows("of 8.0 GB free") && !desk.shows("free, about"), "nothing was measured");
    let slower = |desk: &Desk| desk.shows("× slower") || desk.shows("× faster");
    desk.click("Resolution");
    assert!(!slower(&desk));
    desk.key(egui::Modifiers::NONE, egui::Key::Escape);

    desk.send(Event::Paced(four_seconds(None)));
    assert!(desk.shows("of 8.0 GB free, about 12 s"));
    desk.click("Resolution");
    let entry = |desk: &Desk, name: &str| {
        let mut labels = desk.window.query_all_by_label_contains(name).filter_map(|node| node.accesskit_node().label());
        labels.next_back().expect("an entry")
    };
    let large = entry(&desk, "1008 px · ");
    assert!(large.contains(" · about 6 × slower") || large.contains(" · about 7 × slower"), "{large}");
    assert!(entry(&desk, "280 px · ").contains("× faster"));
    assert!(!entry(&desk, "518 px · ").contains("×"), "it is the present one");
    // What was measured itself is better known.
    desk.key(egui::Modifiers::NONE, egui::Key::Escape);
    desk.send(Event::Paced(four_seconds(Some(1008))));
    assert!(desk.shows("free, about 2 s") || desk.shows("free, about 3 s"));
    choose_model(&mut desk, "DA3-Small");
    assert!(!desk.shows("free, about"), "of that model nothing is known");
}

#[test]
fn the_line_of_the_loaded_model_names_that_one() {
    let mut desk = Desk::new(TALL);
    desk.model_ready();
    desk.window.get_by_label("Depth Anything V2 Small on CPU, f32");
    choose_model(&mut desk, "DA3-Small");
    desk.window.get_by_label("In memory: Depth Anything V2 Small");
    // A load that ends without a model costs nothing of the one before.
    desk.send(Event::ModelLoading { model: "DA3-Small".into(), done: 50_000_000, total: 137_000_000 });
    desk.window.get_by_label("Loading 50 MB of 137 MB");
    desk.send(Event::ModelKept);
    desk.window.get_by_label("In memory: Depth Anything V2 Small");
    desk.send(Event::ModelUnloaded);
    desk.window.get_by_label("Not in memory");
}

#[test]
fn a_graphics_card_is_offered_by_name_where_there_is_one() {
    let mut desk = Desk::new(TALL);
    desk.click("Device");
    assert!(!desk.shows("Graphics card ("), "nobody has told of one");
    desk.key(egui::Modifiers::NONE, egui::Key::Escape);
    for (is_software, label) in [(true, "Graphics card (software)"), (false, "Graphics card (Radeon RX 6600)")] {
        desk.send(Event::GraphicsCard(GraphicsCard {
            name: "Radeon RX 6600".into(),
            driver: "radv".into(),
            is_software,
        }));
        desk.click("Device");
        assert!(desk.shows(label), "{label}");
        desk.key(egui::Modifiers::NONE, egui::Key::Escape);
    }
    desk.click("Device");
    desk.click("Graphics card (Radeon RX 6600)");
    assert_eq!(desk.window.state().state().settings.device, DeviceChoice::Gpu);
    desk.click("Precision");
    assert!(desk.shows("8-bit (int8)"), "every precision is there");
}

#[test]
fn any_resolution_can_be_typed() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let resolution = |desk: &Desk| desk.window.state().state().settings.resolution;
    assert!(desk.window.query_by_label("Other resolution").is_none());
    desk.click("Resolution");
    desk.click("Other…");
    desk.window.get_by_label("Other resolution");
    desk.key(Modifiers::COMMAND, Key::A);
    desk.window.event(egui::Event::Text("1234".into()));
    desk.settle();
    assert_eq!(resolution(&desk), None, "half of it is no wish yet");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(resolution(&desk), Some(1234));
    desk.click("Resolution");
    desk.click_containing("756 px");
    assert_eq!(resolution(&desk), Some(756));
    assert!(desk.window.query_by_label("Other resolution").is_none());
}
