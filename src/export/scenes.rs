//! The files of each scene: views that share a world.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::axes::turn;
use super::colmap::{COLMAP_BINARY, COLMAP_TEXT, ColmapModel, lens_fault};
use super::files::Files;
use super::images::{names_in_images, write_images};
use super::selection::Selection;
use super::stored_camera::StoredCamera;
use super::summary::{GaussianSummary, SceneSummary, SelectedCloud};
use super::transforms::{PhotosAt, camera_model, write_transforms};
use super::{
    Axes, ExportError, Format, GaussianCount, Options, PhotoNames, write_chan, write_gaussian_ply, write_glb,
    write_las, write_ply, write_xyz,
};
use crate::inference::{Prediction, ViewPrediction};
use crate::scene::shown_points;

pub(super) fn write_scenes(
    files: &mut Files<'_>,
    prediction: &Prediction,
    options: &Options,
) -> Result<Vec<SceneSummary>, ExportError> {
    check_lenses(&prediction.views, options)?;
    let names = match options.images {
        true => names_in_images(&prediction.views, options.as_taken),
        false => PhotoNames::new(&prediction.views),
    };
    let numbers: BTreeSet<usize> = prediction.views.iter().map(|view| view.scene).collect();
    let mut scenes = Vec::with_capacity(numbers.len());
    for &scene in &numbers {
        let views: Vec<_> = prediction.views.iter().filter(|view| view.scene == scene).cloned().collect();
        let stem = if numbers.len() == 1 { "scene".into() } else { format!("scene_{scene:04}") };
        let mut about = SceneSummary::new(prediction, scene);
        let is_shown = |view: &ViewPrediction| view.scene == scene && !options.hidden.contains(&view.view);
        let places = prediction.views.iter().enumerate().filter(|(_, view)| is_shown(view)).map(|(place, _)| place);
        let places: Vec<usize> = places.collect();
        let shown: Vec<_> = places.iter().map(|&place| prediction.views[place].clone()).collect();
        let names = names.at(&places);
        if shown.is_empty() {
            scenes.push(about);
            continue;
        }
        write_cloud(files, &views, &stem, options, &mut about)?;
        let has_points = |selection: Selection| shown.iter().any(|view| selection.pixels(view).next().is_some());
        if options.formats.contains(&Format::Glb)
            && !has_points(Selection::for_glb(&shown, &options.filters, &options.rule))
        {
            files.missing.push(empty(&format!("{stem}.glb")));
        } else if options.formats.contains(&Format::Glb) {
            let mut selected = None;
            let file = files.write(format!("{stem}.glb"), |to| {
                selected = Some(write_glb(to, &shown, about.unit, &options.filters, &options.rule)?);
                Ok(())
            })?;
            about.glb = selected.map(|selected| SelectedCloud::new(file, selected));
        }
        about.gaussians = write_gaussians(files, &shown, scene, options)?;
        about.colmap = write_colmap(files, &shown, &names, scene, options)?;
        let has_cameras = [Format::Colmap, Format::ColmapText, Format::Transforms];
        if options.images && has_cameras.iter().any(|format| options.formats.contains(format)) {
            write_images(files, &shown, &names, options)?;
        }
        if options.formats.contains(&Format::Transforms) {
            let folder = files.dir;
            let photos = if options.images { PhotosAt::Images(&names) } else { PhotosAt::Theirs(folder) };
            let name = stem.replace("scene", "transforms") + ".json";
            // Trainers start from these points beside the cameras, and so in their world.
            let ply = about.ply.as_deref().filter(|_| options.axes.of(Format::Ply) == Axes::Opencv);
            files.write(name, |to| write_transforms(to, &shown, &photos, options.as_taken, ply))?;
        }
        if options.formats.contains(&Format::Chan) {
            files.write(format!("{stem}.chan"), |to| write_chan(to, &shown))?;
        }
        scenes.push(about);
    }
    Ok(scenes)
}

