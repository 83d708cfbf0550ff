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

/// Why there is no session.
pub(super) fn session(error: &ExportError) -> String {
    let options: &[&str] = match error {
        ExportError::Write { .. } | ExportError::Folder { .. } | ExportError::NoName(_) => &["--session"],
        _ => &[],
    };
    with(&error.to_string(), options)
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
    with(&format!("{error}. {}.", error.advice()), options)
}

/// That nothing was named that is a photo; `inside` lie in folders inside the named ones.
pub(super) fn no_photo(inside: usize) -> String {
    let there = match inside {
        0 => "Name at least one photo, or a folder that holds some.".to_owned(),
        1 => "Add --recursive: 1 lies in a folder inside those that are named.".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_options_that_help_and_end_as_sentences_do() {
        let folder = || ExportError::Folder { path: "a".into(), source: std::io::ErrorKind::PermissionDenied.into() };
        assert!(session(&folder()).contains("(--session)") && !session(&folder()).contains("--out"));
        assert!(results(&folder()).contains("(--out)"));
        assert!(cameras(&SfmError::TooFew).ends_with("places."), "{}", cameras(&SfmError::TooFew));
        let lens = cameras(&SfmError::NoScene { pairs: 3 });
        assert!(lens.ends_with("(--fov or --focal helps where the lens is known)."), "{lens}");
        assert!(no_photo(1).contains("1 lies in a folder") && no_photo(2).contains("2 lie in folders"));
    }
}
