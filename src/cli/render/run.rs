//! The run of `fathom render`, from the options to the file.

use super::args::RenderArguments;
use super::output::Output;
use super::stage::Stage;
use super::stereo::Sight;
use super::stop::Stop;
use super::{camera, film, frame};
use crate::cli::{Outcome, told, ui};
use crate::export::{write_atomically, write_picture_png};
use crate::render::{AdapterChoice, Offscreen};

pub(in crate::cli) fn run(arguments: &RenderArguments) -> Outcome {
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
        ui::err(&format!("warning: {}", told::adapter(error)));
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
