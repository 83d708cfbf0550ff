//! Depths that are known, through the program: a sensor's pictures and a table bring results to metres, and all is told.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fathom::examples::synthetic;
use fathom::inference::{Brought, DepthUnit};
use fathom::input::ViewId;
use fathom::reopen::{Reopened, reopen};
use fathom::session;

use crate::program::fathom;

const SIZE: [u32; 2] = [280, 210];

/// Two photos of the synthetic scene with their depth in 16-bit PNGs, as a sensor's.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scene = folder.path().join("scene");
        fs::create_dir(&scene).expect("a folder");
        synthetic::write(&scene, 2, SIZE).expect("space");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Depth of both photos with the built-in model, into `out`.
    fn depth(&self, out: &str, options: &[&str]) -> Output {
        let mut words = vec!["depth".to_owned()];
        words.extend((0..2).map(|index| self.path(&format!("scene/view_{index:02}.png")).display().to_string()));
        let places = [self.path(out), self.path(&format!("{out}.fathom"))].map(|path| path.display().to_string());
        words.extend(["--resolution", "210", "--formats", "npz", "--out", &places[0]].map(str::to_owned));
        words.extend(["--session", &places[1]].map(str::to_owned));
        words.extend(options.iter().map(|option| (*option).to_owned()));
        fathom(&words)
    }

    fn reopened(&self, out: &str) -> Reopened {
        let mut ids = (0..).map(ViewId);
        reopen(&self.path(out), || ids.next().expect("endless")).expect("results")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn summary(out: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("summary.json")).expect("there")).expect("JSON")
}

/// Mean error of a view's depth, as a part of the truth, over its surfaces.
fn error(run: &Reopened, index: usize) -> f32 {
    let view = &run.prediction.views[index];
    let truth = synthetic::render(index, SIZE[0], SIZE[1]).depth;
    let background = view.background.as_deref();
    let errors = view.depth.iter().enumerate().filter_map(|(pixel, depth)| {
        let [x, y] = [pixel as u32 % view.width, pixel as u32 / view.width];
        let [column, row] = [x * SIZE[0] / view.width, y * SIZE[1] / view.height];
        let truth = truth[(row * SIZE[0] + column) as usize];
        let is_surface = truth.is_finite() && !background.is_some_and(|background| background[pixel]);
        is_surface.then_some((depth / truth - 1.0).abs())
    });
    let errors: Vec<f32> = errors.collect();
    errors.iter().sum::<f32>() / errors.len() as f32
}

#[test]
fn a_sensor_brings_relative_depth_to_metres() {
    let desk = Desk::new();
    let folder = desk.path("scene").display().to_string();
    let output = desk.depth("out", &["--sensor-depth", &folder]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.contains("Known depths: 2 scenes in metres, each by its own fit; off by "), "{told}");
    assert!(told.contains("depth in metres"), "{told}");
    let out = desk.path("out");
    let summary = summary(&out);
    assert_eq!(summary["unit"], "metres");
    for index in 0..2 {
        let scene = &summary["scenes"][index];
        assert_eq!((&scene["unit"], &scene["scale_set_by_user"]), (&"metres".into(), &serde_json::Value::Null));
        let fit = &scene["known_depths"];
        assert!(fit["by"]["disparity"]["scale"].as_f64().is_some_and(|scale| scale > 0.0), "{fit}");
        assert!(fit["values"].as_u64().is_some_and(|values| values > 5000), "{fit}");
        assert!(fit["median_error"].as_f64().is_some_and(|error| error < 0.1), "{fit}");
    }
    let run = desk.reopened("out");
    for index in 0..2 {
        assert!(error(&run, index) < 0.12, "{}", error(&run, index));
        assert_eq!(run.prediction.unit_of(index), DepthUnit::Metres);
    }
    let saved = session::open(&desk.path("out.fathom")).expect("a session").results.expect("results");
    assert_eq!(saved.prediction.fits.len(), 2);
    for (scene, fit) in &saved.prediction.fits {
        let exported = &run.prediction.fits[scene];
        assert_eq!((exported.values, exported.agreeing), (fit.values, fit.agreeing));
    }
    assert!(saved.set_scales.is_empty());
}

#[test]
fn two_points_give_scale_and_shift_and_one_a_scale() {
    let desk = Desk::new();
    let depths = [0, 1].map(|index| synthetic::render(index, SIZE[0], SIZE[1]).depth);
    let at = |index: usize, [x, y]: [usize; 2]| depths[index][y * SIZE[0] as usize + x];
    let points = [(0, [140, 200]), (0, [140, 90]), (1, [140, 150])];
    let rows = points.map(|(index, [x, y])| format!("view_{index:02}.png,{x},{y},{}\n", at(index, [x, y])));
    let table = desk.path("known.csv");
    fs::write(&table, format!("photo,x,y,metres\n{}elsewhere.jpg,1,1,1\n", rows.concat())).expect("space");
    let output = desk.depth("out", &["--known-depths", &table.display().to_string()]);
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    for part in ["depths of photos that are not among these: elsewhere.jpg", "a scale alone", ": view_01.png"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let run = desk.reopened("out");
    let fits = &run.prediction.fits;
    assert!(matches!(fits[&0].by, Brought::Disparity { .. }) && fits[&0].values == 2, "{fits:?}");
    assert!(matches!(fits[&1].by, Brought::Scale(_)) && fits[&1].values == 1, "{fits:?}");
    for (index, [x, y]) in points {
        let view = &run.prediction.views[index];
        let [column, row] = [x as u32 * view.width / SIZE[0], y as u32 * view.height / SIZE[1]];
        let (found, truth) = (view.depth[(row * view.width + column) as usize], at(index, [x, y]));
        assert!((found / truth - 1.0).abs() < 0.02, "{found} for {truth}");
    }
    let warnings = summary(&desk.path("out"))["warnings"].to_string();
    assert!(warnings.contains("elsewhere.jpg") && warnings.contains("a scale alone"), "{warnings}");
}

#[test]
fn a_table_that_cannot_be_read_ends_the_run_with_its_row() {
    let desk = Desk::new();
    let table = desk.path("known.csv");
    fs::write(&table, "view_00.png,1,1,2\nview_00.png,1,1,-2\n").expect("space");
    let output = desk.depth("out", &["--known-depths", &table.display().to_string()]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("known.csv") && told.contains("line 2 has a depth that is not above zero"), "{told}");
    assert!(told.contains("photo,x,y,metres"), "it says what a row is: {told}");
    assert!(!desk.path("out").join("summary.json").exists());
}
