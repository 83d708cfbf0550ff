//! `fathom refine`: cameras of earlier results, made exact by what their photos share.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::files::FileArguments;
use super::places;
use super::progress::Progress;
use super::session::{check, save_into_folder};
use super::values::session_file;
use super::{Outcome, report, told, ui};
use crate::export::export_all;
use crate::inference::{Matching, Prediction};
use crate::input::{Limits, ViewId, display_name, listed};
use crate::session::{self, PhotoFile, SavedPhoto, Session};
use crate::sfm::{OneScene, refined};
use crate::worker::{of_left_out, why_apart};

pub(super) const REFINE_NOTES: &str = "\
Points that photos share adjust cameras and lens of the largest scene, and depth is refitted to these
points. World and unit stay those of the results. Photos that share too little keep their cameras, and
are named. 'fathom depth' does the same after a run with a model that predicts cameras;
--refine-cameras says when.

Examples:
  fathom refine result --out exact --formats cameras,colmap,glb
  fathom refine holiday.fathom --session exact.fathom

Exit codes:
  0  done
  1  cameras stay as they were (the reason stands on stderr, and nothing is written)
  2  the command line cannot be used as given";

#[derive(Debug, Args)]
pub(super) struct RefineArguments {
    /// A folder of results with an npz, or a session; the photos must be where they were
    results: PathBuf,
    /// Folder for the new results; made if missing, and empty unless --overwrite is given
    #[arg(short, long, value_name = "DIR", required_unless_present = "session")]
    out: Option<PathBuf>,
    /// Write a session, too, or alone
    #[arg(long, value_name = "FILE.fathom", value_parser = session_file)]
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
    let mut session = session::open(&arguments.results).map_err(|error| error.to_string())?;
    // Those of them that stay empty are gone in the end.
    let out = arguments.out.as_deref().map(|out| places::check(out, arguments.overwrite)).transpose();
    let _new_folders = out.map_err(|error| told::results(&error))?;
    let _around_session = arguments.session.as_deref().map(|path| check(path, arguments.overwrite)).transpose()?;
    let changed: Vec<&SavedPhoto> = session.photos.iter().filter(|photo| photo.file != PhotoFile::AsItWas).collect();
    if !changed.is_empty() {
        let names: Vec<String> = changed.iter().map(|photo| display_name(&photo.path)).collect();
        ui::err(&format!("note: {} are not as they were; their cameras stay", listed(&names)));
    }
    let changed: BTreeSet<ViewId> = changed.iter().map(|photo| photo.id).collect();
    let results = session.results.as_mut().filter(|results| !results.prediction.views.is_empty());
    let results = results.ok_or("There are no results in it. Run 'fathom depth' first.")?;
    let progress = Progress::choose(arguments.quiet);
    // Scales that somebody has set are put back on what comes of it.
    let found = refined(&results.prediction, &changed, &Limits::default(), &progress);
    progress.finish();
    let OneScene { prediction, left_out } =
        found.map_err(|error| format!("{}.", why_apart(&error, Matching::Refine)))?;
    for problem in of_left_out(&prediction.views, &left_out, Matching::Refine) {
        ui::err(&format!("note: {problem}"));
    }
    let gaussians =
        |prediction: &Prediction| prediction.views.iter().filter(|view| view.extras.gaussians.is_some()).count();
    if gaussians(&prediction) < gaussians(&results.prediction) {
        ui::err("note: 3D Gaussians are left out: they lie with the cameras that were predicted");
    }
    results.prediction = prediction;
    write(arguments, &session)
}

fn write(arguments: &RefineArguments, session: &Session) -> Result<(), String> {
    let notes = session.results.as_ref().map(|results| results.notes.clone()).unwrap_or_default();
    let mut files = Vec::new();
    let shown = session.clone().shown().unwrap_or_default();
    if let Some(out) = &arguments.out {
        let options = arguments.files.options(arguments.overwrite);
        let written = export_all(&shown, out, &notes, &options).map_err(|error| told::results(&error))?;
        written.remarks.iter().chain(&written.missing).for_each(|remark| ui::err(&format!("note: {remark}")));
        files.extend(written.files);
    }
    if let Some(path) = &arguments.session {
        save_into_folder(path, session).map_err(|error| told::session(&error))?;
        files.push(path.clone());
    }
    if !arguments.quiet {
        report::print(&shown, &notes, &files);
    }
    Ok(())
}
