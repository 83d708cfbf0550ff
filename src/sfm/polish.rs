//! The last adjustment: cameras, points and lenses together, in which what lies far off says little.
//!
//! While a scene grows, observations are counted by Huber's loss, where every stray pulls with full weight. In a scene that is whole
//! strays are known for what they are, and Cauchy's loss lets go of them.

use glam::DVec3;
use nalgebra::{Matrix3, Point2, Point3, Rotation3, Vector3};
use openmvg_ba::{
    BundleAdjuster, BundleIntrinsic, BundleObservation, BundlePoint, BundlePose, BundleProblem, IntrinsicVariables,
    NativeBundleAdjuster, PoseVariables, ResidualScale, RobustLoss, SolveConfig,
};
use openmvg_core::model::{CameraIntrinsics, WorldToCameraPose};
use openmvg_core::{Camera, PixelThreshold};

use super::given::corner_based;
use super::lens::{Lenses, bent, solved as lens_of};
use super::pair::in_photos;
use super::told::rigid;
use super::{Solved, SolvedCamera, SolverView};
use crate::geometry::Rigid;

/// Pixels of a photo whose longer side is 1600 from which on an observation says the less the farther off it is.
const SOFT: f64 = 2.0;
/// So far, in parts of it, the focal length of a known lens may be left by the search for its radial term.
const FOCAL_OFF: f64 = 0.05;
/// A radial term of a known lens pays where what is left comes down to this part.
const PAYS: f64 = 0.97;

/// Adjusts a scene once more, where that can be done. A lens that is known keeps its focal length, and gets a radial term where that
/// explains clearly more.
pub(super) fn polish(solved: &mut Solved, views: &[SolverView], lenses: &Lenses) {
    let scene = Scene { solved, views, of: &lenses.of };
    let start: Option<Vec<Camera>> = (0..lenses.cameras.len()).map(|lens| scene.lens(lens, lenses)).collect();
    let Some(start) = start else { return };
    let is_known = |lens: usize| lenses.is_known(lens);
    let Some(mut best) = scene.adjusted(&start, &is_known) else { return };
    if (0..start.len()).any(is_known)
        && let Some(free) = scene.adjusted(&start, &|_| false)
    {
        let bent: Vec<Camera> = (0..start.len())
            .map(|lens| if is_known(lens) { held(&start[lens], &free.lenses[lens]) } else { start[lens].clone() })
            .collect();
        let better = scene.adjusted(&bent, &is_known).filter(|bent| bent.left < PAYS * best.left);
        best = better.unwrap_or(best);
    }
    *solved = best.solved;
}

/// A known lens with the radial term of another one near to it: it moves pixels as far.
fn held(known: &Camera, near: &Camera) -> Camera {
    let (Some((lens, _)), Some((other, k1))) = (lens_of(known), lens_of(near)) else { return known.clone() };
    let ratio = f64::from(lens.fx / other.fx);
    let is_near = (ratio - 1.0).abs() <= FOCAL_OFF;
    bent(&lens, k1 * ratio * ratio).ok().filter(|_| is_near).unwrap_or_else(|| known.clone())
}

/// What is adjusted.
struct Scene<'a> {
    solved: &'a Solved,
    views: &'a [SolverView],
    /// By photo, its lens.
    of: &'a [usize],
}

/// How it came out.
struct Adjusted {
    solved: Solved,
    lenses: Vec<Camera>,
    /// The sum of losses, px².
    left: f64,
}

