//! What a picture of all of a scene has to hold.

use glam::Vec3;

use super::Bounds;

/// Points of a cloud, and the places where its photos were taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Extent {
    /// Where the bulk of the points lies.
    pub bounds: Bounds,
    /// An even sample of the points, in the world.
    pub points: Vec<Vec3>,
    /// Corners of the pyramids that stand for the cameras; empty where they say nothing.
    pub cameras: Vec<Vec3>,
}

impl Extent {
    /// The same of a world whose coordinates are multiplied by `factor`.
    #[must_use]
    pub fn scaled(mut self, factor: f32) -> Self {
        self.points.iter_mut().chain(&mut self.cameras).for_each(|point| *point *= factor);
        self.bounds = Bounds { min: self.bounds.min * factor, max: self.bounds.max * factor };
        self
    }
}
