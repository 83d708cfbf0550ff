//! Errors of other rooms as the command line tells them: with the options that do what their advice says.

use crate::export::ExportError;
use crate::render::OffscreenError;
use crate::sfm::SfmError;
use crate::worker::Problem;

/// "What. Advice (--option)".
pub(super) fn problem(problem: &Problem) -> String {
    with(&problem.to_string(), problem.options)
}

/// Why there are no results, where `--overwrite` allows to replace earlier ones.
pub(super) fn results(error: &ExportError) -> String {
    match error {
        ExportError::FolderNotEmpty { path } => format!(
            "The folder {} is not empty. Name another one with --out, or add --overwrite, which replaces files of the same names.",
            path.display()
        ),
        ExportError::Lens(_) => error.to_string(),
        ExportError::Photo { .. } => with(&error.to_string(), &["leave out --images"]),
        _ => drawing(error),
    }
}

/// Why there is no picture or film.
pub(super) fn drawing(error: &ExportError) -> String {
    let options: &[&str] = match error {
        ExportError::Write { .. }
        | ExportError::Folder { .. }
        | ExportError::FolderNotEmpty { .. }
        | ExportError::NoName(_)
        | ExportError::EncoderMissing { .. }
        | ExportError::Encoder { .. } => &["--out"],
        ExportError::AnimationLimit { .. } => &["--size", "--fps", "--out"],
        ExportError::Lens(_)
        | ExportError::Photo { .. }
        | ExportError::Empty
        | ExportError::NoFrames(_)
        | ExportError::FrameSize { .. }
        | ExportError::MapLength { .. }
        | ExportError::Cancelled => &[],
    };
    match error {
        ExportError::FolderNotEmpty { path } => {
            with(&format!("The folder {} is not empty. Choose another name.", path.display()), options)
        }
        _ => with(&error.to_string(), options),
    }
}

/// Why no adapter draws.
pub(super) fn adapter(error: &OffscreenError) -> String {
    let options: &[&str] = match error {
        OffscreenError::NoAdapter { .. } => &[],
        OffscreenError::Driver { .. } => &["--size, or --adapter software, which draws on the processor"],
        OffscreenError::NoDevice { .. } | OffscreenError::NoPoints { .. } | OffscreenError::Render(_) => {
            &["--adapter software draws on the processor"]
        }
        OffscreenError::Unknown(_) => &["--adapter"],
    };
    with(&error.to_string(), options)
}

/// Why photos have no cameras.
pub(super) fn cameras(error: &SfmError) -> String {
    let options: &[&str] = match error {
        SfmError::NoScene { .. } => &["--fov or --focal helps where the lens is known"],
        _ => &[],
    };
    with(&format!("{error}. {}", error.advice()), options)
}

/// That nothing was named that is a photo; `inside` lie in folders inside the named ones.
pub(super) fn no_photo(inside: usize) -> String {
    let there = match inside {
        0 => "Name at least one photo, or a folder that holds some.".to_owned(),
        inside => format!("Add --recursive: {inside} lie in folders inside those that are named."),
    };
    format!("There is no photo to work on. {there}")
}

/// A sentence with what helps behind it in brackets.
pub(super) fn with(sentence: &str, options: &[&str]) -> String {
    match options {
        [] => sentence.to_owned(),
        options => {
            let end = if sentence.ends_with('.') { "." } else { "" };
            format!("{} ({}){end}", sentence.trim_end_matches('.'), options.join(", "))
        }
    }
}
