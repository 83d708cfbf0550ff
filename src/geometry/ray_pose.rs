//! The camera that explains a map of world rays (specification §5.5).
//!
//! A homography carries places in the image onto the directions of their rays. It is found by RANSAC over the most confident
//! rays, fitted again to all that agree, and taken apart into rotation and intrinsics; the rays' origins give the centre.

use glam::{DMat3, DVec2, DVec3};
use nalgebra::{Matrix3, SMatrix};

use super::alignment::glam_matrix;
use super::draws::Draws;
use super::{Intrinsics, Rigid};

/// World rays of one view, on a grid that covers its image.
#[derive(Clone, Copy, Debug)]
pub struct RayMap<'a> {
    /// Cells across and down.
    pub width: usize,
    pub height: usize,
    /// Direction (of any length) and origin of every cell, row-major: [height, width, 6].
    pub rays: &'a [f32],
    /// How sure each ray is, [height, width], ≥ 0.
    pub confidence: &'a [f32],
}

/// Directions whose z is no larger than this have no place on the plane of directions.
const LEAST_Z: f64 = 1e-4;
/// Part of the cells from which hypotheses are drawn, the most confident ones.
const CANDIDATES: f64 = 0.3;
const HYPOTHESES: usize = 100;
/// Rays per hypothesis.
const SAMPLE: usize = 8;
/// A ray agrees when it leaves the plane of directions within this distance of where the hypothesis says.
const AGREES: f64 = 0.2;
/// Rays of the last fit: of more than [`MOST_FITTED`] that agree, so many are drawn from the most confident part.
const MOST_FITTED: usize = 8000;
const FITTED_PART: f64 = 0.95;
const SEED: u64 = 42;

/// A place in the image, which spans −1..1 both ways, and where its ray leaves the plane z = 1.
#[derive(Clone, Copy)]
struct Cell {
    place: DVec2,
    target: DVec2,
    origin: DVec3,
    confidence: f64,
}

/// The camera (`camera_from_world`, and intrinsics in pixels of an image of `size`, width × height) that a map of rays
/// describes. The same map gives the same camera every time.
///
/// Rotation and principal point are exact only where the principal point is the image's centre: a bias of the method that is
/// kept, for the networks were trained with it. `None` where the rays determine no camera: fewer than eight usable ones, or
/// all of them in one plane.
pub fn camera_of_rays(map: &RayMap<'_>, size: [u32; 2]) -> Option<(Rigid, Intrinsics)> {
    let mut cells = cells(map);
    let total: f64 = cells.iter().map(|cell| cell.confidence).sum();
    let centre = cells.iter().map(|cell| cell.origin * cell.confidence).sum::<DVec3>() / total;
    // Stable, so that equal confidences keep the order of the map.
    cells.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let candidates = ((map.width * map.height) as f64 * CANDIDATES) as usize;
    let hypothesis = best_hypothesis(&cells, candidates.max(SAMPLE))?;
    let mut agreeing: Vec<Cell> = cells.into_iter().filter(|cell| agrees(&hypothesis, cell)).collect();
    if agreeing.len() > MOST_FITTED {
        agreeing.truncate(((agreeing.len() as f64 * FITTED_PART) as usize).max(MOST_FITTED));
        Draws::new(SEED).choose(&mut agreeing, MOST_FITTED);
        agreeing.truncate(MOST_FITTED);
    }
    let homography = fit(&agreeing)?;
    let (rotation, lower) = rotation_and_lower(if homography.determinant() < 0.0 { -homography } else { homography })?;
    let [width, height] = size.map(|side| f64::from(side) / 2.0);
    let intrinsics = Intrinsics {
        fx: (width / lower[(0, 0)]) as f32,
        fy: (height / lower[(1, 1)]) as f32,
        cx: ((lower[(2, 0)] + 1.0) * width) as f32,
        cy: ((lower[(2, 1)] + 1.0) * height) as f32,
    };
    let camera_from_world = Rigid::new(rotation.as_mat3(), centre.as_vec3()).inverse();
    let numbers = [intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy];
    let is_finite = centre.is_finite() && rotation.is_finite() && numbers.iter().all(|number| number.is_finite());
    is_finite.then_some((camera_from_world, intrinsics))
}

/// The cells that have a place on the plane of directions.
fn cells(map: &RayMap<'_>) -> Vec<Cell> {
    // Middles of cells.
    let place = |index: usize, count: usize| (2 * index + 1) as f64 / count as f64 - 1.0;
    let rays = map.rays.as_chunks::<6>().0.iter().zip(map.confidence).enumerate();
    rays.filter_map(|(i, (ray, &confidence))| {
        let [dx, dy, dz, x, y, z] = ray.map(f64::from);
        let cell = Cell {
            place: DVec2::new(place(i % map.width, map.width), place(i / map.width, map.height)),
            target: DVec2::new(dx, dy) / dz,
            origin: DVec3::new(x, y, z),
            confidence: f64::from(confidence),
        };
        let is_usable = dz.abs() > LEAST_Z && cell.target.is_finite() && cell.origin.is_finite();
        (is_usable && confidence > 0.0 && confidence.is_finite()).then_some(cell)
    })
    .collect()
}

