//! Where a picture, a film or a session is to be saved: what is asked, and names that are free.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::export::AnimationFormat;
use crate::session::ENDING;

/// What is to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveAs {
    Picture,
    Film(AnimationFormat),
    /// A session, with the place that is offered.
    Session(PathBuf),
}

/// Asks a person for a place; `None` where the question was closed. It may block, and is called from a thread of its own.
pub type SaveDialog = Arc<dyn Fn(SaveAs) -> Option<PathBuf> + Send + Sync>;

/// Asks with the system's dialog.
pub fn ask(what: SaveAs) -> Option<PathBuf> {
    let file = |title: &str, name: &str, ending: &str| {
        let dialog = rfd::FileDialog::new().set_title(title).add_filter(name, &[ending]);
        dialog.set_file_name(format!("fathom.{ending}")).save_file().map(|path| with_ending(path, ending))
    };
    match what {
        SaveAs::Session(offered) => {
            let dialog = rfd::FileDialog::new().set_title("Save session").add_filter("Fathom session", &[ENDING]);
            let dialog = match offered.parent().filter(|folder| folder.is_dir()) {
                Some(folder) => dialog.set_directory(folder),
                None => dialog,
            };
            let name = offered.file_name().unwrap_or_default().to_string_lossy();
            dialog.set_file_name(name).save_file().map(|path| with_ending(path, ENDING))
        }
        SaveAs::Picture => file("Save picture", "PNG", "png"),
        SaveAs::Film(AnimationFormat::Gif) => file("Save film", "GIF", "gif"),
        SaveAs::Film(AnimationFormat::Mp4) => file("Save film", "MP4", "mp4"),
        SaveAs::Film(AnimationFormat::PngFolder) => {
            let dialog = rfd::FileDialog::new().set_title("Save the film's pictures into a new folder here");
            dialog.pick_folder().map(|parent| fresh(&parent, "fathom film", ""))
        }
    }
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
    fn a_forgotten_ending_overwrites_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = |name: &str| parent.path().join(name);
        assert_eq!(with_ending(path("a.PNG"), "png"), path("a.PNG"));
        assert_eq!(with_ending(path("a.b"), "png"), path("a.b.png"));
        std::fs::write(path("a.png"), b"").expect("space");
        assert_eq!(with_ending(path("a"), "png"), path("a 2.png"));
    }
}
