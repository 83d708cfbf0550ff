//! Points that are found without a network: blobs over all scales, told apart by SIFT's descriptors (openmvg-features).

use image::imageops::{FilterType, resize};
use image::{GrayImage, Rgb, RgbImage};
use openmvg_features::extraction::{
    AlpExtractor, AlpPreset, DescriptorStorage, FeatureBudgetPolicy, GrayImage as Grey, SiftExtractor, SiftPreset,
};

use crate::model::clearest;

/// Longer side, pixels, at which photos are searched: what only a larger one shows is seldom found again, and in a smaller one places
/// are less exact.
const LONG_SIDE: u32 = 2000;
/// The best of two photos' points that look alike counts where its distance is at most this part of the second best one's
/// (D. Lowe, 2004).
const RATIO: f32 = 0.8;

/// Which points count as blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// Extremes of the Laplacian, over a continuous scale.
    Laplacian,
    /// Extremes of differences of Gaussians, as SIFT has them.
    Sift,
}

/// Numbers of a descriptor.
const LENGTH: usize = 128;

/// The points of one photo.
pub struct ClassicalFeatures {
    /// (x, y) in pixels of the photo as it is shown; centres of pixels are whole numbers.
    pub keypoints: Vec<[f32; 2]>,
    descriptors: Vec<[u8; LENGTH]>,
}

impl ClassicalFeatures {
    /// Looks for points where `hidden` (255 where nobody looks) does not cover them, and keeps so many of those that stand out most. A
    /// photo in which nothing can be found has none.
    pub fn of(photo: &RgbImage, hidden: Option<&GrayImage>, detector: Detector, most: usize) -> Self {
        let small = shrunk(photo);
        let (width, height) = small.dimensions();
        let grey = Grey::from_fn(height as usize, width as usize, |y, x| luma(small.get_pixel(x as u32, y as u32)));
        // What lies behind a mask is left out afterwards, and must not take the place of what is seen.
        let seen = hidden.map_or(1.0, |mask| {
            mask.pixels().filter(|pixel| pixel.0[0] == 0).count() as f64 / mask.len().max(1) as f64
        });
        let most = FeatureBudgetPolicy::strongest((most as f64 / seen.max(0.05)) as usize);
        let found = match detector {
            Detector::Laplacian => {
                AlpExtractor::with_preset(AlpPreset::High).with_feature_budget(most).extract_u8(&grey).ok()
            }
            Detector::Sift => {
                SiftExtractor::with_preset(SiftPreset::High).with_feature_budget(most).extract_u8(&grey).ok()
            }
        };
        let (found, described) = found.map(|found| found.into_parts()).unwrap_or_default();
        let by = [photo.width() as f32 / width as f32, photo.height() as f32 / height as f32];
        let mut keypoints = Vec::with_capacity(found.len());
        let mut descriptors = Vec::with_capacity(found.len());
        for (point, descriptor) in found.iter().zip(&described) {
            let at = [(point.x + 0.5) * by[0] - 0.5, (point.y + 0.5) * by[1] - 0.5];
            let [x, y] = at.map(|at| at.max(0.0).round() as u32);
            let is_hidden = hidden.and_then(|mask| mask.get_pixel_checked(x, y)).is_some_and(|pixel| pixel.0[0] > 0);
            if let (false, Ok(descriptor)) = (is_hidden, descriptor.as_slice().try_into()) {
                keypoints.push(at);
                descriptors.push(descriptor);
            }
        }
        Self { keypoints, descriptors }
    }

    /// Places of points in this photo and in `other` that are each other's clearly best match, in ascending order. Each is compared with
    /// each: on a processor with products of small numbers that takes less time than an index of what may be near.
    pub fn matches(&self, other: &Self) -> Vec<[u32; 2]> {
        clearest(self.descriptors.as_flattened(), other.descriptors.as_flattened(), LENGTH, RATIO)
    }
}

fn shrunk(photo: &RgbImage) -> std::borrow::Cow<'_, RgbImage> {
    let longest = photo.width().max(photo.height());
    if longest <= LONG_SIDE {
        return std::borrow::Cow::Borrowed(photo);
    }
    let side = |side: u32| ((f64::from(side) * f64::from(LONG_SIDE) / f64::from(longest)).round() as u32).max(1);
    std::borrow::Cow::Owned(resize(photo, side(photo.width()), side(photo.height()), FilterType::Triangle))
}

/// ITU-R BT.601, 0..=255.
fn luma(Rgb([r, g, b]): &Rgb<u8>) -> f32 {
    0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::geometry::Rigid;
    use glam::Vec3;

    const MANY: usize = 10_000;

    #[test]
    fn what_is_matched_is_one_point_of_the_scene() {
        let views = [0, 1].map(|index| synthetic::render(index, 320, 240));
        for detector in [Detector::Laplacian, Detector::Sift] {
            let [a, b] = [0, 1].map(|view| ClassicalFeatures::of(&views[view].image, None, detector, MANY));
            let matches = a.matches(&b);
            assert!(matches.len() > 20, "{detector:?}: {}", matches.len());
            assert!(matches.windows(2).all(|pair| pair[0] < pair[1]));
            // Where the first view's point is in the second.
            let moved = |[x, y]: [f32; 2]| {
                let at = y.round() as usize * 320 + x.round() as usize;
                let seen: Vec3 = views[0].intrinsics.unproject(x, y, views[0].depth[at]);
                let into: Rigid = views[1].camera_from_world.after(&views[0].camera_from_world.inverse());
                let there = into.apply(seen);
                let k = views[1].intrinsics;
                [k.fx * there.x / there.z + k.cx, k.fy * there.y / there.z + k.cy]
            };
            let is_right = |pair: &&[u32; 2]| {
                let [there, told] = [moved(a.keypoints[pair[0] as usize]), b.keypoints[pair[1] as usize]];
                (there[0] - told[0]).hypot(there[1] - told[1]) < 3.0
            };
            let right = matches.iter().filter(is_right).count();
            assert!(right * 10 >= matches.len() * 8, "{detector:?}: {right} of {}", matches.len());
        }
    }

    #[test]
    fn nothing_is_found_where_nobody_looks_or_where_nothing_is() {
        let view = synthetic::render(0, 160, 120);
        let all = ClassicalFeatures::of(&view.image, None, Detector::Laplacian, MANY);
        let hidden = GrayImage::from_fn(160, 120, |x, _| image::Luma([if x < 80 { 255 } else { 0 }]));
        let few = ClassicalFeatures::of(&view.image, None, Detector::Laplacian, 20);
        assert_eq!(few.keypoints.len(), 20);
        assert!(few.keypoints.iter().all(|at| all.keypoints.contains(at)), "of those that stand out");
        let half = ClassicalFeatures::of(&view.image, Some(&hidden), Detector::Laplacian, MANY);
        assert!(!half.keypoints.is_empty() && half.keypoints.len() < all.keypoints.len());
        assert!(half.keypoints.iter().all(|at| at[0] >= 79.0));
        for blank in [RgbImage::new(160, 120), RgbImage::new(1, 1), RgbImage::new(3, 2000)] {
            let none = ClassicalFeatures::of(&blank, None, Detector::Sift, MANY);
            assert!(none.keypoints.is_empty() && none.matches(&all).is_empty());
        }
    }
}
