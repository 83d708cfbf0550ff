//! Options that were given and change nothing: whoever writes one expects something of it.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::DepthArguments;
use crate::catalog::{Entry, Family};
use crate::cli::files::Shown;
use crate::export::Format::{self, Colmap, ColmapText, Glb, GsPly, Las, Ply, Transforms, Xyz};
use crate::inference::{CamerasFrom, Settings};

/// Options of a command line that stand there in so many words.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Given(Vec<String>);

impl Given {
    pub fn of(matches: &ArgMatches) -> Self {
        let is_given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
        let ids = matches.ids().map(clap::Id::as_str);
        // A group of arguments has an id, and no source.
        let ids = ids.filter(|id| matches.try_contains_id(id).is_ok()).filter(is_given);
        Self(ids.map(String::from).collect())
    }

    fn has(&self, option: &str) -> bool {
        self.0.iter().any(|given| given == option)
    }
}

/// One sentence for each option that does nothing in this run.
pub(super) fn idle(given: &Given, arguments: &DepthArguments, settings: &Settings, entry: &Entry) -> Vec<String> {
    let files = &arguments.files;
    let any = |formats: &[Format]| arguments.out.is_some() && formats.iter().any(|&format| files.wants(format));
    let clouds = any(&[Ply, Xyz, Las]);
    let by_rule = any(&[Glb, Colmap, ColmapText]);
    let maps = any(&[
        Format::DepthPng,
        Format::ColourPng,
        Format::ColourJpg,
        Format::Tiff,
        Format::Exr,
        Format::Pfm,
        Format::Npy,
        Format::SkyPng,
        Format::StereoPng,
        Format::StereoJpg,
        Format::StereoMp4,
        Format::StereoGif,
    ]);
    let pictures = any(&[Format::DepthPng, Format::ColourPng, Format::ColourJpg]);
    let greys = any(&[Format::Exr]) && files.exr == Shown::Grey;
    let stereo = any(&Format::STEREO);
    let is_any_view = entry.family == Family::AnyView;
    let has_confidence = is_any_view;
    let hides = settings_hide(arguments);
    // What must be so for an option to do something, and what is so instead.
    let rules = [
        ("normals", any(&[Ply]), "no PLY is written"),
        ("axes", clouds, "neither PLY, XYZ nor LAS is written"),
        ("gs_directions", any(&[GsPly]), "no 3D Gaussians are written"),
        ("voxel", clouds, "neither PLY, XYZ nor LAS is written"),
        ("max_points", clouds, "neither PLY, XYZ nor LAS is written"),
        ("edge", clouds, "neither PLY, XYZ nor LAS is written"),
        ("depth_range", clouds, "neither PLY, XYZ nor LAS is written"),
        ("every", clouds, "neither PLY, XYZ nor LAS is written"),
        ("confidence", clouds, "neither PLY, XYZ nor LAS is written"),
        ("confidence", has_confidence || !clouds, "this model gives no confidence"),
        ("conf_thresh_percentile", by_rule, "neither GLB nor COLMAP is written"),
        ("conf_thresh_percentile", has_confidence || !by_rule, "this model gives no confidence"),
        ("num_max_points", any(&[Glb]), "no GLB is written"),
        ("colmap_max_points", any(&[Colmap, ColmapText]), "no COLMAP model is written"),
        ("show_cameras", any(&[Glb]), "no GLB is written"),
        ("no_show_cameras", any(&[Glb]), "no GLB is written"),
        ("backdrops_least_sure", by_rule && hides, "no backdrop is hidden in a GLB or COLMAP file"),
        ("hide_black", any(&Format::OF_SCENES), "no file of scenes is written"),
        ("hide_white", any(&Format::OF_SCENES), "no file of scenes is written"),
        ("keep_background", any(&Format::OF_SCENES), "no file of scenes is written"),
        ("images", any(&[Colmap, ColmapText, Transforms]), "neither COLMAP nor transforms.json is written"),
        (
            "as_taken",
            settings.known_cameras.is_some() || settings.matching().is_some(),
            "only known and matched cameras say how a lens distorts",
        ),
        ("full_size", maps || any(&Format::MESHES), "no picture or map of a photo is written"),
        ("file_names", any(&Format::NAMED_AFTER_PHOTOS), "no file is called after a photo"),
        ("scale_by", pictures || greys, "no picture of depth is written"),
        ("exr", any(&[Format::Exr]), "no EXR is written"),
        ("depth_step", any(&[Format::DepthPng]), "no depth_png is written"),
        ("mesh_step", any(&Format::MESHES), "no mesh is written"),
        ("stereo_layout", stereo, "nothing for two eyes is written"),
        ("eye_distance", stereo, "nothing for two eyes is written"),
        ("convergence", stereo, "nothing for two eyes is written"),
        ("swap_eyes", stereo, "nothing for two eyes is written"),
        ("stereo_fps", any(&[Format::StereoMp4, Format::StereoGif]), "no stereo film is written"),
        ("feat_vis_fps", any(&[Format::FeatVis]), "no pictures of features are written"),
        ("method", !entry.preset.is_da2(), "Depth Anything V2 has a rule of its own"),
        ("overlap", is_any_view && !settings.independent, "these photos are not looked at together"),
        ("reference_view", is_any_view && !settings.independent, "these photos are not looked at together"),
        ("refine_cameras", is_any_view && !settings.independent, "no cameras are predicted together"),
        ("refine_cameras", settings.cameras_from != CamerasFrom::Matches, "no cameras are predicted"),
        ("refine_cameras", !settings.gaussians, "3D Gaussians lie where the predicted cameras put them"),
        ("keep_order", is_any_view && !settings.independent, "these photos are not looked at together"),
        ("views_per_pass", !entry.preset.is_da2(), "this model looks at photos one by one"),
    ];
    let idle = rules.into_iter().filter(|(option, does_something, _)| !does_something && given.has(option));
    idle.map(|(option, _, why)| format!("--{} does nothing here: {why}", option.replace('_', "-"))).collect()
}

fn settings_hide(arguments: &DepthArguments) -> bool {
    let filters = arguments.files.filters.filters();
    filters.hide_black || filters.hide_white
}
