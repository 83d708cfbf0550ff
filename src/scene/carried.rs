//! Where the scenes of one run lie in those of another over the same photos, so that what somebody made in them comes along.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use glam::{DMat3, DVec3};

use crate::geometry::{Similarity, median};
use crate::inference::ViewPrediction;
use crate::input::ViewId;

/// Depths that are compared of each photo, along each side.
const SIDE: u32 = 24;
/// Photos that agree on the scale, as parts of it, and the share of them that has to.
const AGREES: f64 = 0.1;
const MOST: f64 = 0.5;
/// How far cameras may come to lie from where they are, as a part of the scene's depth.
const NEAR: f64 = 0.1;

/// Where a scene lies in another run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carried {
    /// Its number there.
    pub scene: usize,
    /// Carries points of the scene as it was given into the other one as that was given.
    pub similarity: Similarity,
}

impl Carried {
    /// The same for a scene that is shown `from` times as large as it was given, and `to` times in the other run.
    pub fn between(&self, from: f32, to: f32) -> Similarity {
        let (from, to) = (f64::from(from), f64::from(to));
        let Similarity { scale, rotation, translation } = self.similarity;
        Similarity { scale: scale * to / from, rotation, translation: translation * to }
    }
}

/// A photo as both runs have it.
struct Pair<'a> {
    before: &'a ViewPrediction,
    after: &'a ViewPrediction,
    /// Depth after over depth before.
    ratio: f64,
}

