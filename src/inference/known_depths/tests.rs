//! Known depths of views, and what becomes of the scenes that these are of.

use std::fs;
use std::sync::Mutex;

use glam::Vec3;

use super::*;
use crate::examples::synthetic;
use crate::inference::{Brought, DepthUnit, PhotoPart, Prediction, RunStage, Used};
use crate::model::ModelError;

/// Keeps what it hears.
#[derive(Default)]
struct Ear(Mutex<Vec<String>>);

impl Listener for Ear {
    fn go_on(&self, _: RunStage) -> Result<(), ModelError> {
        Ok(())
    }
    fn progress(&self, _: RunStage, _: usize, _: f32) {}
    fn view_ready(&self, _: Arc<ViewPrediction>) {}
    fn view_failed(&self, _: ViewId, _: InferenceError) {}
    fn notice(&self, notice: Notice) {
        self.0.lock().expect("no panic").push(notice.to_string());
    }
    fn loading(&self, _: u64, _: u64) -> Result<(), ModelError> {
        Ok(())
    }
    fn ready(&self, _: Used) {}
}

const SIZE: [u32; 2] = [40, 30];

/// Synthetic views whose photos have twice the size of the maps; what cannot be seen is background.
struct Desk {
    folder: tempfile::TempDir,
    /// In metres.
    truth: Vec<Vec<f32>>,
    views: Vec<Arc<ViewPrediction>>,
    ear: Ear,
}

impl Desk {
    /// Views of these scenes, with the depth that `given` makes of the true one.
    fn new(scenes: &[usize], given: impl Fn(&mut ViewPrediction)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut truth = Vec::new();
        let views = scenes.iter().enumerate().map(|(index, &scene)| {
            let path = folder.path().join(format!("{index}.png"));
            let mut view = synthetic::render(index, SIZE[0], SIZE[1]).into_prediction(ViewId(index as u64), path);
            view.depth.iter_mut().filter(|depth| !depth.is_finite()).for_each(|depth| *depth = 100.0);
            view.scene = scene;
            view.photo_size = SIZE.map(|side| 2 * side);
            view.photo_part = PhotoPart::whole(view.photo_size);
            view.camera.camera_from_world.translation = Vec3::new(index as f32, 0.5, -1.0);
            truth.push(view.depth.clone());
            given(&mut view);
            Arc::new(view)
        });
        let views = views.collect();
        Self { folder, truth, views, ear: Ear::default() }
    }

    /// What a sensor of another size has measured of a view, in metres.
    fn measure(&self, index: usize, by: impl Fn(usize, f32) -> f32) {
        let values: Vec<u8> = self.truth[index].iter().enumerate().flat_map(|(i, d)| by(i, *d).to_le_bytes()).collect();
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}\n", SIZE[1], SIZE[0]);
        let mut bytes = b"\x93NUMPY\x01\0".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.bytes().chain(values));
        fs::write(self.folder.path().join(format!("{index}_depth.npy")), bytes).expect("space");
    }

    /// A table of known depths, in pixels of the maps.
    fn know(&self, points: &[(usize, [u32; 2])], by: impl Fn(f32) -> f32) {
        let rows = points.iter().map(|&(index, [x, y])| {
            let metres = by(self.truth[index][(y * SIZE[0] + x) as usize]);
            format!("{index}.png,{},{},{metres}\n", f64::from(2 * x) + 0.5, f64::from(2 * y) + 0.5)
        });
        fs::write(self.folder.path().join("known.csv"), rows.collect::<String>()).expect("space");
    }

    fn bring(&mut self, has_table: bool, has_sensor: bool) -> BTreeMap<usize, DepthFit> {
        let settings = Settings {
            known_depths: has_table.then(|| self.folder.path().join("known.csv")),
            sensor_depth: has_sensor.then(|| self.folder.path().to_owned()),
            ..Settings::default()
        };
        let photos: Vec<Photo> =
            self.views.iter().map(|view| Photo { id: view.view, path: view.path.clone() }).collect();
        let known = Known::read(&settings, &photos, &self.ear).expect("known depths");
        known.bring(&mut self.views, &Limits::default(), &self.ear)
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.ear.0.lock().expect("no panic"))
    }

    #[track_caller]
    fn is_true(&self, index: usize) {
        let view = &self.views[index];
        let background = view.background.as_deref();
        for (place, (depth, truth)) in view.depth.iter().zip(&self.truth[index]).enumerate() {
            let is_surface = !background.is_some_and(|background| background[place]) && *truth < 50.0;
            assert!(!is_surface || (depth / truth - 1.0).abs() < 1e-3, "{place}: {depth} for {truth}");
        }
    }
}

