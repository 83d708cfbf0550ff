//! What is told of photos that became one scene by the points that they share.

use serde::{Deserialize, Serialize};

use super::Prediction;

/// How photos became one scene.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    /// Number of the scene.
    pub scene: usize,
    /// Photos that have a place in it, of those that could have one.
    pub placed: usize,
    pub photos: usize,
    /// By which kinds of points.
    pub by: String,
    /// Pairs of photos that fit.
    pub pairs: usize,
    /// Median distance between where points are and where they were found, in pixels of the photos.
    pub residual: f64,
    /// How far the depth of views is off from that of their points, as a part of it: the median of all views' medians.
    pub depth_error: f64,
    /// The points, in the scene's world and unit.
    pub points: Vec<MatchedPoint>,
}

/// A point that several photos share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchedPoint {
    pub position: [f32; 3],
    pub colour: [u8; 3],
    /// Photos that see it.
    pub seen: u32,
}

impl Matched {
    /// As a line.
    pub fn in_words(&self) -> String {
        let Self { placed, photos, by, pairs, residual, depth_error, points, .. } = self;
        format!(
            "One scene of {placed} of {photos} photos, by {} shared points ({by}) of {pairs} pairs; points are off by {residual:.2} \
             pixels, depth by {:.1} % in the middle",
            points.len(),
            100.0 * depth_error
        )
    }

    /// Follows a world that becomes larger by `factor`.
    pub fn scale(&mut self, factor: f32) {
        self.points.iter_mut().flat_map(|point| &mut point.position).for_each(|at| *at *= factor);
    }
}

impl Prediction {
    /// Of photos that became one scene by matching.
    pub fn matched_in_words(&self) -> Option<String> {
        self.matched.as_ref().map(Matched::in_words)
    }
}
