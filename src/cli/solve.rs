//! `fathom cameras`: where photos were taken, by the points that they share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::lens::GivenLens;
use super::photos::not_taken;
use super::progress::Progress;
use super::{Outcome, columns, places, told, ui};
use crate::export::{Axes, ExportError, SparseModel, SparsePoint, write_atomically, write_cameras};
use crate::geometry::Intrinsics;
use crate::inference::{Camera, Extras, Lens, LensSource, PhotoPart, PoseSource, Prediction, ViewPrediction};
use crate::input::{Folders, InputError, Limits, View, ViewId, collect, display_name, load_view};
use crate::sfm::{LensPrior, Scene, Shot, SolvedCamera, SolvedPoint, cameras_of};

pub(super) const SOLVE_NOTES: &str = "\
Photos of one place, taken from different places, say where they were taken. No model is needed.
Their scale is unknown.

Files in DIR:
  cameras.json      lenses and poses, in both directions; 'fathom depth --cameras' takes it
  sparse/0/*.txt    a COLMAP model: cameras, photos, and the points by which they were found

Examples:
  fathom cameras holiday/ --out cameras
  fathom cameras holiday/ --out cameras --focal 26
  fathom depth holiday/ --out scene --model da3-small --cameras cameras/cameras.json

Exit codes:
  0  done: all photos have a camera
  1  none has
  2  the command line cannot be used as given
  3  some have none; stderr names them";

#[derive(Debug, Args)]
pub(super) struct SolveArguments {
    /// Photos, and folders of photos
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// Folder for the results; made if missing, and empty unless --overwrite is given
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Photos in folders inside the named folders as well
    #[arg(long)]
    recursive: bool,
    #[command(flatten)]
    lens: GivenLens,
    /// A folder with masks of the photos' names (photo.png, or photo.jpg.png): no points are looked for where they are dark
    #[arg(long, value_name = "DIR")]
    masks: Option<PathBuf>,
    /// Write into a folder that is not empty, replacing files of the same names
    #[arg(long)]
    overwrite: bool,
    /// Say nothing but problems
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(arguments: &SolveArguments) -> Outcome {
    let progress = Progress::choose(arguments.quiet);
    let folders = if arguments.recursive { Folders::AndInside } else { Folders::Themselves };
    let collected = collect(&arguments.photos, folders, &Limits::default());
    not_taken(&collected.problems, columns::of_stderr().is_some())
        .into_iter()
        .for_each(|lines| progress.complain(&lines));
    let photos = collected.photos;
    if photos.is_empty() {
        progress.finish();
        return ui::failure(&told::no_photo(collected.photos_inside));
    }
    // Those that stay empty are gone in the end.
    let _new_folders = match places::check(&arguments.out, arguments.overwrite) {
        Ok(new) => new,
        Err(error) => {
            progress.finish();
            return ui::failure(&told::results(&error));
        }
    };
    if let Some(masks) = arguments.masks.as_deref().filter(|masks| !masks.is_dir()) {
        progress.finish();
        let masks = ui::shown(masks);
        return ui::failure(&format!("There is no folder '{masks}' with masks. Check the path behind --masks."));
    }
    // A photo is read once for each way; what is wrong with it is said once.
    let (unread, unmasked) = (Mutex::new(BTreeMap::new()), AtomicBool::new(false));
    let read = |photo: usize| match shot(&photos[photo], arguments.lens.lens(), arguments.masks.as_deref()) {
        Ok((shot, lacks_mask)) => {
            unmasked.fetch_or(lacks_mask, Ordering::Relaxed);
            Some(shot)
        }
        Err(error) => {
            let mut unread = unread.lock().unwrap_or_else(PoisonError::into_inner);
            unread.insert(photo, format!("error: {error}. {}", error.advice()));
            None
        }
    };
    let found = cameras_of(photos.len(), &read, &progress);
    let unread = unread.into_inner().unwrap_or_else(PoisonError::into_inner);
    unread.values().for_each(|line| progress.complain(line));
    if unmasked.into_inner() {
        progress.complain("note: some photos have no mask in the folder of masks; they are searched whole");
    }
    progress.finish();
    let scene = match found {
        Ok(scene) => scene,
        Err(error) => return ui::failure(&told::cameras(&error)),
    };
    match write(&arguments.out, &photos, &scene, arguments.lens.lens()) {
        Ok(files) => {
            let told = report(arguments, &photos, &scene, &files);
            let has_problems = !collected.problems.is_empty() || !unread.is_empty();
            if has_problems { Outcome::SomePhotosFailed } else { told }
        }
        Err(error) => ui::failure(&told::drawing(&error)),
    }
}

fn report(arguments: &SolveArguments, photos: &[PathBuf], scene: &Scene, files: &[PathBuf]) -> Outcome {
    let solved = &scene.solved;
    if !arguments.quiet {
        for file in files {
            ui::out(&ui::shown(file));
        }
        ui::say(&format!(
            "\n{} of {} photos have a camera; {} points, off by {:.2} pixels; {} pairs of photos fit ({})",
            solved.count(),
            photos.len(),
            solved.points.len(),
            solved.residual,
            solved.pairs.len(),
            scene.by(),
        ));
    }
    let without = (0..photos.len()).filter(|&photo| solved.cameras[photo].is_none());
    // Of those that could not be read more was said.
    let without: Vec<usize> = without.filter(|&photo| scene.views[photo].is_some()).collect();
    for &photo in &without {
        let name = display_name(&photos[photo]);
        ui::err(&format!("note: {name} has no camera: it shares too few points with the others"));
    }
    if without.is_empty() { Outcome::Success } else { Outcome::SomePhotosFailed }
}

/// A photo, and whether it should have a mask and has none.
fn shot(path: &Path, lens: Option<Lens>, masks: Option<&Path>) -> Result<(Shot, bool), InputError> {
    let mut view = load_view(ViewId(0), path, &Limits::default())?;
    let lacks_mask = match masks {
        Some(masks) => !view.hide_by_mask(masks, &Limits::default())?,
        None => false,
    };
    let View { image, hidden, focal, .. } = view;
    let (width, height) = image.dimensions();
    let centred = |focal: f32| Intrinsics::centred(focal, width, height);
    let lens = match (lens, focal) {
        (Some(lens), _) => LensPrior::Known(centred(lens.focal_pixels([width, height]))),
        (None, Some(focal)) => LensPrior::Likely(centred(focal.pixels(width, height))),
        (None, None) => LensPrior::Unknown,
    };
    Ok((Shot { picture: image, hidden, lens }, lacks_mask))
}

fn write(out: &Path, photos: &[PathBuf], scene: &Scene, lens: Option<Lens>) -> Result<Vec<PathBuf>, ExportError> {
    let placed: Vec<usize> = (0..photos.len()).filter(|&photo| scene.solved.cameras[photo].is_some()).collect();
    let mut points = points(scene, &placed);
    let mut views = Vec::with_capacity(placed.len());
    for (place, &photo) in placed.iter().enumerate() {
        let failed = |reason: String| ExportError::Photo { path: photos[photo].clone(), reason };
        let view = load_view(ViewId(photo as u64), &photos[photo], &Limits::default());
        let view = view.map_err(|error| failed(error.to_string()))?;
        if let Some(camera) = &scene.solved.cameras[photo] {
            views.push(Arc::new(without_maps(&view, camera, lens)));
        }
        colour(&mut points, place, &view.image);
    }
    let prediction = Prediction { model: scene.by(), views, ..Prediction::default() };
    let model = SparseModel::new(&prediction.views, &points);
    let folder = out.join("sparse/0");
    std::fs::create_dir_all(&folder).map_err(|source| ExportError::Folder { path: folder.clone(), source })?;
    let files = ["cameras.txt", "images.txt", "points3D.txt"].map(|name| folder.join(name));
    write_atomically(&files[0], |to| model.write_cameras(to))?;
    write_atomically(&files[1], |to| model.write_images(to))?;
    write_atomically(&files[2], |to| model.write_points(to))?;
    let cameras = out.join("cameras.json");
    write_atomically(&cameras, |to| write_cameras(to, &prediction, Axes::Auto))?;
    Ok([cameras].into_iter().chain(files).collect())
}

/// A view of which the camera alone is known.
fn without_maps(view: &View, camera: &SolvedCamera, lens: Option<Lens>) -> ViewPrediction {
    let SolvedCamera { intrinsics, k1, camera_from_world } = *camera;
    let (width, height) = view.image.dimensions();
    let lens = if lens.is_some() { LensSource::Given } else { LensSource::Matched };
    ViewPrediction {
        view: view.id,
        path: view.path.clone(),
        scene: 0,
        photo_size: [width, height],
        photo_turn: view.turn,
        photo_part: PhotoPart::whole([width, height]),
        bent: (k1 != 0.0).then_some(camera.lens()),
        width,
        height,
        image: image::RgbImage::default(),
        depth: Vec::new(),
        confidence: None,
        sky: None,
        disparity: None,
        background: None,
        camera: Camera { intrinsics, camera_from_world, lens, pose: PoseSource::Matched },
        extras: Extras::default(),
    }
}

/// As yet without colours; `placed` are the photos that have a camera.
fn points(scene: &Scene, placed: &[usize]) -> Vec<SparsePoint> {
    let place = |seen: [u32; 2]| Some((placed.binary_search(&(seen[0] as usize)).ok()?, scene.keypoint(seen)?));
    let point = |point: &SolvedPoint| SparsePoint {
        position: point.position,
        colour: [128; 3],
        error: point.error,
        seen: point.seen.iter().filter_map(|&one| place(one)).collect(),
    };
    scene.solved.points.iter().map(point).filter(|point| !point.seen.is_empty()).collect()
}

/// Gives points that are seen first by the view at this place the colours of its photo: large photos are never held together.
fn colour(points: &mut [SparsePoint], place: usize, picture: &image::RgbImage) {
    for point in points {
        let Some((_, at)) = point.seen.first().filter(|(view, _)| *view == place) else { continue };
        let [x, y] = at.map(|at| at.max(0.0).round() as u32);
        point.colour = picture.get_pixel_checked(x, y).map_or(point.colour, |pixel| pixel.0);
    }
}
