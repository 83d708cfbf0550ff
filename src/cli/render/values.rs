//! What the options of `fathom render` can be.

use std::ops::RangeInclusive;

use clap::ValueEnum;

use crate::cli::nearest::nearest;
use crate::cli::numbers::{Pair, number, pair};
use crate::scene::{ColourBy, ColourMap, Shape, Sizing, UpAxis};

/// Longest side of a picture in pixels.
const LONGEST_SIDE: u32 = 16_384;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Size(pub [u32; 2]);

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

pub(super) fn size(text: &str) -> Result<Size, String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    match sides {
        Some(sides) if sides.iter().all(|side| (1..=LONGEST_SIDE).contains(side)) => Ok(Size(sides)),
        _ => Err(format!("expected a size such as 1920x1080, each side from 1 to {LONGEST_SIDE}")),
    }
}

/// The names of viewpoints without a number.
const VIEWPOINTS: [&str; 7] = ["home", "front", "right", "top", "back", "left", "bottom"];

pub(super) fn viewpoint(text: &str) -> Result<Viewpoint, String> {
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
    .ok_or_else(|| {
        let expected = "home, front, right, top, back, left, bottom or camera:N with N from 1 up";
        let meant = VIEWPOINTS.into_iter().chain(["camera:1"]);
        nearest(text, meant).map_or_else(
            || format!("expected {expected}"),
            |meant| format!("did you mean '{meant}'? There are {expected}"),
        )
    })
}

pub(super) fn view_list(text: &str) -> Result<ViewList, &'static str> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first > 0 && first <= last).then_some(first..=last)
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    ranges.map(ViewList).ok_or("expected numbers and ranges from 1 up, such as 1,3-5")
}

pub(super) fn background(text: &str) -> Result<Background, &'static str> {
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

pub(super) fn turn(text: &str) -> Result<Pair, String> {
    pair(text, -360.0..=360.0)
}

pub(super) fn zoom(text: &str) -> Result<f32, String> {
    number(text, 0.01..=100.0)
}

pub(super) fn point_size(text: &str) -> Result<f32, String> {
    number(text, 0.1..=50.0)
}

pub(super) fn seconds(text: &str) -> Result<f32, String> {
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
    Normal,
}

impl From<Colour> for ColourBy {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Photo => Self::Photo,
            Colour::Depth => Self::Depth,
            Colour::Confidence => Self::Confidence,
            Colour::View => Self::View,
            Colour::Height => Self::Height,
            Colour::Normal => Self::Normal,
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
pub(in crate::cli) enum Draw {
    #[default]
    Points,
    Surface,
}

impl From<Draw> for Shape {
    fn from(draw: Draw) -> Self {
        match draw {
            Draw::Points => Self::Points,
            Draw::Surface => Self::Surface,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Width {
    #[default]
    Adaptive,
    Attenuated,
    Pixels,
}

impl From<Width> for Sizing {
    fn from(width: Width) -> Self {
        match width {
            Width::Adaptive => Self::Adaptive,
            Width::Attenuated => Self::Attenuated,
            Width::Pixels => Self::Pixels,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Up {
    #[default]
    FirstCamera,
    #[value(name = "+x")]
    PlusX,
    #[value(name = "-x")]
    MinusX,
    #[value(name = "+y")]
    PlusY,
    #[value(name = "-y")]
    MinusY,
    #[value(name = "+z")]
    PlusZ,
    #[value(name = "-z")]
    MinusZ,
}

impl From<Up> for UpAxis {
    fn from(up: Up) -> Self {
        match up {
            Up::FirstCamera => Self::FirstCamera,
            Up::PlusX => Self::PlusX,
            Up::MinusX => Self::MinusX,
            Up::PlusY => Self::PlusY,
            Up::MinusY => Self::MinusY,
            Up::PlusZ => Self::PlusZ,
            Up::MinusZ => Self::MinusZ,
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
        assert!(turn("NaN,0").is_err());
    }
}
