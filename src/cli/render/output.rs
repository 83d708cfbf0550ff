//! What `--out` asks for, and whether the other options fit.

use super::args::RenderArguments;
use super::stereo::mixes;
use super::stop::Stop;
use crate::export::AnimationFormat;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Picture,
    Film(AnimationFormat),
}

impl Output {
    /// Known before any work is done.
    pub fn of(arguments: &RenderArguments) -> Result<Self, Stop> {
        let usage = |message: &str| Err(Stop::Usage(message.into()));
        let is_film = arguments.sway || arguments.turntable || arguments.path;
        if arguments.background.0[3] == 0 && arguments.stereo.is_some_and(mixes) {
            return usage(
                "This layout mixes pixels of both eyes. Choose a background colour (--background), or --stereo side-by-side or over-under.",
            );
        }
        let ending = arguments.out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match (AnimationFormat::of(&arguments.out), ending.as_deref()) {
            (None, Some("png")) if is_film => {
                usage("A film is no single PNG. Give --out a name that ends in .gif or .mp4, or a folder.")
            }
            (None, Some("png")) => Ok(Self::Picture),
            (None, _) => usage("--out ends in .png, .gif or .mp4, or is a folder for the pictures of a film."),
            (Some(AnimationFormat::PngFolder), _) if !is_film => usage(
                "A picture needs a name that ends in .png; a folder is for films (--sway, --turntable or --path).",
            ),
            (Some(_), _) if !is_film => usage("A film needs --sway, --turntable or --path; a picture ends in .png."),
            (Some(AnimationFormat::Mp4), _) if arguments.background.0[3] == 0 => usage(
                "MP4 knows no transparency. Choose a background colour (--background), or write a GIF or a folder of PNG files (--out).",
            ),
            (Some(format), _) => Ok(Self::Film(format)),
        }
    }
}
