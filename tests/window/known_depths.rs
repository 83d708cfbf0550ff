//! Known depths in the window: a table and a sensor's folder are chosen, shown, and forgotten with the photos.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use fathom::app::Open;
use fathom::inference::{Brought, DepthFit, DepthUnit, Prediction};
use fathom::worker::Event;

use crate::harness::Desk;
use crate::views::prediction;

type Chosen = (Option<PathBuf>, Option<PathBuf>);

/// The table and the folder.
fn chosen(desk: &Desk) -> Chosen {
    let settings = &desk.window.state().state().settings;
    (settings.known_depths.clone(), settings.sensor_depth.clone())
}

/// Dialogs answer from a thread of their own.
fn wait(desk: &mut Desk, wanted: &Chosen) {
    let start = Instant::now();
    while chosen(desk) != *wanted && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
        desk.window.step();
    }
    assert_eq!(chosen(desk), *wanted);
    desk.settle();
}

#[test]
fn a_table_and_a_folder_are_chosen_and_forgotten_with_the_photos() {
    let mut desk = Desk::new([1280.0, 1180.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let folder = desk.folder_for("sensor");
    std::fs::create_dir_all(&folder).expect("space");
    let table = folder.join("points.csv");
    std::fs::write(&table, "0.png,1,1,1\n").expect("space");
    let answers = (table.clone(), folder.clone());
    let ask = Arc::new(move |what| match what {
        Open::Depths => Some(answers.0.clone()),
        Open::DepthFolder => Some(answers.1.clone()),
        _ => None,
    });
    desk.window.state_mut().set_open_dialog(ask);
    desk.click("Advanced");
    desk.click("Known depths");
    desk.click("A file of points…");
    wait(&mut desk, &(Some(table.clone()), None));
    desk.click("Known depths");
    desk.click("A folder of depth pictures…");
    wait(&mut desk, &(Some(table.clone()), Some(folder)));
    desk.click("Known depths");
    desk.click("None");
    assert_eq!(chosen(&desk), (None, None));
    desk.click("Known depths");
    desk.click("A file of points…");
    wait(&mut desk, &(Some(table), None));
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Delete);
    wait(&mut desk, &(None, None));
}

#[test]
fn what_known_depths_did_is_told_when_the_run_ends() {
    let mut desk = Desk::new([1280.0, 900.0]);
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    let (run, sent) = desk.run_command();
    let view = sent[0].id;
    let fit = DepthFit { by: Brought::Scale(2.5), values: 40, agreeing: 39, median_error: 0.03, p90_error: 0.08 };
    let mut shown = prediction(0);
    (shown.view, shown.scene) = (view, 0);
    let result = Prediction { views: vec![shown.into()], fits: [(0, fit)].into(), ..Prediction::default() };
    desk.send(Event::RunStarted { run, views: 1, unit: DepthUnit::Relative });
    desk.send(Event::Finished { run, prediction: result.into() });
    desk.settle();
    desk.key(Modifiers::NONE, Key::N);
    desk.wait_for_containing("Known depths: depth × 2.5000; off by 3.0 % in the middle");
    let results = &desk.window.state().state().results;
    assert_eq!((results.unit_of(Some(view)), results.fit_of(Some(view))), (DepthUnit::Metres, Some(&fit)));
}
