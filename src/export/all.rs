//! Everything a run gave, as files in one folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::{Content, write_content};
use super::file_name::photo_name;
use super::files::Files;
use super::folder::SUMMARY;
use super::summary::Summary;
use super::{ExportError, ExportWatch, Options, RunNotes, check_folder, missing_folders, write_summary};
use crate::inference::Prediction;

/// What an export came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// In the order in which they were written.
    pub files: Vec<PathBuf>,
    /// What there is to know of them.
    pub remarks: Vec<String>,
    /// Files that were asked for and would have had nothing in them, and why.
    pub missing: Vec<String>,
}

/// Writes the formats that `options` ask for into `dir`.
///
/// Files of a view are named `0000_<photo>_<what>`, or without the number, and in folders like the photos', where options say so,
/// those of a scene `scene.<format>`, or `scene_0000.<format>` where there are several; `results.npz` is one `results_0000.npz` per view where views have different sizes. Views are counted in their order,
/// scenes in the order in which views first show them. `summary.json` comes
/// last, and an older one is removed first: its presence says that the rest is complete. No file bears its name before it
/// is whole.
///
/// # Errors
/// See [`ExportError`]; files that were complete before an error stay.
pub fn export_all(
    prediction: &Prediction,
    dir: &Path,
    notes: &RunNotes,
    options: &Options,
) -> Result<Written, ExportError> {
    export_watched(prediction, dir, notes, options, &ExportWatch::default())
}

/// The same, told and ended by way of `watch`.
///
/// # Errors
/// As [`export_all`]; of an export that was ended ([`ExportError::Cancelled`]) nothing is left but files that had taken the place of
/// older ones: neither `dir`, nor folders around it, where they were made for it.
pub fn export_watched(
    prediction: &Prediction,
    dir: &Path,
    notes: &RunNotes,
    options: &Options,
    watch: &ExportWatch,
) -> Result<Written, ExportError> {
    check_prediction(prediction)?;
    let missing = missing_folders(dir);
    check_folder(dir, options.overwrite)?;
    forget_summary(dir)?;
    let mut files = Files::new(dir, watch);
    files.expect_folders(missing);
    match write_all(&mut files, &counted(prediction), notes, options) {
        Ok(()) => {
            let Files { names, remarks, missing, .. } = files;
            Ok(Written { files: names.iter().map(|name| dir.join(name)).collect(), remarks, missing })
        }
        Err(error) => {
            if matches!(error, ExportError::Cancelled) {
                files.take_back();
            }
            Err(error)
        }
    }
}

fn write_all(
    files: &mut Files<'_>,
    prediction: &Prediction,
    notes: &RunNotes,
    options: &Options,
) -> Result<(), ExportError> {
    let Content { views, scenes } = write_content(files, prediction, options)?;
    files.note_clipped();
    let found = files.remarks.iter().chain(&files.missing).cloned();
    let notes = RunNotes { warnings: notes.warnings.iter().cloned().chain(found).collect(), ..notes.clone() };
    let summary = Summary::new(prediction, &notes, options, files.names.clone(), views, scenes);
    files.write(SUMMARY.into(), |to| write_summary(to, &summary)).map(drop)
}

/// Scenes counted without gaps, in the order of their views: names of files and numbers in them agree, and where each photo is a
/// scene of its own, all its files have one number.
fn counted(prediction: &Prediction) -> Prediction {
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for view in &prediction.views {
        let next = places.len();
        places.entry(view.scene).or_insert(next);
    }
    let mut counted = prediction.clone();
    for view in &mut counted.views {
        let place = places[&view.scene];
        if place != view.scene {
            Arc::make_mut(view).scene = place;
        }
    }
    let scales = prediction.set_scales.iter();
    counted.set_scales = scales.filter_map(|(scene, scale)| Some((*places.get(scene)?, *scale))).collect();
    let fits = prediction.fits.iter();
    if let Some(matched) = &mut counted.matched {
        matched.scene = places.get(&matched.scene).copied().unwrap_or(matched.scene);
    }
    counted.fits = fits.filter_map(|(scene, fit)| Some((*places.get(scene)?, *fit))).collect();
    counted
}

