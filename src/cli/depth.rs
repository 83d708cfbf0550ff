//! `fathom depth`: photos to files, through the same worker that the window uses.

use std::path::PathBuf;

use super::args::DepthArguments;
use super::follow::{End, Follow};
use super::progress::Progress;
use super::{Outcome, models, plan, report, session, ui};
use crate::catalog::Family;
use crate::export::{self, Format, RunNotes, check_folder, export_all};
use crate::inference::{Prediction, Settings};
use crate::input::{Limits, ViewId, collect};
use crate::worker::{Command, Event, Photo, RunId, Worker, WorkerOptions};

const RUN: RunId = RunId(1);

pub(super) fn run(arguments: &DepthArguments) -> Outcome {
    if let Err(message) = check(arguments, &arguments.settings(1)) {
        return ui::usage(&message);
    }
    let progress = Progress::choose(arguments.quiet);
    let collected = collect(&arguments.photos, arguments.of_photos.folders(), &Limits::default());
    let settings = arguments.settings(collected.photos.len());
    let mut notes = RunNotes { settings, ..RunNotes::default() };
    for problem in &collected.problems {
        let line = format!("{problem}. {}", problem.advice());
        progress.complain(&format!("error: {line}"));
        notes.failed.push(line);
    }
    if collected.photos_inside > 0 {
        let inside = collected.photos_inside;
        progress.complain(&format!("note: {inside} more in folders inside; --recursive takes them as well"));
    }
    if collected.photos.is_empty() {
        progress.finish();
        return ui::failure("There is no photo to work on. Name at least one photo, or a folder that holds some.");
    }
    if arguments.dry_run {
        progress.finish();
        return plan::run(&collected.photos, &notes.settings);
    }
    // Better to hear of a full or forbidden folder now than after the work.
    if let Err(message) = check_places(arguments) {
        progress.finish();
        return ui::failure(&message);
    }
    let end = work(&collected.photos, &progress, &mut notes);
    progress.finish();
    match end {
        Ok(End::Finished(prediction)) => write(arguments, &collected.photos, &prediction, &mut notes),
        Ok(End::Failed(problem)) => plan::refused(&problem),
        Ok(End::Cancelled) => ui::failure("The run was cancelled. Nothing was written."),
        Ok(End::WorkerGone) => {
            ui::failure("The worker thread ended without a result. This is a defect in Fathom; please report it.")
        }
        Err(error) => {
            ui::failure(&format!("The worker thread cannot be started ({error}). Close other programs and try again."))
        }
    }
}

/// What clap cannot know.
fn check(arguments: &DepthArguments, settings: &Settings) -> Result<(), String> {
    let entry = models::known(&settings.model.0)?;
    if (settings.lens.is_some() || settings.lens_model.is_some()) && entry.family == Family::AnyView {
        return Err(format!("{} finds the lens itself. Leave out --fov, --focal and --lens-model.", entry.name));
    }
    if let Some(lens_model) = &settings.lens_model
        && models::known(&lens_model.0)?.family != Family::AnyView
    {
        return Err(format!("{lens_model} does not predict cameras. For --lens-model name an any-view model."));
    }
    if settings.known_cameras.is_some() && entry.family != Family::AnyView {
        return Err(format!(
            "{} looks at photos one by one. Leave out --cameras, or choose an any-view model.",
            entry.name
        ));
    }
    if settings.ray_pose && entry.family != Family::AnyView {
        return Err(format!("{} draws no rays. Leave out --ray-pose, or choose an any-view model.", entry.name));
    }
    let files = &arguments.files;
    if files.names(Format::GsPly) && !entry.preset.has_gaussians() {
        return Err(format!(
            "{} has no 3D Gaussians. Leave gs_ply out of --formats, or choose da3-giant or da3-nested.",
            entry.name
        ));
    }
    let shows_features = [Format::FeatVis, Format::Features].map(|format| (files.wants(format), files.names(format)));
    match (settings.features.is_empty(), shows_features) {
        (true, [(_, true), _] | [_, (_, true)]) => {
            return Err("Say which blocks feat_vis and features are to show, such as with --export-feat 11.".into());
        }
        (false, [(false, _), (false, _)]) => {
            return Err("--export-feat needs a format to go to: add feat_vis or features to --formats.".into());
        }
        _ => {}
    }
    Ok(())
}

/// Runs the worker over the photos; photo number i has `ViewId(i)`.
fn work(photos: &[PathBuf], progress: &Progress, notes: &mut RunNotes) -> std::io::Result<End> {
    let worker = Worker::spawn(|| {}, WorkerOptions::at_home())?;
    let list = photos.iter().enumerate().map(|(i, path)| Photo { id: ViewId(i as u64), path: path.clone() }).collect();
    let command = Command::Run { run: RUN, photos: list, settings: notes.settings.clone() };
    worker.send(command).map_err(std::io::Error::other)?;
    Ok(follow(worker.events(), photos, progress, notes))
}

fn follow(
    events: &crossbeam_channel::Receiver<Event>,
    photos: &[PathBuf],
    progress: &Progress,
    notes: &mut RunNotes,
) -> End {
    Follow { run: RUN, photos, progress, notes }.until_end(events)
}

/// Whether there can be files where they are asked for.
fn check_places(arguments: &DepthArguments) -> Result<(), String> {
    if let Some(out) = &arguments.out {
        check_folder(out, arguments.overwrite).map_err(|error| error.to_string())?;
    }
    arguments.session.as_deref().map_or(Ok(()), |path| session::check(path, arguments.overwrite))
}

fn write(arguments: &DepthArguments, photos: &[PathBuf], prediction: &Prediction, notes: &mut RunNotes) -> Outcome {
    if prediction.views.is_empty() {
        return ui::failure("No photo gave a result; the reasons are above.");
    }
    let options = arguments.files.options(arguments.overwrite);
    for remark in export::remarks(prediction, &options) {
        if !arguments.quiet {
            ui::err(&format!("note: {remark}"));
        }
        notes.warnings.push(remark);
    }
    let mut files = Vec::new();
    if let Some(out) = &arguments.out {
        match export_all(prediction, out, notes, &options) {
            Ok(written) => files = written,
            Err(error) => return ui::failure(&error.to_string()),
        }
    }
    if let Some(path) = &arguments.session {
        if let Err(error) = session::write(path, photos, prediction, notes) {
            return ui::failure(&error.to_string());
        }
        files.push(path.clone());
    }
    if !arguments.quiet {
        ui::out(&report::summary(prediction, notes, &files));
    }
    if notes.failed.is_empty() { Outcome::Success } else { Outcome::SomePhotosFailed }
}
