//! What is told of photos that became one scene by the points that they share.

use serde::{Deserialize, Serialize};

use crate::input::ViewId;

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
    /// Photos among them that were placed by the depth of others, not by points that several share.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lifted: usize,
    /// Where cameras were predicted and then adjusted: how far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// How many points they share.
    pub shared: usize,
    /// These points, in the scene's world and unit; none where only their number was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<MatchedPoint>,
    /// Pairs of photos that were matched and have matches, also those that do not fit. Only of the run itself: files do not keep them.
    #[serde(skip)]
    pub matches: Vec<MatchedPair>,
}

/// What two photos have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchedPair {
    pub photos: [ViewId; 2],
    pub matched: usize,
    /// Of these, the ones that one rigid scene explains.
    pub fitting: usize,
    /// Some of them.
    pub shown: Vec<Match>,
}

/// A point in two photos: parts of width and height, from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub places: [[f32; 2]; 2],
    pub fits: bool,
}

/// How far predicted cameras were adjusted: medians over the photos that were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// How far matches lie from where cameras say, before and after, in pixels of the photos.
    pub before: f64,
    pub after: f64,
    /// Angle by which cameras were turned.
    pub degrees: f64,
    /// By how much they were moved, as a part of the depth in the middle of what they see.
    pub way: f64,
    /// By what part of it their focal length changed.
    pub focal: f64,
}

fn is_none(count: &usize) -> bool {
    *count == 0
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
        let lifted = if self.lifted > 0 { format!(", {} of them by depth", self.lifted) } else { String::new() };
        let by = format!("{shared} shared points ({by}) of {pairs} pairs");
        let depth = format!("depth by {:.1} % in the middle", 100.0 * depth_error);
        match &self.moved {
            Some(Moved { before, after, degrees, way, focal }) => format!(
                "Cameras of {placed} of {photos} photos adjusted{lifted}, by {by}: turned by {degrees:.1}°, moved by {:.1} % of the \
                 depth, focal length by {:.1} %, all in the middle; matches are off by {after:.2} pixels ({before:.2} before), {depth}",
                100.0 * way,
                100.0 * focal
            ),
            None => format!(
                "One scene of {placed} of {photos} photos{lifted}, by {by}; points are off by {residual:.2} pixels, {depth}"
            ),
        }
    }

    /// Whether such numbers can be.
    pub fn is_sound(&self) -> bool {
        let moved = self.moved.unwrap_or_default();
        let moved = [moved.before, moved.after, moved.degrees, moved.way, moved.focal];
        let numbers = [self.residual, self.depth_error].into_iter().chain(moved);
        let points = || self.points.iter().flat_map(|point| point.position);
        numbers.into_iter().all(f64::is_finite) && points().all(f32::is_finite) && self.placed <= self.photos
    }

    /// The numbers alone.
    #[must_use]
    pub fn without_points(&self) -> Self {
        Self { points: Vec::new(), matches: Vec::new(), by: self.by.clone(), ..*self }
    }

    /// Follows a world that becomes larger by `factor`.
    pub fn scale(&mut self, factor: f32) {
        self.points.iter_mut().flat_map(|point| &mut point.position).for_each(|at| *at *= factor);
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
        let moved = Moved { before: 6.5, after: 0.4, degrees: 3.21, way: 0.052, focal: 0.1 };
        let adjusted = Matched { moved: Some(moved), lifted: 1, ..matched.clone() };
        let words = "Cameras of 7 of 8 photos adjusted, 1 of them by depth, by 900 shared points (SIFT points) of 12 pairs: turned by \
                     3.2°, moved by 5.2 % of the depth, focal length by 10.0 %, all in the middle; matches are off by 0.40 pixels \
                     (6.50 before), depth by 2.2 % in the middle";
        assert_eq!(adjusted.in_words(), words);
        let broken = Moved { way: f64::INFINITY, ..moved };
        assert!(adjusted.is_sound() && !Matched { moved: Some(broken), ..matched.clone() }.is_sound());
        matched.scale(2.0);
        assert_eq!(matched.points[0].position, [2.0, -4.0, 6.0]);
        assert!(matched.is_sound() && !Matched { placed: 9, ..matched.clone() }.is_sound());
        matched.points[0].position[1] = f32::NAN;
        assert!(!matched.is_sound());
    }
}
