//! The run of `fathom depth`: what is finished already is taken up, the rest goes through the worker, and results become files.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::DepthArguments;
use super::check::{check, check_places};
use super::follow::{End, Follow};
use super::idle::{Given, idle};
use super::plan;
use super::resume::{self, Earlier};
use crate::cli::photos::not_taken;
use crate::cli::progress::Progress;
use crate::cli::{Outcome, columns, models, report, session, told, ui};
use crate::export::{self, Options, RunNotes, export_all, listed_files};
use crate::inference::{Prediction, Settings};
use crate::input::{Limits, collect};
use crate::session::Journal;
use crate::worker::{Blame, Command, Photo, RunId, Worker, WorkerOptions};

const RUN: RunId = RunId(1);

pub(in crate::cli) fn run(arguments: &DepthArguments, given: &Given) -> Outcome {
    let entry = match check(arguments, &arguments.settings(1)) {
        Ok(entry) => entry,
        Err(message) => return ui::usage(&message),
    };
    let progress = Progress::choose(arguments.quiet);
    for line in idle(given, arguments, &arguments.settings(1), entry) {
        progress.complain(&format!("note: {line}"));
    }
    let collected = collect(&arguments.photos, arguments.of_photos.folders(), &Limits::default());
    let settings = arguments.settings(collected.photos.len());
    let mut notes = RunNotes { settings, ..RunNotes::default() };
    not_taken(&collected.problems, columns::of_stderr().is_some())
        .into_iter()
        .for_each(|lines| progress.complain(&lines));
    notes.failed.extend(collected.problems.iter().map(|problem| format!("{problem}. {}", problem.advice())));
    if collected.photos_inside > 0 {
        let inside = collected.photos_inside;
        progress.complain(&format!("note: {inside} more in folders inside; --recursive takes them as well"));
    }
    if collected.photos.is_empty() {
        progress.finish();
        return ui::failure(&told::no_photo(collected.photos_inside));
    }
    if arguments.dry_run {
        progress.finish();
        return plan::run(&collected.photos, &notes.settings);
    }
    // Better to hear of a missing model, or of a full or forbidden folder, now than after the work. What is taken up may be all.
    let model = || models::at_hand(entry, arguments.weights.as_deref());
    let is_resumed = arguments.of_photos.resume;
    let ready = if is_resumed { Ok(()) } else { model() }.and_then(|()| check_places(arguments));
    // Those that stay empty are gone in the end.
    let _new_folders = match ready {
        Ok(new) => new,
        Err(message) => {
            progress.finish();
            return ui::failure(&message);
        }
    };
    let (journal, earlier) = match begin(arguments, &collected.photos, &notes.settings, &progress) {
        Ok(begun) => begun,
        Err(message) => {
            progress.finish();
            return ui::failure(&message);
        }
    };
    let left = earlier.left(&collected.photos);
    if is_resumed
        && !left.is_empty()
        && let Err(message) = model()
    {
        progress.finish();
        return ui::failure(&message);
    }
    let worker = match Worker::spawn(|| {}, WorkerOptions::at_home()) {
        Ok(worker) => worker,
        Err(error) => {
            progress.finish();
            return ui::failure(&format!(
                "The worker thread cannot be started ({error}). Close other programs and try again."
            ));
        }
    };
    let end = match left.is_empty() {
        true => End::Finished(Arc::default()),
        false => work(&worker, left, &collected.photos, journal.as_ref(), &progress, &mut notes),
    };
    match end {
        End::Finished(new) => {
            let is_new = !new.views.is_empty();
            let prediction = earlier.with(is_new.then_some(&*new), &mut notes);
            let prediction = join(&worker, prediction, &collected.photos, &progress, &mut notes);
            progress.finish();
            write(arguments, &collected.photos, &prediction, &mut notes, journal.as_ref())
        }
        other => {
            progress.finish();
            match other {
                End::Failed(problem) => plan::refused(&problem),
                End::Cancelled => ui::failure("The run was cancelled. Nothing was written."),
                _ => ui::failure(
                    "The worker thread ended without a result. This is a defect in Fathom; please report it.",
                ),
            }
        }
    }
}

