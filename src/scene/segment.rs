//! Coloured lines in the world, and the grid and axes made of them.

use glam::Vec3;

use super::{Bounds, OrbitCamera};

/// One straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    pub a: Vec3,
    pub b: Vec3,
    /// sRGB and straight alpha.
    pub colour: [u8; 4],
    /// Screen pixels at a scale of 1.
    pub width: f32,
}

/// Cells from the middle of the grid to its edge.
const GRID_CELLS: i32 = 10;

/// A level grid under `bounds` with a cell of 1, 2 or 5 × 10ⁿ units; returned with the cell's size.
pub fn grid(bounds: &Bounds, camera: &OrbitCamera, colour: [u8; 4]) -> (Vec<Segment>, f32) {
    let up = camera.up();
    let across = up.any_orthonormal_vector();
    let along = up.cross(across);
    let half = (bounds.max - bounds.min) / 2.0;
    let floor = bounds.centre() - up * (half * up).abs().element_sum();
    let cell = nice_step(bounds.radius() / 6.0);
    let extent = cell * GRID_CELLS as f32;
    let lines = (-GRID_CELLS..=GRID_CELLS).flat_map(|i| {
        let offset = i as f32 * cell;
        [(across, along), (along, across)].map(|(line, side)| Segment {
            a: floor + side * offset - line * extent,
            b: floor + side * offset + line * extent,
            colour,
            width: 1.0,
        })
    });
    (lines.collect(), cell)
}

/// sRGB of x (red), y (green) and z (blue), light enough for both themes.
pub const AXIS_COLOURS: [[u8; 3]; 3] = [[232, 84, 84], [98, 190, 98], [92, 140, 240]];

/// The world's axes at its origin, in [`AXIS_COLOURS`].
pub fn axes(length: f32) -> [Segment; 3] {
    [0, 1, 2].map(|axis: usize| {
        let [r, g, b] = AXIS_COLOURS[axis];
        Segment { a: Vec3::ZERO, b: Vec3::AXES[axis] * length, colour: [r, g, b, 255], width: 2.5 }
    })
}

/// The largest of 1, 2, 5 × 10ⁿ that is not above `size`.
pub fn nice_step(size: f32) -> f32 {
    let power = 10f32.powf(size.max(f32::MIN_POSITIVE).log10().floor());
    let factor = [5.0, 2.0].into_iter().find(|f| f * power <= size).unwrap_or(1.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rigid;

    #[test]
    fn steps_are_nice() {
        for (size, step) in [(1.0, 1.0), (1.99, 1.0), (2.5, 2.0), (7.0, 5.0), (0.034, 0.02)] {
            assert!((nice_step(size) - step).abs() < 1e-5 * step, "{size}: {}", nice_step(size));
        }
    }

    #[test]
    fn the_grid_lies_under_the_cloud() {
        let bounds = Bounds { min: Vec3::new(-1.0, -2.0, 3.0), max: Vec3::new(1.0, 2.0, 5.0) };
        let camera = OrbitCamera::new(&Rigid::IDENTITY, &bounds, 1.0);
        let (lines, cell) = grid(&bounds, &camera, [255; 4]);
        assert!(cell > 0.0 && lines.len() == 42);
        assert!(lines.iter().all(|s| (s.a.y - 2.0).abs() < 1e-5 && (s.b.y - 2.0).abs() < 1e-5), "y points down");
    }
}
