//! A film, picture by picture.

use super::args::RenderArguments;
use super::frame::frame;
use super::stage::Stage;
use super::stereo::Sight;
use super::stop::Stop;
use crate::cli::places::NewFolders;
use crate::cli::progress::Progress;
use crate::export::{AnimationFormat, AnimationWriter};
use crate::render::Offscreen;
use crate::scene::OrbitCamera;

/// Draws what the cameras see, one after the other, and writes it to `--out`.
pub(super) fn write(
    arguments: &RenderArguments,
    stage: &Stage,
    sight: &Sight,
    offscreen: &mut Offscreen,
    cameras: &[OrbitCamera],
    format: AnimationFormat,
) -> Result<(), Stop> {
    let size = arguments.size.0;
    let (out, fps) = (&arguments.out, arguments.fps);
    // Gone in the end where there is no film in them.
    let _new_folders = NewFolders::around(out);
    let mut film = AnimationWriter::create_packed(out, format, sight.size(size), fps, sight.packing())?;
    let progress = Progress::choose(arguments.quiet);
    let drawn = cameras.iter().enumerate().try_for_each(|(index, camera)| -> Result<(), Stop> {
        progress.drawing(index, cameras.len());
        Ok(film.add(sight.picture(offscreen, &frame(arguments, stage, *camera), size)?)?)
    });
    progress.finish();
    drawn?;
    film.finish()?;
    Ok(())
}
