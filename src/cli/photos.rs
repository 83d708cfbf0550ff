//! The options of `fathom depth` about the photos: which they are, in which order, and what becomes of their shapes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::known_depths::KnownDepthArguments;
use super::ui;
use crate::inference::Settings;
use crate::input::{Folders, InputError, NotTaken, Shapes};

#[derive(Debug, Args)]
pub(super) struct PhotoArguments {
    /// Photos in folders inside the named folders as well; files of results lie in folders like their photos'
    #[arg(long)]
    pub recursive: bool,
    /// Leave out photos that an earlier run into the same folder has finished with the same settings, also one that was stopped
    #[arg(long, requires = "out", conflicts_with = "dry_run")]
    pub resume: bool,
    /// Photos stay in the order in which they are named; else several passes that share neighbours take them in natural order
    /// (2 before 10)
    #[arg(long)]
    keep_order: bool,
    /// What becomes of photos of different shapes that are looked at together: auto crops where no photo loses 5 % of its
    /// picture, and else sees each whole in a common frame
    #[arg(long, value_enum, value_name = "WAY", default_value_t)]
    shapes: ShapesName,
    /// Folder with a mask for each photo: a picture of its name (a.png or a.jpg.png for a.jpg), dark where the photo is not to be
    /// looked at. There is no depth and no point there, as where a photo is transparent
    #[arg(long, value_name = "DIR")]
    masks: Option<PathBuf>,
    #[command(flatten)]
    depths: KnownDepthArguments,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ShapesName {
    #[default]
    Auto,
    /// All cropped to the smallest width and height among them, as the reference does
    Crop,
    /// Each whole, in the middle of a common frame
    Letterbox,
    /// Those of another shape than most are left out
    LeaveOut,
}

impl PhotoArguments {
    pub fn folders(&self) -> Folders {
        if self.recursive { Folders::AndInside } else { Folders::Themselves }
    }

    /// Fills in what these options say.
    pub fn fill(&self, settings: &mut Settings) {
        settings.keep_order = self.keep_order;
        settings.masks = self.masks.clone();
        self.depths.fill(settings);
        settings.shapes = match self.shapes {
            ShapesName::Auto => Shapes::Automatic,
            ShapesName::Crop => Shapes::Crop,
            ShapesName::Letterbox => Shapes::Letterbox,
            ShapesName::LeaveOut => Shapes::LeaveOut,
        };
    }
}

/// What could not be taken, as messages on stderr: one with a list for a person at a terminal, else a line for each.
pub(super) fn not_taken(problems: &[InputError], is_terminal: bool) -> Vec<String> {
    let at_once = if is_terminal { problems.len().max(1) } else { 1 };
    let told = problems.chunks(at_once).filter_map(|problems| NotTaken::of(problems, ui::shown));
    told.map(|told| match told.each.as_slice() {
        [one] => format!("error: {}: {one}. {}", told.heading, told.advice),
        all => format!("error: {}\n  {}\n  {}", told.heading, all.join("\n  "), told.advice),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_a_line_and_several_are_a_list() {
        let text = InputError::NotAPhoto { path: "a/notes.txt".into(), found: "a text file" };
        let film = InputError::Video { path: "b/film.mp4".into() };
        let one = not_taken(std::slice::from_ref(&text), true).concat();
        assert!(
            one.starts_with("error: 1 file was not taken: a/notes.txt is a text file, not a photo. Choose a"),
            "{one}"
        );
        let problems = [text, film];
        let both = not_taken(&problems, true).concat();
        let lines: Vec<&str> = both.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 4, "{both}");
        assert_eq!(lines[..2], ["error: 2 files were not taken", "a/notes.txt is a text file, not a photo"]);
        assert!(lines[3].ends_with("ffmpeg -i b/film.mp4 -vf fps=2 b/film-%04d.jpg"), "{both}");
        // Without a terminal a script reads line by line.
        let lines = not_taken(&problems, false);
        assert_eq!((lines.len(), &lines[0]), (2, &one));
        assert!(lines.iter().all(|line| line.starts_with("error: 1 file was not taken: ") && !line.contains('\n')));
        assert!(not_taken(&[], true).is_empty() && not_taken(&[], false).is_empty());
    }
}