/// Where results are kept until all are there, and what an earlier run has given.
///
/// Photos that are one scene depend on each other: their results are nothing before the last pass.
fn begin(
    arguments: &DepthArguments,
    photos: &[PathBuf],
    settings: &Settings,
    progress: &Progress,
) -> Result<(Option<Journal>, Earlier), String> {
    let Some(out) = &arguments.out else { return Ok((None, Earlier::default())) };
    let journal = Journal::of(out);
    let is_resumed = arguments.of_photos.resume;
    if !is_resumed && !arguments.overwrite && !journal.is_empty() {
        let (count, out) = (journal.len(), out.display());
        return Err(format!(
            "{out} holds what a run that did not end has finished ({count} of its photos). Go on with it by --resume, or begin \
             anew by --overwrite."
        ));
    }
    let earlier = if is_resumed { Earlier::read(out, photos, settings) } else { Earlier::default() };
    if !is_resumed {
        journal.forget().map_err(|error| {
            format!("{} cannot be emptied: {error}. Name another folder with --out.", out.display())
        })?;
    }
    if let Some(remark) = &earlier.remark {
        progress.complain(&format!("note: {remark}"));
    }
    if is_resumed {
        progress.say(&format!("{} of {} photos were finished before", earlier.len(), photos.len()));
    }
    let journal = Some(journal).filter(|_| photos.len() > 1 && resume::is_final_at_once(settings));
    Ok((journal, earlier))
}

/// Runs the worker over those of the photos that are left to do.
fn work(
    worker: &Worker,
    left: Vec<Photo>,
    photos: &[PathBuf],
    journal: Option<&Journal>,
    progress: &Progress,
    notes: &mut RunNotes,
) -> End {
    let ready = photos.len() - left.len();
    let command = Command::Run { run: RUN, photos: left, settings: notes.settings.clone() };
    match worker.send(command) {
        Ok(()) => Follow { run: RUN, photos, ready, journal, progress, notes }.until_end(worker.events()),
        Err(_) => End::WorkerGone,
    }
}

/// Makes one scene of all photos by what they share, or adjusts their cameras, where that is wanted; where it cannot be, they stay what
/// they are, and that is said.
fn join(
    worker: &Worker,
    prediction: Prediction,
    photos: &[PathBuf],
    progress: &Progress,
    notes: &mut RunNotes,
) -> Prediction {
    let is_joined = prediction.matched.is_some();
    let matching = notes.settings.matching().filter(|_| !is_joined && prediction.views.len() > 1);
    let Some(matching) = matching else { return prediction };
    let prediction = Arc::new(prediction);
    let sent = worker.send(Command::Join { run: RUN, prediction: prediction.clone(), matching });
    let ready = photos.len();
    let end = match sent {
        Ok(()) => Follow { run: RUN, photos, ready, journal: None, progress, notes }.until_end(worker.events()),
        Err(_) => End::WorkerGone,
    };
    match end {
        End::Finished(joined) => return Arc::unwrap_or_clone(joined),
        End::Failed(problem) => {
            let is_fault = notes.settings.asked_for_matching() || problem.blame != Blame::File;
            let said = told::problem(&problem);
            progress.complain(&format!("{}: {said}", if is_fault { "warning" } else { "note" }));
            notes.warnings.extend(is_fault.then(|| problem.to_string()));
        }
        End::Cancelled | End::WorkerGone => progress.complain("warning: all stays as the model gave it"),
    }
    Arc::unwrap_or_clone(prediction)
}

fn write(
    arguments: &DepthArguments,
    photos: &[PathBuf],
    prediction: &Prediction,
    notes: &mut RunNotes,
    journal: Option<&Journal>,
) -> Outcome {
    if prediction.views.is_empty() {
        return ui::failure("No photo gave a result; the reasons are above.");
    }
    let options = Options {
        mirror: arguments.of_photos.recursive,
        ..arguments.files.options(arguments.overwrite || arguments.of_photos.resume)
    };
    for remark in export::remarks(prediction, &options) {
        if !arguments.quiet {
            ui::err(&format!("note: {remark}"));
        }
        notes.warnings.push(remark);
    }
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    if let Some(out) = &arguments.out {
        let old = if arguments.of_photos.resume { listed_files(out) } else { Vec::new() };
        match export_all(prediction, out, notes, &options) {
            Ok(written) => {
                files = written.files;
                written.remarks.iter().for_each(|remark| ui::err(&format!("note: {remark}")));
                missing = written.missing;
            }
            Err(error) => return ui::failure(&told::results(&error)),
        }
        resume::tidy(old, &files);
    }
    if let Some(path) = &arguments.session {
        if let Err(error) = session::write(path, photos, prediction, notes) {
            return ui::failure(&told::session(&error));
        }
        files.push(path.clone());
    }
    if let Some(Err(error)) = journal.map(Journal::forget) {
        tracing::warn!("results so far cannot be removed: {error}");
    }
    if !arguments.quiet {
        report::print(prediction, notes, &files);
    }
    if !missing.is_empty() {
        return ui::failure(&missing.join("\n"));
    }
    if notes.failed.is_empty() { Outcome::Success } else { Outcome::SomePhotosFailed }
}