/// Disparity whose scale and shift nobody knows, and depth from it as after a network.
fn relative(view: &mut ViewPrediction) {
    let disparity: Vec<f32> = view.depth.iter().map(|depth| (30.0 / depth - 1.2).max(0.0)).collect();
    let (depth, background) = crate::inference::depth_from_disparity(&disparity).expect("surfaces");
    (view.depth, view.background, view.disparity) = (depth, Some(background), Some(disparity));
    view.camera.camera_from_world.translation = Vec3::ZERO;
}

#[test]
fn one_scale_for_all_views_of_a_scene_and_another_for_the_next() {
    let factors = [0.5, 0.5, 4.0];
    let mut desk = Desk::new(&[0, 0, 1], |view| {
        let factor = factors[view.view.0 as usize];
        view.depth.iter_mut().for_each(|depth| *depth *= factor);
    });
    // The second view of the first scene has none of its own.
    desk.measure(0, |i, depth| if i % 4 == 0 { 0.3 } else { depth });
    desk.measure(2, |_, depth| depth);
    let fits = desk.bring(false, true);
    (0..3).for_each(|index| desk.is_true(index));
    let scale = |scene: usize| match fits[&scene].by {
        Brought::Scale(scale) => scale,
        other => panic!("{other:?}"),
    };
    assert!((scale(0) - 2.0).abs() < 1e-4 && (scale(1) - 0.25).abs() < 1e-4, "{fits:?}");
    let place = desk.views[1].camera.camera_from_world.translation;
    assert!(place.abs_diff_eq(2.0 * Vec3::new(1.0, 0.5, -1.0), 1e-4), "{place}");
    assert!(fits[&0].values == 1200 && (890..=910).contains(&fits[&0].agreeing) && !fits[&0].is_bad(), "{fits:?}");
    assert_eq!(desk.heard(), Vec::<String>::new());
    let prediction = Prediction { fits, ..Prediction::default() };
    assert_eq!(
        [0, 1, 2].map(|scene| prediction.unit_of(scene)),
        [DepthUnit::Metres, DepthUnit::Metres, DepthUnit::Relative]
    );
}

#[test]
fn disparity_gets_scale_and_shift_from_a_sensor_or_from_two_points() {
    for has_sensor in [true, false] {
        let mut desk = Desk::new(&[0], relative);
        desk.measure(0, |_, depth| if depth > 50.0 { f32::NAN } else { depth });
        desk.know(&[(0, [20, 28]), (0, [20, 12])], |depth| depth);
        let fits = desk.bring(!has_sensor, has_sensor);
        desk.is_true(0);
        let Brought::Disparity { scale, shift } = fits[&0].by else { panic!("{fits:?}") };
        assert!((scale - 1.0 / 30.0).abs() < 1e-4 && (shift - 0.04).abs() < 1e-4, "{fits:?}");
        assert_eq!(desk.heard(), Vec::<String>::new());
    }
}

