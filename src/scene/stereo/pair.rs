//! A picture for either eye, from a photo and what is near in it.

use image::RgbImage;

use super::warp::eye;
use super::{Nearness, Parallax};

/// Two pictures of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StereoPair<P = RgbImage> {
    pub left: P,
    pub right: P,
}

impl StereoPair {
    /// What both eyes see of `picture`, whose `nearness` has the same size. The photo itself stands in the middle between them.
    ///
    /// Every pixel goes aside by half its parallax, to the right in the left eye and to the left in the right one; of several
    /// that meet the nearest is seen. What neither shows is filled from behind (see `fill`).
    ///
    /// # Panics
    /// When the sizes differ.
    pub fn new(picture: &RgbImage, nearness: &Nearness, parallax: &Parallax) -> Self {
        let size = [picture.width(), picture.height()];
        assert_eq!(size, nearness.size(), "nearness of the picture's size");
        let seen = |side: f32| eye(picture, nearness, parallax, side * 0.5);
        Self { left: seen(1.0), right: seen(-1.0) }
    }
}