/// What an older export says of itself would not be true of a mixture.
fn forget_summary(dir: &Path) -> Result<(), ExportError> {
    let path = dir.join(SUMMARY);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(ExportError::Write { path, source }),
        _ => Ok(()),
    }
}

fn check_prediction(prediction: &Prediction) -> Result<(), ExportError> {
    if prediction.views.is_empty() {
        return Err(ExportError::Empty);
    }
    for view in &prediction.views {
        let expected = view.width as usize * view.height as usize;
        let lengths = [
            ("depth", Some(view.depth.len())),
            ("confidence", view.confidence.as_ref().map(Vec::len)),
            ("sky", view.sky.as_ref().map(Vec::len)),
            ("disparity", view.disparity.as_ref().map(Vec::len)),
            ("background", view.background.as_ref().map(Vec::len)),
            ("colour", Some(view.image.as_raw().len() / 3)),
        ];
        for (map, length) in lengths {
            if let Some(actual) = length.filter(|&length| length != expected) {
                return Err(ExportError::MapLength { path: photo_name(&view.path), map, expected, actual });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::export::Format;
    use crate::input::ViewId;

    fn prediction() -> Prediction {
        let view = |index: usize| {
            let view =
                synthetic::render(index, 320, 240).into_prediction(ViewId(index as u64), format!("{index}.jpg").into());
            Arc::new(view)
        };
        Prediction { views: (0..6).map(view).collect(), ..Prediction::default() }
    }

    /// Exports into `dir` and says stop once something was written.
    fn stopped(dir: &Path, overwrite: bool) -> ExportError {
        let watch = ExportWatch::default();
        let options = Options { formats: Format::ALL.into(), overwrite, ..Options::default() };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while watch.written() == 0 {
                    std::thread::yield_now();
                }
                watch.stop();
            });
            export_watched(&prediction(), dir, &RunNotes::default(), &options, &watch).expect_err("it was stopped")
        })
    }

    #[test]
    fn a_stopped_export_leaves_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let dir = parent.path().join("new/out");
        assert!(matches!(stopped(&dir, false), ExportError::Cancelled));
        assert!(!parent.path().join("new").exists() && parent.path().exists());
    }

    #[test]
    fn what_was_there_before_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("notes.txt"), b"mine").expect("space");
        assert!(matches!(stopped(dir.path(), true), ExportError::Cancelled));
        let left: Vec<_> =
            fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("one").file_name()).collect();
        assert_eq!(left, ["notes.txt"]);
    }

    #[test]
    fn what_an_earlier_export_wrote_stays_as_well() {
        let (dir, watch) = (tempfile::tempdir().expect("a folder"), ExportWatch::default());
        fs::create_dir(dir.path().join("mesh")).expect("made");
        fs::write(dir.path().join("old.txt"), b"old").expect("space");
        let mut files = Files::new(dir.path(), &watch);
        for name in ["old.txt", "new.txt", "mesh/new.obj", "a/b/new.txt"] {
            files.write(name.into(), |to| std::io::Write::write_all(to, b"new")).expect("written");
        }
        files.take_back();
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("one").file_name()).collect();
        left.sort();
        assert_eq!(left, ["mesh", "old.txt"]);
        assert_eq!(fs::read_dir(dir.path().join("mesh")).expect("a folder").count(), 0);
    }

    #[test]
    fn scenes_are_counted_in_the_order_of_their_views() {
        let mut prediction = prediction();
        for (view, scene) in prediction.views.iter_mut().zip([7, 2, 7, 4, 2, 9]) {
            Arc::make_mut(view).scene = scene;
        }
        prediction.set_scales = [(2, 3.0)].into();
        let counted = counted(&prediction);
        assert_eq!(counted.views.iter().map(|view| view.scene).collect::<Vec<_>>(), [0, 1, 0, 2, 1, 3]);
        assert_eq!(counted.set_scales, [(1, 3.0)].into());
    }
}
