//! The pixels of shared photos that both passes are sure of.

use glam::{DMat3, DVec3};

use crate::geometry::{Intrinsics, Similarity, percentile};
use crate::inference::ViewPrediction;

/// A pixel is sure above this part of the lesser of both passes' median confidences (specification §8.3).
const SURE: f32 = 0.1;
/// Pixels to each side in which the two depths are compared: what differs by chance differs less over 25 pixels, and
/// what has moved as a whole stands out.
const AROUND: usize = 2;

/// One pixel that both passes are sure of.
#[derive(Clone, Copy, Debug)]
pub struct Pixel {
    /// Which of the pairs shows it.
    pub pair: usize,
    /// Column and row.
    pub at: [usize; 2],
    /// z-depth in the new pass and in the scene, each in its own unit.
    depth: [f64; 2],
    /// √(c₁·c₂), > 0.
    pub weight: f64,
}

impl Pixel {
    /// Depth in the scene per depth in the new pass. All pixels of a photo have the same, but for errors.
    pub fn ratio(&self) -> f64 {
        self.depth[1] / self.depth[0]
    }

    /// Geometric mean of both depths: weights and bounds that come from it favour neither side's noise.
    pub fn middle(&self) -> f64 {
        (self.depth[0] * self.depth[1]).sqrt()
    }
}

/// The pixels of all pairs that are sure, evenly spread and at most `most`, in the order of the pairs.
pub fn sure_pixels(pairs: &mut [Pair], most: usize) -> Vec<Pixel> {
    let thinned = |count: usize| count.div_ceil(most).max(1);
    let step = thinned(pairs.iter().map(|pair| pair.size[0] * pair.size[1]).sum());
    let median = |side: usize| {
        let confidences = pairs.iter().flat_map(|pair| {
            lattice(pair.size, step).filter_map(move |at| pair.sides[side].confidence(pair.index(at)))
        });
        percentile(confidences, 50.0).unwrap_or(0.0)
    };
    let sure = SURE * median(0).min(median(1)).max(0.0);
    pairs.iter_mut().for_each(|pair| pair.sure = sure);

    let pixels = |step: usize| {
        pairs.iter().enumerate().flat_map(move |(i, pair)| {
            let pixels = lattice(pair.size, step).filter_map(|at| pair.pixel(at));
            pixels.map(move |pixel| Pixel { pair: i, ..pixel })
        })
    };
    pixels(thinned(pixels(1).count())).collect()
}

/// Every `step`-th pixel of each row, shifted from row to row by the golden section, so that they form no columns.
fn lattice([width, height]: [usize; 2], step: usize) -> impl Iterator<Item = [usize; 2]> {
    let shift = (step as f64 * 0.382).round() as usize;
    (0..height).flat_map(move |v| (v * shift % step..width).step_by(step).map(move |u| [u, v]))
}

/// A photo as the new pass sees it and as it stands in the scene.
pub struct Pair<'a> {
    sides: [Side<'a>; 2],
    size: [usize; 2],
    /// Confidence, from 0 on, above which a pixel is sure.
    sure: f32,
}

impl<'a> Pair<'a> {
    /// `None` where pixels do not correspond because the sizes differ.
    pub fn new(moving: &'a ViewPrediction, reference: &'a ViewPrediction) -> Option<Self> {
        let size = [moving.width, moving.height];
        let sides = [Side::new(moving), Side::new(reference)];
        (size == [reference.width, reference.height]).then_some(Self {
            sides,
            size: size.map(|side| side as usize),
            sure: 0.0,
        })
    }

    fn index(&self, [u, v]: [usize; 2]) -> usize {
        v * self.size[0] + u
    }

    fn pixel(&self, at: [usize; 2]) -> Option<Pixel> {
        let (i, [moving, reference]) = (self.index(at), &self.sides);
        let confidence = [moving.confidence(i)?, reference.confidence(i)?];
        let depth = [moving.depth(i)?, reference.depth(i)?];
        let weight = (f64::from(confidence[0]) * f64::from(confidence[1])).sqrt();
        confidence.iter().all(|&c| c > self.sure).then_some(Pixel { pair: 0, at, depth, weight })
    }

    /// The sure pixels around one, itself among them.
    pub fn around(&self, [u, v]: [usize; 2]) -> impl Iterator<Item = Pixel> {
        let range = |at: usize, end: usize| at.saturating_sub(AROUND)..(at + AROUND + 1).min(end);
        let [width, height] = self.size;
        range(v, height).flat_map(move |v| range(u, width).filter_map(move |u| self.pixel([u, v])))
    }

    /// Where in its world either side has what a pixel shows, with this mean and ratio of their depths.
    pub fn points(&self, at: [usize; 2], middle: f64, ratio: f64) -> [DVec3; 2] {
        let [moving, reference] = &self.sides;
        [moving.point(at, middle / ratio.sqrt()), reference.point(at, middle * ratio.sqrt())]
    }

    /// The photo's camera in either world.
    pub fn centres(&self) -> [DVec3; 2] {
        self.sides.each_ref().map(|side| side.centre)
    }

    /// What the photo's two cameras say, where the scene is `scale` times as large.
    pub fn similarity(&self, scale: f64) -> Similarity {
        let [moving, reference] = &self.sides;
        let rotation = reference.rotation * moving.rotation.transpose();
        Similarity { scale, rotation, translation: reference.centre - scale * (rotation * moving.centre) }
    }
}

/// One pass's view of a photo.
struct Side<'a> {
    view: &'a ViewPrediction,
    intrinsics: Intrinsics,
    /// World from camera.
    rotation: DMat3,
    centre: DVec3,
}

impl<'a> Side<'a> {
    fn new(view: &'a ViewPrediction) -> Self {
        let camera = &view.camera.camera_from_world;
        let rotation = camera.rotation.as_dmat3().transpose();
        let centre = -(rotation * camera.translation.as_dvec3());
        Self { view, intrinsics: view.camera.intrinsics, rotation, centre }
    }

    /// From 0 on; 1 everywhere where the network gives none.
    fn confidence(&self, i: usize) -> Option<f32> {
        let Some(confidence) = &self.view.confidence else { return Some(1.0) };
        confidence.get(i).map(|c| c - 1.0).filter(|c| c.is_finite())
    }

    /// `None` where there is no surface.
    fn depth(&self, i: usize) -> Option<f64> {
        let is_background = self.view.background.as_ref().is_some_and(|map| map.get(i) == Some(&true));
        let depth = self.view.depth.get(i).copied().filter(|depth| depth.is_finite() && *depth > 0.0)?;
        (!is_background).then_some(f64::from(depth))
    }

    fn point(&self, [u, v]: [usize; 2], depth: f64) -> DVec3 {
        self.rotation * (self.intrinsics.unproject(u as f32, v as f32, 1.0).as_dvec3() * depth) + self.centre
    }
}