/// By scene of `before`: where it lies in `after`. Both as their runs gave them. A scene that has come apart, or in which cameras or
/// depths have moved against each other by more than a tenth, lies nowhere.
pub fn carried(before: &[Arc<ViewPrediction>], after: &[Arc<ViewPrediction>]) -> BTreeMap<usize, Carried> {
    let after: HashMap<ViewId, &ViewPrediction> = after.iter().map(|view| (view.view, &**view)).collect();
    let mut pairs: BTreeMap<(usize, usize), Vec<Pair<'_>>> = BTreeMap::new();
    for before in before {
        if let Some((after, ratio)) = after.get(&before.view).and_then(|&after| Some((after, ratio(before, after)?))) {
            pairs.entry((before.scene, after.scene)).or_default().push(Pair { before, after, ratio });
        }
    }
    let mut largest: BTreeMap<usize, (usize, Vec<Pair<'_>>)> = BTreeMap::new();
    for ((from, to), pairs) in pairs {
        if largest.get(&from).is_none_or(|(_, known)| known.len() < pairs.len()) {
            largest.insert(from, (to, pairs));
        }
    }
    let found = largest
        .into_iter()
        .filter_map(|(from, (scene, pairs))| Some((from, Carried { scene, similarity: similarity(&pairs)? })));
    found.collect()
}

/// Depth of a photo after over that before, in the middle of what its pixels say.
fn ratio(before: &ViewPrediction, after: &ViewPrediction) -> Option<f64> {
    let places =
        (0..SIDE * SIDE).map(|at| [at % SIDE, at / SIDE].map(|step| (f64::from(step) + 0.5) / f64::from(SIDE)));
    let depth = |view: &ViewPrediction, [x, y]: [f64; 2]| {
        let (column, row) = ((x * f64::from(view.width)) as usize, (y * f64::from(view.height)) as usize);
        view.depth.get(row * view.width as usize + column).map(|&depth| f64::from(depth)).filter(|&depth| depth > 0.0)
    };
    median(places.filter_map(|place| Some(depth(after, place)? / depth(before, place)?)))
}

/// The similarity of the photo by which the others come to lie best.
fn similarity(pairs: &[Pair<'_>]) -> Option<Similarity> {
    let scale = median(pairs.iter().map(|pair| pair.ratio))?;
    let agreeing = pairs.iter().filter(|pair| (pair.ratio / scale - 1.0).abs() < AGREES).count();
    if (agreeing as f64) < MOST * pairs.len() as f64 {
        return None;
    }
    let depth = median(pairs.iter().filter_map(|pair| middle_depth(pair.after)))?;
    let by_error = |pair: &Pair<'_>| {
        let found = by_camera(pair, scale);
        let error = |other: &Pair<'_>| (found.apply(centre(other.before)) - centre(other.after)).length();
        Some((median(pairs.iter().map(error))? / depth, found))
    };
    let (error, found) = pairs.iter().filter_map(by_error).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (error < NEAR && found.is_finite()).then_some(found)
}

/// The camera stays where it is, and what it sees becomes `scale` times as large.
fn by_camera(pair: &Pair<'_>, scale: f64) -> Similarity {
    let rotation = |view: &ViewPrediction| -> DMat3 { view.camera.camera_from_world.rotation.as_dmat3() };
    let rotation = rotation(pair.after).transpose() * rotation(pair.before);
    Similarity { scale, rotation, translation: centre(pair.after) - scale * (rotation * centre(pair.before)) }
}

fn centre(view: &ViewPrediction) -> DVec3 {
    view.camera.camera_from_world.camera_centre().as_dvec3()
}

fn middle_depth(view: &ViewPrediction) -> Option<f64> {
    median(view.depth.iter().step_by(97).map(|&depth| f64::from(depth)).filter(|&depth| depth > 0.0))
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::geometry::Rigid;
    use crate::scene::synthetic::flat_view;

    /// Three photos of one scene, and the same as another run has them: carried by a similarity.
    fn two_runs(moved: &Similarity) -> [Vec<Arc<ViewPrediction>>; 2] {
        let before = [0.0, 1.0, 2.5].map(|x| {
            let camera = Rigid::looking_at(Vec3::new(x, -0.3 * x, 0.0), Vec3::new(0.5, 0.0, 4.0), Vec3::NEG_Y);
            ViewPrediction { view: ViewId(x as u64), camera: camera_at(camera), ..flat_view(12, 8, 2.0 + x) }
        });
        let after = before.clone().map(|view| {
            let camera = moved.apply_to_camera(&view.camera.camera_from_world);
            let depth = view.depth.iter().map(|depth| depth * moved.scale as f32).collect();
            ViewPrediction { scene: 7, camera: camera_at(camera), depth, ..view }
        });
        [before, after].map(|views| views.map(Arc::new).to_vec())
    }

    fn camera_at(camera_from_world: Rigid) -> crate::inference::Camera {
        crate::inference::Camera { camera_from_world, ..flat_view(12, 8, 1.0).camera }
    }

    #[test]
    fn a_scene_is_found_in_another_run() {
        let moved = Similarity {
            scale: 2.5,
            rotation: DMat3::from_rotation_y(0.4) * DMat3::from_rotation_x(-0.2),
            translation: DVec3::new(1.0, -2.0, 0.5),
        };
        let [before, after] = two_runs(&moved);
        let found = carried(&before, &after);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&0].scene, 7);
        let point = DVec3::new(0.3, 0.7, 3.0);
        assert!((found[&0].similarity.apply(point) - moved.apply(point)).length() < 1e-4);
        let shown = found[&0].between(4.0, 0.5).apply(4.0 * point);
        assert!((shown - 0.5 * moved.apply(point)).length() < 1e-4, "as large as each is shown");
    }

    #[test]
    fn a_scene_that_has_changed_lies_nowhere() {
        let [before, mut after] = two_runs(&Similarity::IDENTITY);
        for (view, factor) in after.iter_mut().zip([1.0, 1.5, 0.6]) {
            Arc::make_mut(view).depth.iter_mut().for_each(|depth| *depth *= factor);
        }
        assert!(carried(&before, &after).is_empty(), "depths have moved against each other");
        let [before, mut after] = two_runs(&Similarity::IDENTITY);
        for (view, x) in after.iter_mut().zip([0.0, 9.0, -7.0]) {
            Arc::make_mut(view).camera.camera_from_world.translation.x += x;
        }
        assert!(carried(&before, &after).is_empty(), "cameras have");
        assert!(carried(&before, &[]).is_empty());
    }
}
