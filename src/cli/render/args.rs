//! The options of `fathom render`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::render::AdapterChoice;
use crate::scene::{ColourBy, ColourMap, Filters};

pub(in crate::cli) const RENDER_NOTES: &str = "\
SCENE is a folder that 'fathom depth' or Export wrote, or the word 'example' for the built-in scene, whose depth is exact.
Views and scenes are counted from 1.

What is written follows from --out:
  picture.png     one picture
  film.gif        a film that plays for ever   (with --turntable or --path)
  film.mp4        the same as H.264; needs ffmpeg
  frames/         the same as 0000.png, 0001.png, …; the folder is made, or empty

Examples:
  fathom render example --out picture.png
  fathom render result --out top.png --view top --background transparent --size 3840x2160
  fathom render result --out photo2.png --view camera:2 --orbit 10,5 --colour-by depth
  fathom render result --out round.gif --turntable --size 640x480 --seconds 4 --fps 20
  fathom render result --out walk.mp4 --path --cameras --seconds 10";

/// Longest side of a picture in pixels.
const LONGEST_SIDE: u32 = 16_384;

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArguments {
    /// Folder of results, or 'example'
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

    /// What the colour of a point says
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = "Points")]
    pub colour_by: Colour,
    /// Colours of depth, confidence and height
    #[arg(long, value_enum, value_name = "MAP", default_value_t, help_heading = "Points")]
    pub colour_map: Map,
    /// Width of a point; 1 is as wide as the pixel of the photo that it shows
    #[arg(long, value_name = "SIZE", default_value_t = 1.5, value_parser = point_size, help_heading = "Points")]
    pub point_size: f32,
    /// Leave out this part of the points, the least sure ones
    #[arg(long, value_name = "PERCENT", default_value_t = Filters::default().confidence_percentile,
          value_parser = percent, help_heading = "Points")]
    pub confidence: f32,
    /// Strength (0 to 1) with which points that smear between two surfaces are left out
    #[arg(long, value_name = "STRENGTH", default_value_t = Filters::default().edge, value_parser = strength,
          help_heading = "Points")]
    pub edge: f32,
    /// Percentiles of depth between which points are kept [default: 0,100]
    #[arg(long, value_name = "LOW,HIGH", value_parser = percentiles, help_heading = "Points")]
    pub depth_range: Option<Pair>,
    /// Keep pixels without a surface: sky, and what is infinitely far
    #[arg(long, help_heading = "Points")]
    pub keep_background: bool,

    /// Strength (0 to 1) of the shading that makes edges stand out
    #[arg(long, value_name = "STRENGTH", default_value_t = 0.4, value_parser = strength, help_heading = "Surroundings")]
    pub eye_dome: f32,
    /// Draw the photos' cameras
    #[arg(long, help_heading = "Surroundings")]
    pub cameras: bool,
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

    /// What draws: the fastest adapter, or one that needs no graphics card
    #[arg(long, value_enum, default_value_t)]
    pub adapter: Adapter,
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

    pub fn filters(&self) -> Filters {
        Filters {
            confidence_percentile: self.confidence,
            edge: self.edge,
            depth_range: self.depth_range.map_or([0.0, 100.0], |pair| pair.0),
            hide_background: !self.keep_background,
        }
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Size(pub [u32; 2]);

/// Two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Pair(pub [f32; 2]);

/// sRGB and straight alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Background(pub [u8; 4]);

/// Views, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ViewList(Vec<RangeInclusive<usize>>);

impl ViewList {
    pub fn contains(&self, number: usize) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }

    pub fn largest(&self) -> usize {
        self.0.iter().map(|range| *range.end()).max().unwrap_or(0)
    }
}

/// From where a scene is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Viewpoint {
    Home,
    Front,
    Right,
    Top,
    Back,
    Left,
    Bottom,
    /// The place of this view's photo, counted from 1.
    Camera(usize),
}

fn size(text: &str) -> Result<Size, String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    match sides {
        Some(sides) if sides.iter().all(|side| (1..=LONGEST_SIDE).contains(side)) => Ok(Size(sides)),
        _ => Err(format!("expected a size such as 1920x1080, each side from 1 to {LONGEST_SIDE}")),
    }
}

fn viewpoint(text: &str) -> Result<Viewpoint, &'static str> {
    let camera = |number: &str| number.parse().ok().filter(|&number| number > 0).map(Viewpoint::Camera);
    match text {
        "home" => Some(Viewpoint::Home),
        "front" => Some(Viewpoint::Front),
        "right" => Some(Viewpoint::Right),
        "top" => Some(Viewpoint::Top),
        "back" => Some(Viewpoint::Back),
        "left" => Some(Viewpoint::Left),
        "bottom" => Some(Viewpoint::Bottom),
        _ => text.strip_prefix("camera:").and_then(camera),
    }
    .ok_or("expected home, front, right, top, back, left, bottom or camera:N with N from 1 up")
}

