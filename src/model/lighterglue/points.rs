//! The points of a photo, as they come to the network.

/// The points of one photo.
#[derive(Clone, Copy)]
pub struct Points<'a> {
    /// (x, y) in pixels.
    pub positions: &'a [[f32; 2]],
    /// [points, 64], each of length 1.
    pub descriptors: &'a [f32],
    /// Width and height of the photo.
    pub size: [f32; 2],
}
