//! Where a cloud lies, not fooled by the few points that fly far away.

use glam::Vec3;

use super::percentiles;

/// An axis-aligned box in the world that holds the bulk of a cloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub min: Vec3,
    pub max: Vec3,
}

impl Bounds {
    /// From the 3rd to the 97th percentile of each axis, widened by a tenth; `None` without a finite point.
    pub fn robust(points: &[Vec3]) -> Option<Self> {
        let finite = || points.iter().filter(|p| p.is_finite());
        let [x, y, z] = [0, 1, 2].map(|axis: usize| percentiles(finite().map(move |point| point[axis]), [3.0, 97.0]));
        let (x, y, z) = (x?, y?, z?);
        let (min, max) = (Vec3::new(x[0], y[0], z[0]), Vec3::new(x[1], y[1], z[1]));
        let margin = (max - min) * 0.05;
        Some(Self { min: min - margin, max: max + margin })
    }

    /// The middle of the box.
    pub fn centre(&self) -> Vec3 {
        (self.min + self.max) / 2.0
    }

    /// Half the diagonal, never zero.
    pub fn radius(&self) -> f32 {
        ((self.max - self.min).length() / 2.0).max(1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_and_hostile_points_are_ignored() {
        let mut points: Vec<Vec3> = (0..1000).map(|i| Vec3::splat(i as f32 / 1000.0)).collect();
        points.extend([Vec3::splat(1e8), Vec3::splat(f32::NAN), Vec3::new(f32::INFINITY, 0.0, 0.0)]);
        let bounds = Bounds::robust(&points).expect("points");
        assert!(bounds.min.min_element() > -0.1 && bounds.max.max_element() < 1.1, "{bounds:?}");
        assert!((bounds.centre() - Vec3::splat(0.5)).length() < 0.05);
        assert_eq!(Bounds::robust(&[]), None);
        assert!(Bounds::robust(&[Vec3::ONE]).is_some_and(|b| b.radius() > 0.0));
    }
}