fn view_list(text: &str) -> Result<ViewList, &'static str> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first > 0 && first <= last).then_some(first..=last)
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    ranges.map(ViewList).ok_or("expected numbers and ranges from 1 up, such as 1,3-5")
}

fn background(text: &str) -> Result<Background, &'static str> {
    let digits =
        text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    match (text, digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())) {
        ("transparent", _) => Ok(Background([0; 4])),
        (_, Some(rgb)) => {
            let [_, r, g, b] = rgb.to_be_bytes();
            Ok(Background([r, g, b, 255]))
        }
        _ => Err("expected six hexadecimal digits such as '#2b2f36', or 'transparent'"),
    }
}

/// A number within a range.
fn number(text: &str, range: RangeInclusive<f32>) -> Result<f32, String> {
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("expected a number from {} to {}", range.start(), range.end()))
}

fn pair(text: &str, range: RangeInclusive<f32>) -> Result<[f32; 2], String> {
    match text.split_once(',') {
        Some((a, b)) => Ok([number(a, range.clone())?, number(b, range)?]),
        None => Err("expected two numbers with a comma between them".into()),
    }
}

fn turn(text: &str) -> Result<Pair, String> {
    pair(text, -360.0..=360.0).map(Pair)
}

fn percentiles(text: &str) -> Result<Pair, String> {
    match pair(text, 0.0..=100.0)? {
        [low, high] if low < high => Ok(Pair([low, high])),
        _ => Err("the first percentile has to be the smaller one".into()),
    }
}

fn percent(text: &str) -> Result<f32, String> {
    number(text, 0.0..=100.0)
}

fn strength(text: &str) -> Result<f32, String> {
    number(text, 0.0..=1.0)
}

fn zoom(text: &str) -> Result<f32, String> {
    number(text, 0.01..=100.0)
}

fn point_size(text: &str) -> Result<f32, String> {
    number(text, 0.1..=50.0)
}

fn seconds(text: &str) -> Result<f32, String> {
    number(text, 0.01..=800.0)
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Colour {
    #[default]
    Photo,
    Depth,
    Confidence,
    View,
    Height,
}

impl From<Colour> for ColourBy {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Photo => Self::Photo,
            Colour::Depth => Self::Depth,
            Colour::Confidence => Self::Confidence,
            Colour::View => Self::View,
            Colour::Height => Self::Height,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Map {
    #[default]
    Spectral,
    Turbo,
    Viridis,
    Magma,
    Grey,
}

impl From<Map> for ColourMap {
    fn from(map: Map) -> Self {
        match map {
            Map::Spectral => Self::Spectral,
            Map::Turbo => Self::Turbo,
            Map::Viridis => Self::Viridis,
            Map::Magma => Self::Magma,
            Map::Grey => Self::Grey,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Adapter {
    #[default]
    Auto,
    Software,
}

impl From<Adapter> for AdapterChoice {
    fn from(adapter: Adapter) -> Self {
        match adapter {
            Adapter::Auto => Self::Any,
            Adapter::Software => Self::Software,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        assert_eq!(size("640x480"), Ok(Size([640, 480])));
        assert_eq!(viewpoint("camera:12"), Ok(Viewpoint::Camera(12)));
        assert_eq!(turn("-30,12.5"), Ok(Pair([-30.0, 12.5])));
        assert_eq!(background("#2b2f36"), Ok(Background([0x2b, 0x2f, 0x36, 255])));
        assert_eq!(background("transparent"), Ok(Background([0; 4])));
        let list = view_list("1,3-5").expect("valid");
        let chosen: Vec<usize> = (0..9).filter(|&number| list.contains(number)).collect();
        assert_eq!((chosen, list.largest()), (vec![1, 3, 4, 5], 5));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["640", "0x10", "99999x10", "-5x5", "axb"] {
            assert!(size(text).is_err(), "{text}");
        }
        for text in ["camera:0", "camera:", "behind", "camera:-1"] {
            assert!(viewpoint(text).is_err(), "{text}");
        }
        for text in ["", "0", "5-3", "1,,2", "a"] {
            assert!(view_list(text).is_err(), "{text}");
        }
        for text in ["#12345", "#+12345", "red", "2b2f36"] {
            assert!(background(text).is_err(), "{text}");
        }
        assert!(percentiles("60,40").is_err() && percentiles("0,101").is_err() && turn("NaN,0").is_err());
    }
}