/// Better no files of scenes than some.
fn check_lenses(views: &[Arc<ViewPrediction>], options: &Options) -> Result<(), ExportError> {
    if !options.as_taken {
        return Ok(());
    }
    let cameras: Vec<StoredCamera<'_>> = views.iter().map(|view| StoredCamera::new(view, true)).collect();
    let wants = |format: Format| options.formats.contains(&format);
    let colmap = (wants(Format::Colmap) || wants(Format::ColmapText)).then(|| lens_fault(&cameras)).flatten();
    let transforms = wants(Format::Transforms).then(|| camera_model(&cameras).err()).flatten();
    colmap.or(transforms).map_or(Ok(()), |fault| Err(ExportError::Lens(fault)))
}

/// The formats whose points are those of the 3D view.
fn write_cloud(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    stem: &str,
    options: &Options,
    about: &mut SceneSummary,
) -> Result<(), ExportError> {
    let has = |format: Format| options.formats.contains(&format);
    if ![Format::Ply, Format::Xyz, Format::Las].into_iter().any(has) {
        return Ok(());
    }
    let is_shown = |view: &ViewPrediction| !options.hidden.contains(&view.view);
    let mut cloud = shown_points(views, is_shown, &options.filters, &options.thinning);
    about.points = Some(cloud.len());
    if cloud.is_empty() {
        let wanted = [(Format::Ply, "ply"), (Format::Xyz, "xyz"), (Format::Las, "las")];
        let names = wanted.into_iter().filter(|(format, _)| has(*format)).map(|(_, ending)| format!("{stem}.{ending}"));
        files.missing.push(empty(&names.collect::<Vec<_>>().join(", ")));
        return Ok(());
    }
    // Axes that points have by now.
    let mut turned = Axes::Opencv;
    for format in Axes::FORMATS.into_iter().filter(|format| has(*format)) {
        let axes = options.axes.of(format);
        turn(&mut cloud, turned, axes);
        turned = axes;
        let name = format!("{stem}.{}", format.name());
        let file = files.write(name, |to| match format {
            Format::Xyz => write_xyz(to, &cloud),
            Format::Las => write_las(to, &cloud),
            _ => write_ply(to, &cloud, about.unit, axes, options.normals),
        })?;
        if format == Format::Ply {
            about.ply = Some(file);
        }
    }
    Ok(())
}

/// What is said instead of a file without points.
fn empty(file: &str) -> String {
    format!(
        "{file} would have no points, and is not written: let fewer of them be left out (confidence, edges, depth range, backdrops)."
    )
}

/// Named as the reference names it.
fn write_gaussians(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    scene: usize,
    options: &Options,
) -> Result<Option<GaussianSummary>, ExportError> {
    let has_some = views.iter().any(|view| view.extras.gaussians.is_some());
    if !options.formats.contains(&Format::GsPly) || !has_some {
        return Ok(None);
    }
    let mut count = GaussianCount::default();
    let file = files.write(format!("gs_ply/{scene:04}.ply"), |to| {
        count = write_gaussian_ply(to, views, options.gaussian_directions)?;
        Ok(())
    })?;
    let GaussianCount { written, unusable } = count;
    if unusable > 0 {
        let all = written + unusable;
        files.remarks.push(format!("{file}: {unusable} of {all} Gaussians are left out, whose numbers make none."));
    }
    Ok(Some(GaussianSummary { file, gaussians: written, unusable }))
}

/// COLMAP numbers its models, and so folders have the scene's number.
fn write_colmap(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    names: &PhotoNames,
    scene: usize,
    options: &Options,
) -> Result<Option<SelectedCloud>, ExportError> {
    let wanted = [(Format::Colmap, COLMAP_BINARY), (Format::ColmapText, COLMAP_TEXT)];
    let wanted: Vec<_> = wanted.into_iter().filter(|(format, _)| options.formats.contains(format)).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let model = ColmapModel::new(views, names, &options.filters, &options.rule, options.as_taken);
    let folder = format!("sparse/{scene}");
    if model.selected().points == 0 {
        files.missing.push(empty(&folder));
        return Ok(None);
    }
    for (name, write) in wanted.into_iter().flat_map(|(_, files)| files) {
        files.write(format!("{folder}/{name}"), |to| write(to, &model))?;
    }
    Ok(Some(SelectedCloud::new(folder, model.selected())))
}
