//! Whether `fathom depth` can do what its options say, before any work is done.

use super::args::DepthArguments;
use crate::catalog::{Entry, Family};
use crate::cli::places::{self, NewFolders};
use crate::cli::values::model;
use crate::cli::{models, session, told};
use crate::export::{AnimationFormat, Format, holds_summary};
use crate::inference::{CamerasFrom, Settings};

/// What clap cannot know. Returns the model.
pub(super) fn check(arguments: &DepthArguments, settings: &Settings) -> Result<&'static Entry, String> {
    let entry = model(&settings.model.0)?;
    if (settings.lens.is_some() || settings.lens_model.is_some()) && entry.family == Family::AnyView {
        return Err(format!("{} finds the lens itself. Leave out --fov, --focal and --lens-model.", entry.name));
    }
    if let Some(lens_model) = &settings.lens_model
        && model(&lens_model.0)?.family != Family::AnyView
    {
        return Err(format!(
            "{lens_model} does not predict cameras. For --lens-model name an any-view model, such as da3-small."
        ));
    }
    if settings.known_cameras.is_some() && entry.family != Family::AnyView {
        return Err(format!(
            "{} looks at photos one by one. Leave out --cameras, or choose an any-view model, such as --model da3-small.",
            entry.name
        ));
    }
    if settings.cameras_from == CamerasFrom::Model && entry.family != Family::AnyView {
        return Err(format!(
            "{} predicts no cameras. Leave out --cameras-from model, or choose an any-view model, such as --model da3-small.",
            entry.name
        ));
    }
    if settings.ray_pose && entry.family != Family::AnyView {
        return Err(format!(
            "{} draws no rays. Leave out --ray-pose, or choose an any-view model, such as --model da3-small.",
            entry.name
        ));
    }
    let files = &arguments.files;
    if files.names(Format::GsPly) && !entry.preset.has_gaussians() {
        let others = models::those(|entry| entry.preset.has_gaussians());
        return Err(format!(
            "{} has no 3D Gaussians. Leave gs_ply out of --formats, or choose {others} with --model.",
            entry.name
        ));
    }
    if files.names(Format::SkyPng) && !entry.preset.has_sky() {
        let others = models::those(|entry| entry.preset.has_sky());
        return Err(format!(
            "{} does not look for sky. Leave sky_png out of --formats, or choose {others} with --model.",
            entry.name
        ));
    }
    let shows_features = [Format::FeatVis, Format::Features].map(|format| (files.wants(format), files.names(format)));
    match (settings.features.is_empty(), shows_features) {
        (true, [(_, true), _] | [_, (_, true)]) => {
            return Err("Say which blocks feat_vis and features are to show, such as with --export-feat 11.".into());
        }
        (false, [(false, _), (false, _)]) => {
            return Err("--export-feat needs a format to go to: add feat_vis or features to --formats.".into());
        }
        _ => {}
    }
    Ok(entry)
}

/// Whether there can be files where they are asked for. What this gives is kept until they are there.
pub(super) fn check_places(arguments: &DepthArguments) -> Result<Vec<NewFolders>, String> {
    let mut new = Vec::new();
    if let Some(out) = &arguments.out {
        // Results that are taken up are replaced.
        let has_earlier = arguments.of_photos.resume && holds_summary(out);
        new.push(places::check(out, arguments.overwrite || has_earlier).map_err(|error| told::results(&error))?);
        if arguments.files.names(Format::StereoMp4) && !AnimationFormat::Mp4.is_possible() {
            return Err(
                "stereo_mp4 needs ffmpeg, which this machine does not have. Install it, or choose stereo_gif in \
                        --formats."
                    .into(),
            );
        }
    }
    if let Some(path) = &arguments.session {
        new.push(session::check(path, arguments.overwrite)?);
    }
    Ok(new)
}
