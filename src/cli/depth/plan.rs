//! `fathom depth --dry-run`: what a run would need with each number of views per pass, and how it would go.

use std::path::{Path, PathBuf};

use crate::cli::table::aligned;
use crate::cli::{Outcome, columns, report, told, ui};
use crate::inference::{Change, Devices, InferenceError, Job, Notice, Plan, Settings, VIEWS_PER_PASS};
use crate::input::{CamerasError, KnownCameras, Limits, photo_size};
use crate::memory::shown_bytes;
use crate::worker::{Problem, Remembered, WorkerOptions};

pub(super) fn run(photos: &[PathBuf], settings: &Settings) -> Outcome {
    let limits = Limits::default();
    let mut photos: Vec<&Path> = photos.iter().map(PathBuf::as_path).collect();
    if let Some(path) = &settings.known_cameras
        && let Err(error) = keep_those_with_a_camera(path, &mut photos)
    {
        return ui::failure(&told::problem(&Problem::from(&InferenceError::Cameras(error))));
    }
    let sizes: Vec<[u32; 2]> = photos.iter().filter_map(|photo| photo_size(photo, &limits)).collect();
    if sizes.is_empty() {
        return ui::failure("No photo tells its size. Name photos that can be read.");
    }
    let remembered = Remembered::new(WorkerOptions::at_home().state_dir);
    let devices = Devices::here();
    devices.trials().recall(remembered.trials().clone());
    let device = devices.resolve(settings);
    let job = Job {
        settings,
        device,
        photos: &sizes,
        room: devices.room(device),
        is_loaded: false,
        is_shown: false,
        calibration: remembered.calibration(),
    };
    let plan = match job.plan() {
        Ok(plan) => plan,
        Err(error) => return refused(&Problem::from(&error)),
    };
    let headers = ["VIEWS PER PASS", "PASSES", "SHARED", "MODEL", "PASS", "PHOTOS", "RESULTS", "ALL", ""];
    let mut rows = vec![headers.map(String::from)];
    let listed =
        VIEWS_PER_PASS.into_iter().filter(|&views| views <= sizes.len()).chain([sizes.len(), plan.views_per_pass]);
    let mut listed: Vec<usize> = listed.collect();
    listed.sort_unstable();
    listed.dedup();
    for option in listed.into_iter().filter_map(|views| job.with_views(views).ok()) {
        rows.push(row(&option, &plan));
    }
    for line in aligned(&rows, &[0, 1, 2, 3, 4, 5, 6, 7], columns::of_stdout()) {
        ui::out(&line);
    }
    ui::say(&format!("\n{}", report::planned(&plan)));
    for notice in plan.notice().into_iter().chain(Notice::of_shapes(&plan.common)) {
        ui::err(&format!("warning: {}", told::problem(&Problem::from(&notice))));
    }
    Outcome::Success
}

/// A run leaves photos out that have no camera where cameras are known; what it would say of them is said.
fn keep_those_with_a_camera(path: &Path, photos: &mut Vec<&Path>) -> Result<(), CamerasError> {
    let cameras = KnownCameras::read(path)?;
    let found = cameras.of_all(photos);
    for notice in Notice::of_cameras(&cameras, photos, &found) {
        ui::err(&format!("warning: {}", told::problem(&Problem::from(&notice))));
    }
    let mut has_camera = found.iter().map(Result::is_ok);
    photos.retain(|_| has_camera.next() == Some(true));
    Ok(())
}

/// Says why there is no run, and which options would let it fit.
pub(super) fn refused(problem: &Problem) -> Outcome {
    if problem.remedies.is_empty() {
        return ui::failure(&told::problem(problem));
    }
    let options = problem.remedies.iter().map(|remedy| {
        let need = shown_bytes(remedy.need_bytes);
        format!("\n  {:<24} {} ({need})", flag(&remedy.change), remedy.change)
    });
    ui::failure(&format!("{}. Any of these would fit:{}", problem.what, options.collect::<String>()))
}

/// The option that makes a change.
fn flag(change: &Change) -> String {
    match change {
        Change::ViewsPerPass(views) => format!("--views-per-pass {views}"),
        Change::Independent => "--independent".into(),
        Change::Resolution(pixels) => format!("--resolution {pixels}"),
        Change::Precision(precision) => format!("--precision {}", precision.label()),
        Change::Device(device) => format!("--device {}", device.label().to_lowercase()),
        Change::Model(model) => format!("--model {model}"),
    }
}

fn row(option: &Plan, chosen: &Plan) -> [String; 9] {
    let need = &option.need;
    let remark = match option.remark() {
        _ if option.views_per_pass == chosen.views_per_pass => "planned".into(),
        remark => remark.unwrap_or_default(),
    };
    let [views, passes, overlap] = [option.views_per_pass, option.passes, option.overlap].map(|n| n.to_string());
    let [model, pass, photos, results, all] =
        [need.model, need.pass, need.photos, need.results, need.total()].map(shown_bytes);
    [views, passes, overlap, model, pass, photos, results, all, remark]
}
