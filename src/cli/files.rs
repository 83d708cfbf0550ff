//! The options of `fathom depth` that say which files are written, and what is in them.

use std::collections::{BTreeSet, HashSet};

use clap::{Args, ValueEnum};

use super::filters::FilterArguments;
use super::nearest::did_you_mean;
use super::numbers::{length, percent};
use super::stereo::StereoArguments;
use crate::export::{Axes, Backdrops, Enlarging, ExrColours, FileNames, Format, Options, ReferenceRule, ScaleBy};
use crate::scene::Thinning;

#[derive(Debug, Args)]
pub(super) struct FileArguments {
    /// What to write: names with commas between them, or 'all'; 'fathom depth --help' lists them
    #[arg(long, value_name = "LIST", value_parser = formats, help_heading = "Files")]
    pub formats: Option<Formats>,
    /// Maps and pictures at the photo's size instead of the process resolution
    #[arg(long, help_heading = "Files")]
    pub full_size: bool,
    /// How maps come to the photo's size: smooth everywhere, smooth but for edges, or the nearest pixel
    #[arg(long, value_enum, value_name = "RULE", default_value_t, requires = "full_size", help_heading = "Files")]
    pub full_size_by: Rule,
    /// depth_png and colour pictures: views that share step and range, and so can be compared; 'view' as the reference has it
    #[arg(long, value_enum, value_name = "WHICH", default_value_t, help_heading = "Files")]
    pub scale_by: Together,
    /// depth_png of depth in metres: metres of one step, which ends at 65535 of them
    #[arg(long, value_name = "METRES", default_value_t = Options::default().metre_step, value_parser = length,
          help_heading = "Files")]
    pub depth_step: f32,
    /// Pictures, maps and meshes of each photo are called by its number and its name, or by its name alone (of photos of one
    /// name, the second gets -2, and so on)
    #[arg(long, value_enum, value_name = "HOW", default_value_t, help_heading = "Files")]
    pub file_names: Named,
    /// EXR: what programs show that know nothing of depth: the photo, or depth as grey between 1 (near) and 0 (far)
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = "Files")]
    pub exr: Shown,
    /// Where lenses that distort were straightened: maps at the photo's size (--full-size), and cameras of COLMAP and
    /// transforms.json, are those of the photos as they were taken
    #[arg(long, help_heading = "Files")]
    pub as_taken: bool,
    /// COLMAP and transforms.json: the photos beside them, in a folder 'images'
    #[arg(long, help_heading = "Files")]
    pub images: bool,
    /// PLY, XYZ, LAS: which way is up; 'auto' is z-up for LAS and opencv (y down, as cameras look) for PLY and XYZ
    #[arg(long, value_enum, value_name = "AXES", default_value_t, help_heading = "Files")]
    pub axes: Upright,
    /// PLY files have normals
    #[arg(long, help_heading = "Files")]
    pub normals: bool,
    /// Meshes: a vertex in every N-th row and column
    #[arg(long, value_name = "N", default_value_t = Options::default().mesh_step,
          value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Files")]
    pub mesh_step: u32,
    /// Blocks of the backbone whose outputs are kept, for the formats feat_vis and features: numbers from 0 with commas
    #[arg(long, value_name = "LIST", value_parser = blocks, help_heading = "Files")]
    pub export_feat: Option<Blocks>,
    /// Pictures per second in the films of feat_vis
    #[arg(long, value_name = "N", default_value_t = Options::default().feature_fps,
          value_parser = clap::value_parser!(u32).range(1..=240), help_heading = "Files")]
    pub feat_vis_fps: u32,
    /// gs_ply: colours that depend on the direction, which not every viewer reads
    #[arg(long, help_heading = "Files")]
    pub gs_directions: bool,
    /// GLB and COLMAP: leave out points whose confidence lies below this percentile; all stay where there is none
    #[arg(long, value_name = "PERCENT", default_value_t = ReferenceRule::default().confidence_percentile,
          value_parser = percent, help_heading = "Files")]
    pub conf_thresh_percentile: f32,
    /// GLB: most points; of more a fixed random choice is written
    #[arg(long, value_name = "N", default_value_t = ReferenceRule::default().most_points, help_heading = "Files")]
    pub num_max_points: usize,
    /// COLMAP: most points; of more a fixed random choice is written [default: all, and 200000 with --images]
    #[arg(long, value_name = "N", help_heading = "Files")]
    pub colmap_max_points: Option<usize>,
    /// GLB and COLMAP: black and white backdrops that are hidden get the lowest confidence, as the reference has it, instead of
    /// being left out
    #[arg(long, help_heading = "Files")]
    pub backdrops_least_sure: bool,
    /// GLB: cameras as wire frames, as cameras, and one that goes from photo to photo; on unless --no-show-cameras is given
    #[arg(long, overrides_with = "no_show_cameras", help_heading = "Files")]
    pub show_cameras: bool,
    /// GLB: without the cameras
    #[arg(long, help_heading = "Files")]
    pub no_show_cameras: bool,
    #[command(flatten)]
    pub stereo: StereoArguments,
    #[command(flatten)]
    pub filters: FilterArguments,
    /// PLY, XYZ, LAS: one point per cube with this side, in metres or the scene's unit; the surest one stays
    #[arg(long, value_name = "SIZE", value_parser = length, help_heading = "Points")]
    pub voxel: Option<f32>,
    /// PLY, XYZ, LAS: most points of a scene; of more an even selection is written
    #[arg(long, value_name = "N", default_value_t = Options::default().thinning.most, help_heading = "Points")]
    pub max_points: usize,
}

