//! `fathom render`: a picture or a film of a scene, without a window.

mod args;
mod camera;
mod film;
mod frame;
mod output;
mod stage;
mod stereo;
mod values;

pub(super) use args::{RENDER_NOTES, RenderArguments};

use super::{Outcome, ui};
use crate::export::{ExportError, write_atomically, write_picture_png};
use crate::render::{AdapterChoice, Offscreen, OffscreenError};
use crate::session::SessionError;
use output::Output;
use stage::Stage;
use stereo::Sight;

/// Why there is no picture.
enum Stop {
    /// The command line does not fit this scene or itself.
    Usage(String),
    Failure(String),
}

impl From<SessionError> for Stop {
    fn from(error: SessionError) -> Self {
        Self::Failure(error.to_string())
    }
}

impl From<OffscreenError> for Stop {
    fn from(error: OffscreenError) -> Self {
        match error {
            OffscreenError::Unknown(_) => Self::Usage(error.to_string()),
            _ => Self::Failure(error.to_string()),
        }
    }
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::AnimationLimit { .. } | ExportError::NoName(_) => Self::Usage(error.to_string()),
            _ => Self::Failure(error.to_string()),
        }
    }
}

pub(super) fn run(arguments: &RenderArguments) -> Outcome {
    match draw(arguments) {
        Ok(()) => Outcome::Success,
        Err(Stop::Usage(message)) => ui::usage(&message),
        Err(Stop::Failure(message)) => ui::failure(&message),
    }
}

fn draw(arguments: &RenderArguments) -> Result<(), Stop> {
    let output = Output::of(arguments)?;
    let stage = Stage::open(arguments)?;
    let sight = Sight::of(arguments, &stage)?;
    let start = camera::start(arguments, &stage)?;
    let adapter = arguments.adapter.clone().or_else(AdapterChoice::from_env).unwrap_or_default();
    let mut offscreen = Offscreen::new(&adapter)?;
    for error in offscreen.passed_over() {
        ui::err(&format!("warning: {error}"));
    }
    offscreen.set_scene(stage.scene.clone())?;
    match output {
        Output::Picture => {
            let frame = frame::frame(arguments, &stage, start);
            let picture = sight.picture(&mut offscreen, &frame, arguments.size.0)?;
            write_atomically(&arguments.out, |to| write_picture_png(to, &picture))?;
        }
        Output::Film(format) => {
            let way = camera::way(arguments, &stage, start)?;
            film::write(arguments, &stage, &sight, &mut offscreen, &way, format)?;
        }
    }
    if !arguments.quiet {
        ui::out(&ui::shown(&arguments.out));
    }
    Ok(())
}
