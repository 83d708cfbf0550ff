//! Where a picture, a film or a session is to be saved: what is asked, and names that are free.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rfd::FileDialog;

use super::open_dialog::{beginning, is_answer};
use super::places::Purpose;
use crate::export::AnimationFormat;
use crate::session::ENDING;

/// What is to be saved, with the place that is offered: a path without an ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveAs {
    Picture(PathBuf),
    Film(AnimationFormat, PathBuf),
    Session(PathBuf),
}

impl SaveAs {
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Picture(_) | Self::Film(..) => Purpose::Pictures,
            Self::Session(_) => Purpose::Sessions,
        }
    }

    fn offered(&self) -> &Path {
        match self {
            Self::Picture(offered) | Self::Film(_, offered) | Self::Session(offered) => offered,
        }
    }

    /// The ending of its file; none of a folder.
    fn ending(&self) -> &'static str {
        match self {
            Self::Picture(_) => "png",
            Self::Film(AnimationFormat::Gif, _) => "gif",
            Self::Film(AnimationFormat::Mp4, _) => "mp4",
            Self::Film(AnimationFormat::PngFolder, _) => "",
            Self::Session(_) => ENDING,
        }
    }
}

/// Asks a person for a place; `None` where the question was closed. It may block, and is called from a thread of its own.
pub type SaveDialog = Arc<dyn Fn(SaveAs) -> Option<PathBuf> + Send + Sync>;

/// Asks with the system's dialog. `dialog` knows the window that it belongs to; it begins in `folder`, else where the offered place
/// is.
pub fn ask(dialog: FileDialog, folder: Option<&Path>, what: &SaveAs) -> Option<PathBuf> {
    let folder = folder.filter(|folder| folder.is_dir()).or(what.offered().parent());
    let dialog = asking(dialog, folder, what);
    if what.ending().is_empty() {
        let name = what.offered().file_name().unwrap_or_default().to_string_lossy().into_owned();
        return dialog.pick_folder().filter(|path| is_answer(path)).map(|parent| fresh(&parent, &name, ""));
    }
    dialog.save_file().filter(|path| is_answer(path)).map(|path| with_ending(path, what.ending()))
}

fn asking(dialog: FileDialog, folder: Option<&Path>, what: &SaveAs) -> FileDialog {
    let (title, kind) = match what {
        SaveAs::Picture(_) => ("Save picture", "PNG picture"),
        SaveAs::Film(AnimationFormat::Gif, _) => ("Save film", "GIF film"),
        SaveAs::Film(AnimationFormat::Mp4, _) => ("Save film", "MP4 film"),
        SaveAs::Film(AnimationFormat::PngFolder, _) => ("Save the film's pictures into a new folder here", ""),
        SaveAs::Session(_) => ("Save session", "Fathom session"),
    };
    let dialog = beginning(dialog, folder).set_title(title);
    let ending = what.ending();
    if ending.is_empty() {
        return dialog;
    }
    let name = what.offered().file_name().unwrap_or_default().to_string_lossy();
    dialog.add_filter(kind, &[ending]).set_file_name(format!("{name}.{ending}"))
}

/// `path` with the ending of its format. Where that is another name than was asked for, one that is free.
fn with_ending(path: PathBuf, ending: &str) -> PathBuf {
    if path.extension().is_some_and(|given| given.eq_ignore_ascii_case(ending)) {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => fresh(parent, &name.to_string_lossy(), &format!(".{ending}")),
        _ => path,
    }
}

/// `name`, `name 2`, … with `ending` inside `parent`: the first that does not exist, so that nothing is mixed with files
/// that are there.
pub fn fresh(parent: &Path, name: &str, ending: &str) -> PathBuf {
    let first = parent.join(format!("{name}{ending}"));
    let numbered = (2..).map(|n| parent.join(format!("{name} {n}{ending}")));
    std::iter::once(first.clone()).chain(numbered).find(|path| !path.exists()).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_get_a_folder_of_their_own() {
        let parent = tempfile::tempdir().expect("a folder");
        assert_eq!(fresh(parent.path(), "fathom", ""), parent.path().join("fathom"));
        std::fs::create_dir(parent.path().join("fathom")).expect("space");
        assert_eq!(fresh(parent.path(), "fathom", ""), parent.path().join("fathom 2"));
    }

    #[test]
    fn files_are_offered_with_the_name_of_their_photo() {
        let folder = tempfile::tempdir().expect("a folder");
        let words = |what: &SaveAs| format!("{:?}", asking(FileDialog::new(), Some(folder.path()), what));
        let offered = |name: &str| PathBuf::from("/photos").join(name);
        let picture = words(&SaveAs::Picture(offered("IMG_1.2 3D")));
        assert!(picture.contains("\"IMG_1.2 3D.png\"") && picture.contains("Save picture"), "{picture}");
        assert!(picture.contains(&format!("{:?}", folder.path())), "{picture}");
        let film = words(&SaveAs::Film(AnimationFormat::Mp4, offered("street")));
        assert!(film.contains("\"street.mp4\"") && film.contains("MP4 film"), "{film}");
        assert!(words(&SaveAs::Session(offered("street"))).contains("\"street.fathom\""));
    }

    #[test]
    fn a_forgotten_ending_overwrites_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = |name: &str| parent.path().join(name);
        assert_eq!(with_ending(path("a.PNG"), "png"), path("a.PNG"));
        assert_eq!(with_ending(path("a.b"), "png"), path("a.b.png"));
        std::fs::write(path("a.png"), b"").expect("space");
        assert_eq!(with_ending(path("a"), "png"), path("a 2.png"));
    }
}