impl Scene<'_> {
    /// A lens as it was solved, or where no photo with a camera has it, as it began; with a radial term, of 0 where it had none.
    fn lens(&self, lens: usize, lenses: &Lenses) -> Option<Camera> {
        let photo = (0..self.of.len()).find(|&photo| self.of[photo] == lens && self.solved.cameras[photo].is_some());
        let (intrinsics, k1) = match photo.and_then(|photo| self.solved.cameras[photo]) {
            Some(camera) => (camera.intrinsics, camera.k1),
            None => lens_of(&lenses.cameras[lens])?,
        };
        bent(&intrinsics, k1).ok()
    }

    /// With lenses that begin at these; those that are held stay there. `None` where the solver finds nothing to adjust.
    fn adjusted(&self, lenses: &[Camera], is_held: &dyn Fn(usize) -> bool) -> Option<Adjusted> {
        let photos: Vec<usize> = (0..self.views.len()).filter(|&photo| self.solved.cameras[photo].is_some()).collect();
        let poses = photos.iter().map(|&photo| Some(BundlePose::new(self.pose(photo)?, PoseVariables::FREE)));
        let intrinsics = lenses.iter().enumerate().map(|(lens, camera)| {
            let size = (0..self.of.len()).find(|&photo| self.of[photo] == lens).map(|photo| self.views[photo].size)?;
            let is_free = !is_held(lens) && photos.iter().any(|&photo| self.of[photo] == lens);
            let free = IntrinsicVariables::FIXED.with_focal(is_free).with_radial(is_free);
            BundleIntrinsic::try_new(CameraIntrinsics::try_new(camera.clone(), size[0], size[1]).ok()?, free).ok()
        });
        let points =
            self.solved.points.iter().map(|point| BundlePoint::try_new(Point3::from(point.position.to_array())));
        let place = |photo: u32| photos.binary_search(&(photo as usize)).ok();
        let mut observations = Vec::new();
        for (number, point) in self.solved.points.iter().enumerate() {
            for &[photo, keypoint] in &point.seen {
                let at = corner_based(self.views[photo as usize].keypoints[keypoint as usize]).map(f64::from);
                let (pose, lens) = (place(photo)?, self.of[photo as usize]);
                observations.push(BundleObservation::try_new(pose, lens, number, Point2::from(at)).ok()?);
            }
        }
        let sizes: Vec<[u32; 2]> = photos.iter().map(|&photo| self.views[photo].size).collect();
        let soft = PixelThreshold::try_new(in_photos(SOFT, &sizes)).ok()?;
        let (poses, intrinsics) = (poses.collect::<Option<_>>()?, intrinsics.collect::<Option<_>>()?);
        let problem = BundleProblem::builder(poses, intrinsics, points.collect::<Result<_, _>>().ok()?, observations);
        let problem = problem.with_robust_loss(RobustLoss::Cauchy(ResidualScale::Pixels(soft))).build().ok()?;
        let config = SolveConfig::default();
        let solution = NativeBundleAdjuster::new().solve(&problem, config).ok()?;
        solution.audit_for_commit(&problem, &config).ok()?;
        let lenses: Vec<Camera> = solution.intrinsics().iter().map(|lens| lens.camera().clone()).collect();
        let mut solved = self.solved.clone();
        for (&photo, pose) in photos.iter().zip(solution.poses()) {
            let (intrinsics, k1) = lens_of(&lenses[self.of[photo]])?;
            solved.cameras[photo] = Some(SolvedCamera { intrinsics, k1, camera_from_world: rigid(pose) });
        }
        let mut off = solution.observation_residuals(&problem).ok()?.into_iter();
        for (point, at) in solved.points.iter_mut().zip(solution.points()) {
            let off: Vec<Option<f64>> = off.by_ref().take(point.seen.len()).collect();
            // What does not say where a point is has left it in its place.
            if let Some(off) = off.into_iter().sum::<Option<f64>>() {
                (point.position, point.error) = (DVec3::new(at.x, at.y, at.z), off / point.seen.len() as f64);
            }
        }
        solved.measure();
        Some(Adjusted { solved, lenses, left: solution.report().final_objective() })
    }

    fn pose(&self, photo: usize) -> Option<WorldToCameraPose> {
        let Rigid { rotation, translation, .. } = self.solved.cameras[photo]?.camera_from_world;
        let rotation = rotation.as_dmat3().to_cols_array();
        // Exactly a rotation again, after 32 bits.
        let rotation = Rotation3::from_matrix(&Matrix3::from_column_slice(&rotation));
        let centre = rotation.inverse() * -Vector3::from(translation.as_dvec3().to_array());
        WorldToCameraPose::from_rotation_center(rotation, Point3::from(centre)).ok()
    }
}
