//! The options of stereo pictures and films of photos, and words that they share with those of scenes.

use clap::{Args, ValueEnum};

use super::numbers::{number, percent};
use crate::export::StereoOptions;
use crate::scene::{EyeDistance, Eyes, StereoLayout};

#[derive(Debug, Args)]
pub(super) struct StereoArguments {
    /// How both eyes' pictures become one: the left eye's on the left (each as wide as the photo, or squeezed to half of that) or above,
    /// or an anaglyph for red-cyan glasses
    #[arg(long, value_enum, value_name = "LAYOUT", default_value_t, help_heading = "Stereo")]
    pub stereo_layout: Layout,
    /// How deep it looks: by how much of the picture's width the parallax of the nearest surface differs from that of the farthest;
    /// or where depth is in metres, how far the eyes are apart, such as 63mm
    #[arg(long, value_name = "DISTANCE", default_value = "2%", value_parser = eye_distance, help_heading = "Stereo")]
    pub eye_distance: Distance,
    /// Which depth lies in the plane of the screen: 0 is the nearest, so that all lies behind the screen, 50 the median
    #[arg(long, value_name = "PERCENTILE", default_value_t = Eyes::default().convergence, value_parser = percent,
          help_heading = "Stereo")]
    pub convergence: f32,
    /// The right eye's picture first: to look at with crossed eyes
    #[arg(long, help_heading = "Stereo")]
    pub swap_eyes: bool,
    /// Photos per second in stereo films
    #[arg(long, value_name = "N", default_value_t = StereoOptions::default().fps,
          value_parser = clap::value_parser!(u32).range(1..=50), help_heading = "Stereo")]
    pub stereo_fps: u32,
}

/// As it is written; what percent mean depends on what is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Distance {
    Percent(f32),
    Millimetres(f32),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Layout {
    #[default]
    SideBySide,
    HalfSideBySide,
    OverUnder,
    Anaglyph,
}

impl From<Layout> for StereoLayout {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::SideBySide => Self::SideBySide,
            Layout::HalfSideBySide => Self::HalfSideBySide,
            Layout::OverUnder => Self::OverUnder,
            Layout::Anaglyph => Self::Anaglyph,
        }
    }
}

impl StereoArguments {
    pub fn options(&self) -> StereoOptions {
        let distance = match self.eye_distance {
            Distance::Percent(percent) => EyeDistance::PercentOfWidth(percent),
            Distance::Millimetres(distance) => EyeDistance::Millimetres(distance),
        };
        StereoOptions {
            eyes: Eyes { distance, convergence: self.convergence },
            layout: self.stereo_layout.into(),
            swap_eyes: self.swap_eyes,
            fps: self.stereo_fps,
        }
    }
}

pub(super) fn eye_distance(text: &str) -> Result<Distance, String> {
    match text.trim().strip_suffix("mm") {
        Some(text) => number(text, 0.1..=100_000.0).map(Distance::Millimetres),
        None => number(text.trim().trim_end_matches('%'), 0.0..=20.0).map(Distance::Percent),
    }
    .map_err(|error| format!("{error}, as percent (2%), or from 0.1 to 100000 as millimetres (63mm)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_percent_or_millimetres() {
        assert_eq!(eye_distance("2.5%"), Ok(Distance::Percent(2.5)));
        assert_eq!(eye_distance("3"), Ok(Distance::Percent(3.0)));
        assert_eq!(eye_distance("63mm"), Ok(Distance::Millimetres(63.0)));
        for text in ["", "mm", "-1", "63cm", "NaN", "0mm", "21%"] {
            assert!(eye_distance(text).is_err(), "{text}");
        }
    }
}
