//! What files are not, where that is not what their formats let one expect.

use super::file_name::photo_name;
use super::{AnimationFormat, Axes, Format, Options};
use crate::inference::LensSource;
use crate::inference::{Prediction, ViewPrediction};
use crate::scene::EyeDistance;

/// Sentences for whoever asked for these files.
pub fn remarks(prediction: &Prediction, options: &Options) -> Vec<String> {
    let none_has = |has: fn(&ViewPrediction) -> bool| !prediction.views.iter().any(|view| has(view));
    let any_of = |formats: &[Format]| formats.iter().any(|format| options.formats.contains(format));
    let mut remarks = Vec::new();
    if any_of(&[Format::SkyPng]) && none_has(|view| view.sky.is_some()) {
        remarks.push(format!("{} does not look for sky: there is no file of format sky_png.", prediction.model));
    }
    if any_of(&[Format::Glb, Format::Colmap, Format::ColmapText]) && none_has(|view| view.confidence.is_some()) {
        let model = &prediction.model;
        remarks.push(format!("{model} gives no confidence: GLB and COLMAP have every point that shows a surface."));
    }
    let has_blanks = |view: &ViewPrediction| photo_name(&view.path).contains(char::is_whitespace);
    let with_blanks = prediction.views.iter().filter(|view| has_blanks(view)).count();
    if with_blanks > 0 && any_of(&[Format::ColmapText]) && !options.images {
        remarks.push(format!(
            "The names of {with_blanks} photos have blanks, where COLMAP itself ends a name in its text files: take its binary files \
             (colmap), or export the photos with them (--images), which gives them other names."
        ));
    }
    let bent = prediction.views.iter().filter(|view| view.bent.is_some()).count();
    let cameras = [Format::Colmap, Format::ColmapText, Format::Transforms];
    if bent > 0 && any_of(&cameras) && !options.as_taken && !options.images {
        remarks.push(format!(
            "{bent} photos were straightened for the network: COLMAP and transforms.json have cameras of the straight pictures, \
             which the photos as they are do not fit. Export the photos with them (--images), or cameras of the photos as they were \
             taken (--as-taken)."
        ));
    }
    let has_ply = any_of(&[Format::Ply]) && any_of(&[Format::Transforms]);
    if has_ply && options.axes.of(Format::Ply) != Axes::Opencv {
        remarks.push(
            "transforms.json does not name the PLY file: its points are turned (--axes), and the cameras are not."
                .into(),
        );
    }
    if any_of(&[Format::StereoMp4]) && !AnimationFormat::Mp4.is_possible() {
        remarks.push(
            "The stereo film is not written as MP4: that needs ffmpeg, which this machine does not have. Install it, or take the GIF \
             (stereo_gif)."
                .into(),
        );
    }
    let is_metric = matches!(options.stereo.eyes.distance, EyeDistance::Millimetres(_));
    if any_of(&Format::STEREO)
        && is_metric
        && prediction.views.iter().any(|view| view.camera.lens == LensSource::Assumed)
    {
        remarks.push(
            "An eye distance in millimetres is as right as the lens, which is assumed here: give it (--fov or --focal) where you know it."
                .into(),
        );
    }
    let hidden = prediction.views.iter().filter(|view| options.hidden.contains(&view.view)).count();
    if hidden > 0 && any_of(&Format::OF_SCENES) {
        let views = prediction.views.len();
        remarks.push(format!("{hidden} of {views} views are hidden in 3D and left out of the files of scenes."));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;
    use std::sync::Arc;

    #[test]
    fn says_where_files_are_not_what_one_expects() {
        let prediction = Prediction { model: "DA3-Small".into(), ..Prediction::default() };
        assert!(remarks(&prediction, &Options::default()).is_empty());
        let formats = [Format::SkyPng, Format::ColmapText].into();
        let said = remarks(&prediction, &Options { formats, ..Options::default() });
        assert!(said.len() == 2 && said.iter().all(|remark| remark.starts_with("DA3-Small")), "{said:?}");
        let view = synthetic::render(0, 4, 3).into_prediction(ViewId(0), "a b.jpg".into());
        let named = Prediction { views: vec![Arc::new(view)], ..prediction.clone() };
        let said =
            |images| remarks(&named, &Options { formats: [Format::ColmapText].into(), images, ..Options::default() });
        assert!(said(false).iter().any(|remark| remark.contains("blanks")));
        assert!(!said(true).iter().any(|remark| remark.contains("blanks")));
        let formats = [Format::Ply, Format::Transforms].into();
        let said = remarks(&prediction, &Options { formats, axes: Axes::ZUp, ..Options::default() });
        assert!(said.len() == 1 && said[0].contains("--axes"), "{said:?}");
    }
}