/// What `--formats` names.
#[derive(Clone, Debug)]
pub(super) struct Formats {
    set: BTreeSet<Format>,
    /// By 'all', which asks for what the model has.
    is_all: bool,
}

/// What `--export-feat` names, in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Blocks(Vec<usize>);

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Together {
    View,
    #[default]
    Scene,
    Run,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Named {
    #[default]
    NumberAndPhoto,
    Photo,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(super) enum Shown {
    #[default]
    Photo,
    Grey,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Upright {
    #[default]
    Auto,
    Opencv,
    YUp,
    ZUp,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Rule {
    #[default]
    Bilinear,
    EdgeAware,
    Nearest,
}

/// With commas, or with hyphens as the reference has them.
fn formats(text: &str) -> Result<Formats, String> {
    if text == "all" {
        return Ok(Formats { set: Format::ALL.into(), is_all: true });
    }
    let named = |name: &str| {
        Format::named(name.trim()).ok_or_else(|| {
            let meant = did_you_mean(name, Format::ALL.map(Format::name).into_iter().chain(["all"]));
            format!("there is no format '{name}'{meant} 'fathom depth --help' lists all")
        })
    };
    let set = text.split([',', '-']).map(named).collect::<Result<_, _>>()?;
    Ok(Formats { set, is_all: false })
}

fn blocks(text: &str) -> Result<Blocks, String> {
    let number = |word: &str| word.trim().parse().map_err(|_| format!("'{word}' is not the number of a block"));
    let blocks: BTreeSet<usize> = text.split(',').map(number).collect::<Result<_, _>>()?;
    Ok(Blocks(blocks.into_iter().collect()))
}

impl FileArguments {
    /// Whether the format is to be written, where there is something to write.
    pub fn wants(&self, format: Format) -> bool {
        self.formats.as_ref().map_or(Format::USUAL.contains(&format), |formats| formats.set.contains(&format))
    }

    /// Whether the format is asked for by its name.
    pub fn names(&self, format: Format) -> bool {
        self.wants(format) && self.formats.as_ref().is_none_or(|formats| !formats.is_all)
    }

    /// Blocks of the backbone, in ascending order, each once.
    pub fn features(&self) -> Vec<usize> {
        self.export_feat.as_ref().map_or_else(Vec::new, |blocks| blocks.0.clone())
    }

    pub fn options(&self, overwrite: bool) -> Options {
        Options {
            formats: self.formats.as_ref().map_or_else(Format::usual, |formats| formats.set.clone()),
            filters: self.filters.filters(),
            hidden: HashSet::new(),
            thinning: Thinning { voxel: self.voxel, most: self.max_points },
            axes: match self.axes {
                Upright::Auto => Axes::Auto,
                Upright::Opencv => Axes::Opencv,
                Upright::YUp => Axes::YUp,
                Upright::ZUp => Axes::ZUp,
            },
            normals: self.normals,
            gaussian_directions: self.gs_directions,
            mesh_step: self.mesh_step,
            feature_fps: self.feat_vis_fps,
            stereo: self.stereo.options(),
            rule: ReferenceRule {
                confidence_percentile: self.conf_thresh_percentile,
                most_points: self.num_max_points,
                most_colmap_points: self.colmap_max_points.or(self.images.then_some(ReferenceRule::FOR_TRAINERS)),
                show_cameras: !self.no_show_cameras,
                backdrops: if self.backdrops_least_sure { Backdrops::LeastSure } else { Backdrops::Hidden },
            },
            metre_step: self.depth_step,
            scale_by: match self.scale_by {
                Together::View => ScaleBy::View,
                Together::Scene => ScaleBy::Scene,
                Together::Run => ScaleBy::Run,
            },
            exr: match self.exr {
                Shown::Photo => ExrColours::Photo,
                Shown::Grey => ExrColours::Grey,
            },
            full_size: self.full_size,
            enlarging: match self.full_size_by {
                Rule::Bilinear => Enlarging::Bilinear,
                Rule::EdgeAware => Enlarging::EdgeAware,
                Rule::Nearest => Enlarging::Nearest,
            },
            as_taken: self.as_taken,
            images: self.images,
            names: match self.file_names {
                Named::NumberAndPhoto => FileNames::NumberAndPhoto,
                Named::Photo => FileNames::Photo,
            },
            mirror: Options::default().mirror,
            overwrite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::StereoOptions;
    use crate::scene::{EyeDistance, Eyes, Filters, StereoLayout};
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        files: FileArguments,
    }

    fn options(words: &str) -> Result<Options, clap::Error> {
        let line = Line::try_parse_from(["fathom"].into_iter().chain(words.split_whitespace()))?;
        Ok(line.files.options(false))
    }

    #[test]
    fn defaults_are_the_options_defaults() {
        assert_eq!(format!("{:?}", options("").expect("valid")), format!("{:?}", Options::default()));
    }

    #[test]
    fn words_reach_the_options() {
        let words = "--formats glb,colmap --full-size --full-size-by nearest --normals --conf-thresh-percentile 20 \
                     --num-max-points 7 --no-show-cameras --confidence 3 --edge 0 --depth-range 1,99 --keep-background \
                     --hide-black --hide-white --every 2 --voxel 0.05 --max-points 9 --axes z-up --mesh-step 4 --exr grey --file-names photo \
                     --stereo-layout anaglyph --eye-distance 63mm --convergence 10 --swap-eyes --stereo-fps 24";
        let options = options(words).expect("valid");
        assert_eq!(options.formats, [Format::Glb, Format::Colmap].into());
        let rule = ReferenceRule {
            most_colmap_points: None,
            confidence_percentile: 20.0,
            most_points: 7,
            show_cameras: false,
            backdrops: Backdrops::Hidden,
        };
        assert_eq!((options.rule, options.enlarging, options.axes), (rule, Enlarging::Nearest, Axes::ZUp));
        assert_eq!(options.thinning, Thinning { voxel: Some(0.05), most: 9 });
        assert!(options.full_size && options.normals && options.mesh_step == 4 && options.exr == ExrColours::Grey);
        assert_eq!(options.names, FileNames::Photo);
        let eyes = Eyes { distance: EyeDistance::Millimetres(63.0), convergence: 10.0 };
        let stereo = StereoOptions { eyes, layout: StereoLayout::Anaglyph, swap_eyes: true, fps: 24 };
        assert_eq!(options.stereo, stereo);
        let filters = Filters {
            confidence_percentile: 3.0,
            edge: 0.0,
            depth_range: [1.0, 99.0],
            hide_background: false,
            hide_black: true,
            hide_white: true,
            every: 2,
        };
        assert_eq!(options.filters, filters);
    }

    #[test]
    fn the_last_word_about_cameras_counts() {
        assert!(options("--no-show-cameras --show-cameras").expect("valid").rule.show_cameras);
        assert!(!options("--show-cameras --no-show-cameras").expect("valid").rule.show_cameras);
    }

    #[test]
    fn formats_are_named_with_commas_or_hyphens() {
        let named = |list: &str| options(&format!("--formats {list}")).map(|options| options.formats);
        assert_eq!(named("mini_npz-glb").expect("valid"), [Format::MiniNpz, Format::Glb].into());
        assert_eq!(named("all").expect("valid").len(), Format::ALL.len());
        assert!(named("glb,obj").expect_err("unknown").to_string().contains("'obj'"));
        assert!(options("--full-size-by nearest").is_err(), "needs --full-size");
    }
}