/// The hypothesis with which the most confidence agrees. `cells` are sorted, the most confident first.
fn best_hypothesis(cells: &[Cell], candidates: usize) -> Option<Matrix3<f64>> {
    let mut pool: Vec<Cell> = cells.iter().take(candidates).copied().collect();
    if pool.len() < SAMPLE {
        return None;
    }
    let mut draws = Draws::new(SEED);
    let hypotheses = (0..HYPOTHESES).filter_map(|_| {
        draws.choose(&mut pool, SAMPLE);
        fit(&pool[..SAMPLE])
    });
    let score = |h: &Matrix3<f64>| cells.iter().filter(|cell| agrees(h, cell)).map(|cell| cell.confidence).sum::<f64>();
    let scored = hypotheses.map(|h| (score(&h), h)).filter(|(score, _)| *score > 0.0);
    // The first of the best, so that ties depend on nothing else.
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, h)| h)
}

fn agrees(homography: &Matrix3<f64>, cell: &Cell) -> bool {
    let at = homography * nalgebra::Vector3::new(cell.place.x, cell.place.y, 1.0);
    (DVec2::new(at.x, at.y) / at.z).distance(cell.target) < AGREES
}

/// The homography from places to targets by a direct linear transform, each row weighted by the root of its confidence; its
/// last element is 1.
fn fit(cells: &[Cell]) -> Option<Matrix3<f64>> {
    // The right singular vector of the smallest singular value is the eigenvector of AᵀA, which stays small.
    let mut normal = SMatrix::<f64, 9, 9>::zeros();
    for cell in cells {
        let ([x, y], [u, v]) = (cell.place.to_array(), cell.target.to_array());
        for row in [[-x, -y, -1.0, 0.0, 0.0, 0.0, x * u, y * u, u], [0.0, 0.0, 0.0, -x, -y, -1.0, x * v, y * v, v]] {
            let row = nalgebra::SVector::<f64, 9>::from(row);
            normal += cell.confidence * row * row.transpose();
        }
    }
    let eigen = normal.try_symmetric_eigen(f64::EPSILON, 1000)?;
    let smallest = eigen.eigenvalues.imin();
    let h = eigen.eigenvectors.column(smallest);
    let homography = Matrix3::from_row_iterator(h.iter().map(|value| value / h[8]));
    homography.iter().all(|value| value.is_finite()).then_some(homography)
}

/// `matrix` (determinant > 0) as rotation · lower, where lower is lower triangular with a positive diagonal that ends in 1.
fn rotation_and_lower(matrix: Matrix3<f64>) -> Option<(DMat3, Matrix3<f64>)> {
    let reversed = |m: &Matrix3<f64>| Matrix3::from_columns(&[m.column(2), m.column(1), m.column(0)]);
    // QR of the matrix with its columns reversed is QL of the matrix, reversed.
    let qr = reversed(&matrix).qr();
    let rotation = reversed(&qr.q());
    let r = qr.r();
    let lower = Matrix3::from_fn(|row, column| r[(2 - row, 2 - column)]);
    let signs = Matrix3::from_diagonal(&lower.diagonal().map(f64::signum));
    let (rotation, lower) = (rotation * signs, signs * lower);
    let last = lower[(2, 2)];
    (last > 0.0).then(|| (glam_matrix(&rotation), lower / last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    const SIZE: [u32; 2] = [84, 56];

    /// Rays of a camera with the principal point in the middle.
    fn rays(camera: &Rigid, intrinsics: &Intrinsics, [width, height]: [usize; 2]) -> Vec<f32> {
        let world_from_camera = camera.inverse();
        let ray = |i: usize| {
            let x = (i % width) as f32 + 0.5;
            let y = (i / width) as f32 + 0.5;
            let scale = SIZE[0] as f32 / width as f32;
            let direction = world_from_camera.rotation * intrinsics.unproject(x * scale, y * scale, 1.0);
            [direction.to_array(), world_from_camera.translation.to_array()].concat()
        };
        (0..width * height).flat_map(ray).collect()
    }

    #[test]
    fn a_camera_is_found_though_some_rays_are_wrong() {
        let camera = Rigid::looking_at(Vec3::new(1.0, -0.5, -3.0), Vec3::new(0.2, 0.0, 1.0), Vec3::Y);
        let intrinsics = Intrinsics { fx: 70.0, fy: 75.0, cx: 42.0, cy: 28.0 };
        let mut rays = rays(&camera, &intrinsics, [24, 16]);
        let mut confidence = vec![2.0; 24 * 16];
        for i in (0..24 * 16).step_by(5) {
            rays[6 * i] += 3.0;
            rays[6 * i + 4] += 100.0;
            confidence[i] = 1e-6;
        }
        let map = RayMap { width: 24, height: 16, rays: &rays, confidence: &confidence };
        let (found, k) = camera_of_rays(&map, SIZE).expect("a camera");
        assert!(found.rotation.abs_diff_eq(camera.rotation, 1e-4), "{found:?}");
        assert!((found.camera_centre() - camera.camera_centre()).length() < 1e-3);
        assert!((k.fx - 70.0).abs() < 0.01 && (k.fy - 75.0).abs() < 0.01 && (k.cx - 42.0).abs() < 0.01, "{k:?}");
        assert_eq!(camera_of_rays(&map, SIZE), Some((found, k)));
    }

    #[test]
    fn rays_that_say_nothing_give_no_camera() {
        let map =
            |rays: &[f32], confidence: &[f32]| camera_of_rays(&RayMap { width: 4, height: 4, rays, confidence }, SIZE);
        assert_eq!(map(&[0.0; 96], &[1.0; 16]), None, "no directions");
        assert_eq!(map(&[f32::NAN; 96], &[1.0; 16]), None);
        assert_eq!(map(&[1.0; 96], &[0.0; 16]), None, "nothing is sure");
        assert_eq!(map(&[], &[]), None);
    }
}
