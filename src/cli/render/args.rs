//! The options of `fathom render`.

use std::path::PathBuf;

use clap::Args;

use super::values::{
    Background, Colour, Draw, Map, Size, Up, ViewList, Viewpoint, Width, background, point_size, seconds, size, turn,
    view_list, viewpoint, zoom,
};
use crate::cli::filters::FilterArguments;
use crate::cli::numbers::{Pair, strength};
use crate::cli::stereo::{Distance, Layout, eye_distance};
use crate::cli::values::adapter;
use crate::render::AdapterChoice;
use crate::scene::Look;

pub(in crate::cli) const RENDER_NOTES: &str = "\
SCENE is a folder that 'fathom depth' or Export wrote, a session (.fathom), or the word 'example' for
the built-in scene, whose depth is exact.
Views and scenes are counted from 1.

What is written follows from --out:
  picture.png     one picture
  film.gif        a film that plays for ever   (with --sway, --turntable or --path)
  film.mp4        the same as H.264; needs ffmpeg
  frames/         the same as 0000.png, 0001.png, …; the folder is made, or empty

Examples:
  fathom render example --out picture.png
  fathom render result --out top.png --view top --background transparent --size 3840x2160
From the place of a photo; where photos are scenes of their own, --scene says which:
  fathom render result --out photo2.png --view camera:2 --orbit 10,5
  fathom render result --out third.png --scene 3 --view camera:1
A turntable:
  fathom render result --out round.gif --turntable --size 640x480 --seconds 4 --fps 20
  fathom render result --out round.mp4 --turntable
A depth film: the same, coloured by depth:
  fathom render result --out depth.gif --turntable --colour-by depth --colour-map turbo --size 640x480
A little to either side, as a loop, which suits one photo:
  fathom render result --out sway.gif --sway --size 640x480
From photo to photo, with their cameras:
  fathom render result --out walk.mp4 --path --cameras --seconds 10
For two eyes:
  fathom render result --out round_sbs.mp4 --turntable --stereo side-by-side
