//! Maps of a straight picture brought back to the photo that it was made of.

use rayon::prelude::*;

use super::Enlarging;
use super::full_size::{SizedMaps, is_one_surface};
use crate::geometry::{BentLens, Intrinsics};

/// Rows whose places are found at once: what they take stays small.
const BAND: usize = 64;

/// The maps as the lens would have them; `straight` has the photo's size, and `camera` is that of the straight picture. What that
/// does not show is background of depth 0.
pub(super) fn bend(straight: &SizedMaps, lens: &BentLens, camera: &Intrinsics) -> SizedMaps {
    let [width, height] = straight.size.map(|side| side as usize);
    let mut bent = SizedMaps {
        depth: Vec::with_capacity(width * height),
        confidence: straight.confidence.as_ref().map(|map| Vec::with_capacity(map.len())),
        background: Some(Vec::with_capacity(width * height)),
        sky: straight.sky.as_ref().map(|map| Vec::with_capacity(map.len())),
        ..*straight
    };
    let rows: Vec<usize> = (0..height).collect();
    for band in rows.chunks(BAND) {
        let row = |&y: &usize| (0..width).map(move |x| Place::new(lens, camera, straight, [x, y])).collect::<Vec<_>>();
        let places: Vec<Vec<Option<Place>>> = band.par_iter().map(row).collect();
        let places = || places.iter().flatten();
        bent.depth.extend(places().map(|place| place.map_or(0.0, |place| place.between(&straight.depth))));
        if let (Some(to), Some(from)) = (&mut bent.confidence, &straight.confidence) {
            to.extend(places().map(|place| place.map_or(0.0, |place| place.between(from))));
        }
        if let Some(to) = &mut bent.background {
            let mask = straight.background.as_ref();
            to.extend(places().map(|place| place.is_none_or(|place| mask.is_some_and(|mask| mask[place.nearest]))));
        }
        if let (Some(to), Some(from)) = (&mut bent.sky, &straight.sky) {
            to.extend(places().map(|place| place.is_some_and(|place| from[place.nearest])));
        }
    }
    // A mask that says nothing is none, as everywhere.
    bent.background = bent.background.filter(|mask| straight.background.is_some() || mask.contains(&true));
    bent
}

/// Where a pixel of the photo lies among those of the straight maps.
#[derive(Clone, Copy)]
struct Place {
    nearest: usize,
    /// Four pixels and their shares, where they are of one surface.
    around: Option<([usize; 4], [f32; 4])>,
}

impl Place {
    fn new(lens: &BentLens, camera: &Intrinsics, maps: &SizedMaps, [x, y]: [usize; 2]) -> Option<Self> {
        let [width, height] = maps.size.map(f64::from);
        let [u, v] = lens.straight(camera, [x as f64 + 0.5, y as f64 + 0.5])?;
        if !(0.0..width).contains(&u) || !(0.0..height).contains(&v) {
            return None;
        }
        let across = maps.size[0] as usize;
        let nearest = v as usize * across + u as usize;
        let [left, top] = [(u - 0.5).clamp(0.0, width - 1.0), (v - 0.5).clamp(0.0, height - 1.0)];
        let ([x, y], [along, down]) = ([left as usize, top as usize], [left.fract() as f32, top.fract() as f32]);
        let (right, below) = ((x + 1).min(across - 1), (y + 1).min(maps.size[1] as usize - 1));
        let at = [y * across + x, y * across + right, below * across + x, below * across + right];
        let is_smooth = match maps.enlarging {
            Some(Enlarging::Bilinear) => at.iter().all(|&at| maps.depth[at] > 0.0),
            Some(Enlarging::EdgeAware) => is_one_surface(at.map(|at| maps.depth[at])),
            Some(Enlarging::Nearest) | None => false,
        };
        let shares = [(1.0 - along) * (1.0 - down), along * (1.0 - down), (1.0 - along) * down, along * down];
        Some(Self { nearest, around: is_smooth.then_some((at, shares)) })
    }

    fn between(&self, map: &[f32]) -> f32 {
        match self.around {
            Some((at, shares)) => at.iter().zip(shares).map(|(&at, share)| map[at] * share).sum(),
            None => map[self.nearest],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Distortion, Projection, Straightening};

    #[test]
    fn a_plane_that_leans_is_where_the_lens_shows_it() {
        let intrinsics = Intrinsics { fx: 100.0, fy: 100.0, cx: 57.0, cy: 41.0 };
        let distortion = Distortion::radial(Projection::Pinhole, &[-0.3, 0.05]);
        let camera = Straightening::new(intrinsics, distortion, [112, 84]).expect("a usual lens").straight;
        // Depth that grows with the ray's x: 2 + x.
        let of_ray = |x: f64| 2.0 + x;
        let depth = (0..84 * 112)
            .map(|at| of_ray((f64::from(at % 112) + 0.5 - f64::from(camera.cx)) / f64::from(camera.fx)) as f32);
        let straight = SizedMaps {
            size: [112, 84],
            enlarging: Some(Enlarging::Bilinear),
            depth: depth.collect(),
            confidence: None,
            background: None,
            sky: Some(vec![true; 112 * 84]),
        };
        let bent = bend(&straight, &BentLens { intrinsics, distortion }, &camera);
        let mask = bent.background.as_ref().expect("corners that the straight picture does not show");
        let mut seen = 0;
        for y in 0..84 {
            for x in 0..112 {
                let at = y * 112 + x;
                let ray = distortion
                    .undistort([(x as f64 + 0.5 - 57.0) / 100.0, (y as f64 + 0.5 - 41.0) / 100.0])
                    .expect("a ray");
                assert_eq!(bent.depth[at] == 0.0, mask[at]);
                assert_eq!(bent.sky.as_ref().map(|sky| sky[at]), Some(!mask[at]));
                let is_within = (1..111).contains(&x) && (1..83).contains(&y);
                if !mask[at] && is_within {
                    assert!((f64::from(bent.depth[at]) - of_ray(ray[0])).abs() < 6e-3, "({x}, {y})");
                    seen += 1;
                }
            }
        }
        assert!(mask[0] && seen > 7000, "{seen}");
    }
}
