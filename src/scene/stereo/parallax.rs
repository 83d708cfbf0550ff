//! How far apart both eyes see a thing, from how near it is.

use serde::{Deserialize, Serialize};

use super::Nearness;

/// Depth has stray values at both ends: what the range is measured by lies between these percentiles.
const ENDS: [f32; 2] = [2.0, 98.0];
/// How far parallax may leave the range that was asked for, in parts of it. What is nearer or farther still lies there.
const MARGIN: f32 = 0.5;

/// How far apart the eyes are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EyeDistance {
    /// As far as it takes for the parallax of the nearest surface to differ from that of the farthest by this part of the
    /// picture's width, percent. Needs neither a scale nor a lens.
    PercentOfWidth(f32),
    /// Between the pupils, or between two cameras; needs depth in metres.
    Millimetres(f32),
}

/// What decides how deep a pair of pictures looks, and where the screen is in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Eyes {
    pub distance: EyeDistance,
    /// The depth that lies in the plane of the screen, as a percentile: 0 the nearest, so that everything lies behind the screen,
    /// 100 the farthest, so that everything stands before it.
    pub convergence: f32,
}

impl Default for Eyes {
    fn default() -> Self {
        Self { distance: EyeDistance::PercentOfWidth(2.0), convergence: 50.0 }
    }
}

/// Parallax in pixels of a surface at z-depth Z: gain · (1/Z − 1/Z₀), where Z₀ is the plane of the screen. For cameras at distance
/// b with focal length f in pixels the gain is b · f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parallax {
    gain: f32,
    screen: f32,
    /// Between which 1/Z is kept.
    limits: [f32; 2],
}

impl Eyes {
    /// The parallax in a picture `width` pixels wide. `focal`: the focal length in pixels of that picture, where its depth is in
    /// metres.
    ///
    /// `None` where a distance in millimetres meets depth of unknown scale.
    pub fn parallax(&self, nearness: &Nearness, width: u32, focal: Option<f32>) -> Option<Parallax> {
        let surfaces = nearness.surfaces();
        let at = |percentile: f32| surfaces.map_or(0.0, |surfaces| surfaces.at(percentile));
        let [far, near] = ENDS.map(at);
        let screen = at((100.0 - self.convergence).clamp(ENDS[0], ENDS[1]));
        Some(match self.distance {
            EyeDistance::PercentOfWidth(percent) => {
                let range = near - far;
                let gain = if range > 0.0 { percent / 100.0 * width as f32 / range } else { 0.0 };
                // What has no surface lies where the farthest surface does, not at infinity, which may be much farther.
                let limits = [at(0.0).max(far - MARGIN * range), near + MARGIN * range];
                Parallax { gain, screen, limits }
            }
            EyeDistance::Millimetres(distance) => {
                Parallax { gain: distance / 1000.0 * focal?, screen, limits: [0.0, f32::MAX] }
            }
        })
    }
}

impl Parallax {
    /// Of a surface at 1/Z, pixels: positive before the screen, where the left eye sees things further to the right than the right
    /// eye.
    pub fn of(&self, inverse_depth: f32) -> f32 {
        self.gain * (inverse_depth.clamp(self.limits[0], self.limits[1]) - self.screen)
    }

    #[cfg(test)]
    pub(super) fn plain(gain: f32, screen: f32) -> Self {
        Self { gain, screen, limits: [0.0, f32::MAX] }
    }
}