Without a graphics card:
  fathom render result --out picture.png --adapter software";

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArguments {
    /// Folder of results, session (.fathom), or 'example'
    #[arg(value_name = "SCENE")]
    pub source: PathBuf,
    /// Where to write: a .png, .gif or .mp4, or a folder for the pictures of a film
    #[arg(short, long, value_name = "PATH")]
    pub out: PathBuf,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = size)]
    pub size: Size,
    /// Which scene of a folder that holds several
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub scene: u32,
    /// Only these views, such as 1,3-5
    #[arg(long, value_name = "LIST", value_parser = view_list)]
    pub views: Option<ViewList>,

    /// From where: home, front, right, top, back, left, bottom, or camera:N for the place of the N-th photo
    #[arg(long, value_name = "VIEW", default_value = "home", value_parser = viewpoint, help_heading = "Camera")]
    pub view: Viewpoint,
    /// Then walk around the scene, in degrees: to the right and up; negative is to the left and down
    #[arg(long, value_name = "YAW,PITCH", value_parser = turn, allow_hyphen_values = true, help_heading = "Camera")]
    pub orbit: Option<Pair>,
    /// Then go nearer: 2 is half as far away
    #[arg(long, value_name = "FACTOR", value_parser = zoom, help_heading = "Camera")]
    pub zoom: Option<f32>,

    /// Parallel rays instead of perspective
    #[arg(long, help_heading = "Camera")]
    pub orthographic: bool,
    /// Which way is up
    #[arg(long, value_enum, value_name = "AXIS", default_value_t, allow_hyphen_values = true, help_heading = "Camera")]
    pub up: Up,

    /// What is drawn: points, or a surface that is cut where depth steps
    #[arg(long, value_enum, value_name = "SHAPE", default_value_t, help_heading = "Points")]
    pub draw: Draw,
    /// What the colour of a point says
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = "Points")]
    pub colour_by: Colour,
    /// Colours of depth, confidence and height
    #[arg(long, value_enum, value_name = "MAP", default_value_t, help_heading = "Points")]
    pub colour_map: Map,
    /// Turn the colour map round
    #[arg(long, help_heading = "Points")]
    pub inverse_colours: bool,
    /// How wide points are: as the gaps between them, as what their pixel covers, or the same everywhere
    #[arg(long, value_enum, value_name = "RULE", default_value_t, help_heading = "Points")]
    pub point_width: Width,
    /// Width of a point: in pixels with --point-width pixels, else a factor
    #[arg(long, value_name = "SIZE", default_value_t = Look::default().point_size, value_parser = point_size,
          help_heading = "Points")]
    pub point_size: f32,
    #[command(flatten)]
    pub filters: FilterArguments,

    /// Strength (0 to 1) of the shading that makes edges stand out
    #[arg(long, value_name = "STRENGTH", default_value_t = 0.4, value_parser = strength, help_heading = "Surroundings")]
    pub eye_dome: f32,
    /// Draw the photos' cameras
    #[arg(long, help_heading = "Surroundings")]
    pub cameras: bool,
    /// Draw a line from camera to camera, with the cameras
    #[arg(long, help_heading = "Surroundings")]
    pub camera_path: bool,
    /// Hang the photos where their cameras look
    #[arg(long, help_heading = "Surroundings")]
    pub photos: bool,
    /// Draw a level grid under the scene
    #[arg(long, help_heading = "Surroundings")]
    pub grid: bool,
    /// Draw the world's axes: x red, y green, z blue
    #[arg(long, help_heading = "Surroundings")]
    pub axes: bool,
    /// Colour behind the scene, '#rrggbb' or 'transparent'
    #[arg(long, value_name = "COLOUR", default_value = "#2b2f36", value_parser = background,
          help_heading = "Surroundings")]
    pub background: Background,

    /// What two eyes see of the scene: two pictures of this size as one, or an anaglyph for red-cyan glasses
    #[arg(long, value_enum, value_name = "LAYOUT", conflicts_with = "orthographic", help_heading = "Stereo")]
    pub stereo: Option<Layout>,
    /// How far the eyes are apart: percent of the distance to the middle of the picture, which lies in the plane of the screen; or
    /// where the scene is in metres, such as 63mm
    #[arg(long, value_name = "DISTANCE", default_value = "3%", value_parser = eye_distance, requires = "stereo",
          help_heading = "Stereo")]
    pub eye_distance: Distance,
    /// The right eye's picture first: to look at with crossed eyes
    #[arg(long, requires = "stereo", help_heading = "Stereo")]
    pub swap_eyes: bool,

    /// A film: a little to the right, to the left and back, as a loop; it suits a single photo
    #[arg(long, conflicts_with_all = ["path", "turntable"], help_heading = "Film")]
    pub sway: bool,
    /// A film: once around the scene
    #[arg(long, conflicts_with = "path", help_heading = "Film")]
    pub turntable: bool,
    /// A film: from the first photo's camera through all others to the last one's
    #[arg(long, conflicts_with_all = ["view", "orbit", "zoom"], help_heading = "Film")]
    pub path: bool,
    /// Number of pictures, instead of --seconds
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = clap::value_parser!(u32).range(1..=100_000),
          help_heading = "Film")]
    pub frames: Option<u32>,
    /// How long the film is
    #[arg(long, value_name = "S", default_value_t = 6.0, value_parser = seconds, help_heading = "Film")]
    pub seconds: f32,
    /// Pictures per second
    #[arg(long, value_name = "F", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=120),
          help_heading = "Film")]
    pub fps: u32,

    /// What draws: auto for the fastest adapter, software for one that needs no graphics card, or a part of an adapter's name
    /// [default: WGPU_ADAPTER_NAME, else auto]
    #[arg(long, value_name = "NAME", value_parser = adapter)]
    pub adapter: Option<AdapterChoice>,
    /// Say nothing but problems
    #[arg(short, long)]
    pub quiet: bool,
}

impl RenderArguments {
    /// Number of pictures of a film, at least one.
    pub fn film_frames(&self) -> usize {
        let frames = self.frames.unwrap_or((self.seconds * self.fps as f32).round() as u32);
        frames.max(1) as usize
    }

    pub fn look(&self) -> Look {
        Look {
            filters: self.filters.filters(),
            colour_by: self.colour_by.into(),
            colour_map: self.colour_map.into(),
            inverse_colours: self.inverse_colours,
            shape: self.draw.into(),
            sizing: self.point_width.into(),
            point_size: self.point_size,
            eye_dome: self.eye_dome > 0.0,
            eye_dome_strength: self.eye_dome,
            frusta: self.cameras || self.camera_path || self.photos,
            photos: self.photos,
            path: self.camera_path,
            grid: self.grid,
            axes: self.axes,
            up: self.up.into(),
            ..Look::default()
        }
    }
}