#[test]
fn one_point_gives_a_scale_and_that_is_said() {
    let mut desk = Desk::new(&[0], relative);
    desk.know(&[(0, [20, 28])], |depth| depth);
    let fits = desk.bring(true, false);
    assert!(matches!(fits[&0].by, Brought::Scale(_)) && fits[&0].values == 1);
    let place = 28 * 40 + 20;
    assert!((desk.views[0].depth[place] / desk.truth[0][place] - 1.0).abs() < 1e-5);
    let heard = desk.heard();
    assert!(
        heard[0].starts_with("one known value tells no shift: depth got a scale alone") && heard[0].ends_with("0.png")
    );
    assert_eq!(heard.len(), 1);
}

#[test]
fn what_cannot_be_used_is_told_and_the_view_stays() {
    let mut desk = Desk::new(&[0, 1, 2], |view| view.background = Some(vec![view.view.0 == 1; 1200]));
    let given: Vec<_> = desk.views.clone();
    fs::write(
        desk.folder.path().join("known.csv"),
        "0.png,80,10,2\n0.png,-1,3,2\n1.png,5,5,2\nelsewhere.png,1,1,1\n0.png,79.4,10,1\n0.png,3,59.4,1",
    )
    .expect("space");
    image::GrayImage::new(8, 8).save(desk.folder.path().join("2_depth.png")).expect("space");
    let fits = desk.bring(true, true);
    assert_eq!(fits.keys().collect::<Vec<_>>(), [&0], "the last row and column are inside");
    assert!(Arc::ptr_eq(&desk.views[1], &given[1]) && Arc::ptr_eq(&desk.views[2], &given[2]));
    let heard = desk.heard();
    for part in [
        "photos that are not among these: elsewhere.png",
        "2 of the known depths lie outside their photo, or outside the part of it that was looked at: 0.png",
        "1 of the known depths lie where there is no surface (sky, what is infinitely far, or hidden): 1.png",
        "2_depth.png: cannot be read as a sensor's depth (its pixels are L8, not grey of 16 bits)",
        "no known depth can be used for 2 of 3 scenes",
    ] {
        assert!(heard.iter().any(|line| line.contains(part)), "{part}: {heard:#?}");
    }
}

#[test]
fn a_bad_fit_is_named() {
    let mut desk = Desk::new(&[0], |_| {});
    desk.measure(0, |i, _| 1.0 + (i * 7919 % 1200) as f32 / 40.0);
    let fits = desk.bring(false, true);
    assert!(fits[&0].is_bad());
    let heard = desk.heard();
    assert!(heard[0].contains("fit badly: 0.png (off by ") && heard[0].contains("of 1200 agree"), "{heard:?}");
}

#[test]
fn a_cropped_photo_keeps_its_places() {
    // The maps show the right half of the photo.
    let mut desk = Desk::new(&[0], |view| {
        view.photo_size = [4 * SIZE[0], 2 * SIZE[1]];
        let whole = PhotoPart::whole(view.photo_size);
        view.photo_part = PhotoPart { left: whole.width / 2.0, width: whole.width / 2.0, ..whole };
    });
    let metres = desk.truth[0][3 * 40 + 7];
    let row = format!("0.png,{},{},{}\n0.png,{},6,1\n", 80 + 14, 6, 3.0 * metres, 79);
    fs::write(desk.folder.path().join("known.csv"), row).expect("space");
    let fits = desk.bring(true, false);
    assert!(matches!(fits[&0].by, Brought::Scale(scale) if (scale - 3.0).abs() < 1e-5), "{fits:?}");
    assert!(desk.heard()[0].starts_with("1 of the known depths lie outside"));
}

#[test]
fn sources_that_are_not_there_end_the_run_before_it_begins() {
    let read = |settings: Settings| Known::read(&settings, &[], &Ear::default()).err().map(|error| error.to_string());
    let missing = || Some("/no/such".into());
    let error = read(Settings { sensor_depth: missing(), ..Settings::default() }).expect("no folder");
    assert!(error.contains("/no/such"), "{error}");
    assert!(read(Settings { known_depths: missing(), ..Settings::default() }).is_some());
    assert_eq!(read(Settings::default()), None);
}
