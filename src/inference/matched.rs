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
    /// How many points they share.
    pub shared: usize,
    /// These points, in the scene's world and unit; none where only their number was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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
        let Self { placed, photos, by, pairs, residual, depth_error, shared, .. } = self;
        format!(
            "One scene of {placed} of {photos} photos, by {shared} shared points ({by}) of {pairs} pairs; points are off by {residual:.2} \
             pixels, depth by {:.1} % in the middle",
            100.0 * depth_error
        )
    }

    /// Whether such numbers can be.
    pub fn is_sound(&self) -> bool {
        let numbers = [self.residual, self.depth_error];
        let points = || self.points.iter().flat_map(|point| point.position);
        numbers.iter().all(|number| number.is_finite()) && points().all(f32::is_finite) && self.placed <= self.photos
    }

    /// The numbers alone.
    #[must_use]
    pub fn without_points(&self) -> Self {
        Self { points: Vec::new(), by: self.by.clone(), ..*self }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_was_matched() {
        let point = MatchedPoint { position: [1.0, -2.0, 3.0], colour: [1, 2, 3], seen: 2 };
        let mut matched = Matched {
            placed: 7,
            photos: 8,
            by: "SIFT points".into(),
            pairs: 12,
            residual: 0.456,
            depth_error: 0.0221,
            shared: 900,
            points: vec![point],
            ..Matched::default()
        };
        let words = "One scene of 7 of 8 photos, by 900 shared points (SIFT points) of 12 pairs; points are off by 0.46 pixels, depth \
                     by 2.2 % in the middle";
        assert_eq!(matched.in_words(), words);
        matched.scale(2.0);
        assert_eq!(matched.points[0].position, [2.0, -4.0, 6.0]);
        assert!(matched.is_sound() && !Matched { placed: 9, ..matched.clone() }.is_sound());
        matched.points[0].position[1] = f32::NAN;
        assert!(!matched.is_sound());
    }
}
