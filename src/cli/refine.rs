//! `fathom refine`: cameras of earlier results, made exact by what their photos share.

use std::path::PathBuf;

use clap::Args;

use super::files::FileArguments;
use super::progress::Progress;
use super::{Outcome, report, session as sessions, ui};
use crate::export::{RunNotes, check_folder, export_all};
use crate::inference::Prediction;
use crate::input::{Limits, display_name, listed};
use crate::session::{self, PhotoFile, Session};
use crate::sfm::{OneScene, SfmError, refined};

pub(super) const REFINE_NOTES: &str = "\
Points that photos share adjust cameras and lens of the largest scene, and depth is refitted to these points. World and unit stay those
of the results. Photos that share too little keep their cameras, and are named. 'fathom depth' does the same after a run with a model
that predicts cameras; --refine-cameras says when.

Exit codes: 0 done, 1 cameras stay as they were (the reason stands on stderr, and nothing is written), 2 the command line cannot be
used

Examples:
  fathom refine result --out exact --formats cameras,colmap,glb
  fathom refine holiday.fathom --session exact.fathom";

#[derive(Debug, Args)]
pub(super) struct RefineArguments {
    /// A folder of results with an npz, or a session; the photos must be where they were
    results: PathBuf,
    /// Folder for the new results; made if missing, and empty unless --overwrite is given
    #[arg(short, long, value_name = "DIR", required_unless_present = "session")]
    out: Option<PathBuf>,
    /// Write a session, too, or alone
    #[arg(long, value_name = "FILE.fathom", value_parser = super::args::session_file)]
    session: Option<PathBuf>,
    /// Write into a folder that is not empty, replacing files of the same names
    #[arg(long)]
    overwrite: bool,
    /// Say nothing but problems
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    files: FileArguments,
}

pub(super) fn run(arguments: &RefineArguments) -> Outcome {
    match refine(arguments) {
        Ok(()) => Outcome::Success,
        Err(message) => ui::failure(&message),
    }
}

fn refine(arguments: &RefineArguments) -> Result<(), String> {
    let session = session::open(&arguments.results).map_err(|error| error.to_string())?;
    if let Some(out) = &arguments.out {
        check_folder(out, arguments.overwrite).map_err(|error| error.to_string())?;
    }
    arguments.session.as_deref().map_or(Ok(()), |path| sessions::check(path, arguments.overwrite))?;
    let lost = lost(&session);
    if !lost.is_empty() {
        ui::err(&format!("note: {} are not as they were; their cameras stay", listed(&lost)));
    }
    let photos: Vec<PathBuf> = session.photos.iter().map(|photo| photo.path.clone()).collect();
    let notes = session.results.as_ref().map(|results| results.notes.clone()).unwrap_or_default();
    let prediction = session.shown().filter(|prediction| !prediction.views.is_empty());
    let prediction = prediction.ok_or("There are no results in it. Run 'fathom depth' first.")?;
    let progress = Progress::choose(arguments.quiet);
    let found = refined(&prediction, &Limits::default(), &progress);
    progress.finish();
    let refused = |error: SfmError| format!("Cameras stay as they were: {error}. {}.", error.advice());
    let OneScene { prediction, left_out } = found.map_err(refused)?;
    for (id, why) in &left_out {
        let name = prediction.views.iter().find(|view| view.view == *id).map(|view| display_name(&view.path));
        ui::err(&format!("note: {} stays as it was: it {why}", name.unwrap_or_default()));
    }
    write(arguments, &photos, &prediction, notes)
}

/// Photos whose files are not as they were.
fn lost(session: &Session) -> Vec<String> {
    let photos = session.photos.iter().filter(|photo| photo.file != PhotoFile::AsItWas);
    photos.map(|photo| display_name(&photo.path)).collect()
}

fn write(
    arguments: &RefineArguments,
    photos: &[PathBuf],
    prediction: &Prediction,
    notes: RunNotes,
) -> Result<(), String> {
    let options = arguments.files.options(arguments.overwrite);
    let mut files = Vec::new();
    if let Some(out) = &arguments.out {
        let written = export_all(prediction, out, &notes, &options).map_err(|error| error.to_string())?;
        written.remarks.iter().chain(&written.missing).for_each(|remark| ui::err(&format!("note: {remark}")));
        files.extend(written.files);
    }
    if let Some(path) = &arguments.session {
        sessions::write(path, photos, prediction, &notes).map_err(|error| error.to_string())?;
        files.push(path.clone());
    }
    if !arguments.quiet {
        ui::out(&report::summary(prediction, &notes, &files));
    }
    Ok(())
}
