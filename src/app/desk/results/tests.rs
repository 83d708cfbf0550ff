//! Scales that are set and taken back, by scene.

use std::path::PathBuf;

use glam::Vec3;

use super::*;
use crate::app::desk::views::ViewList;
use crate::examples::synthetic;
use crate::worker::RunId;

const RUN: RunId = RunId(4);

/// Views of the scenes given, with cameras apart from each other, in a list of their own.
fn finished(scenes: &[usize]) -> (Results, ViewList, Vec<Arc<ViewPrediction>>) {
    let mut list = ViewList::default();
    let paths: Vec<_> = (0..scenes.len()).map(|index| PathBuf::from(format!("{index}.png"))).collect();
    let ids = list.add(paths.clone(), []);
    let views: Vec<_> = ids
        .into_iter()
        .zip(paths)
        .zip(scenes)
        .enumerate()
        .map(|(index, ((id, path), &scene))| {
            let mut view = synthetic::render(index, 24, 18).into_prediction(id, path);
            view.scene = scene;
            view.camera.camera_from_world.translation = Vec3::new(index as f32, 0.5, -1.0);
            Arc::new(view)
        })
        .collect();
    let prediction = Prediction { unit: DepthUnit::Relative, views: views.clone(), ..Prediction::default() };
    let mut results = Results::default();
    results.finish(RUN, Finished { prediction: Arc::new(prediction), notes: RunNotes::default() }, list.rows());
    (results, list, views)
}

#[test]
fn a_scale_multiplies_depth_and_camera_positions_of_all_views() {
    let (mut results, list, given) = finished(&[0, 0]);
    results.hide(&[ViewId(1)], true);
    let before = results.revision();
    let selected = list.selected();
    assert_eq!(results.set_scale(selected, Some(2.5)), Some(2.5));
    assert_eq!(results.set_scale(selected, Some(2.0)), Some(2.0), "on top of the one before");
    for (view, given) in results.views().iter().zip(&given) {
        assert_eq!(view.depth[40], given.depth[40] * 5.0);
        let [shown, given] = [view, given].map(|view| view.camera.camera_from_world);
        assert_eq!((shown.translation, shown.rotation), (given.translation * 5.0, given.rotation));
    }
    assert_eq!((results.unit_of(selected), results.set_scale_of(selected)), (DepthUnit::Metres, Some(5.0)));
    assert!(results.hidden().contains(&ViewId(1)) && results.revision() > before);
}

#[test]
fn the_original_comes_back_as_it_was() {
    let (mut results, list, given) = finished(&[0, 0]);
    results.set_scale(list.selected(), Some(0.37));
    assert!(results.set_scale(list.selected(), None).is_some_and(|grown| (grown - 1.0 / 0.37).abs() < 1e-5));
    for (view, given) in results.views().iter().zip(&given) {
        assert!(Arc::ptr_eq(view, given) && Arc::ptr_eq(results.get(given.view).expect("there"), given));
    }
    assert_eq!((results.unit_of(None), results.set_scale_of(None)), (DepthUnit::Relative, None));
    assert!(results.shown().expect("finished").prediction.set_scales.is_empty());
}

#[test]
fn every_scene_has_its_own_scale_and_unit() {
    let (mut results, _, given) = finished(&[0, 1]);
    results.set_scale(Some(ViewId(1)), Some(3.0));
    assert_eq!([0, 1].map(|id| results.unit_of(Some(ViewId(id)))), [DepthUnit::Relative, DepthUnit::Metres]);
    assert!(Arc::ptr_eq(&results.views()[0], &given[0]), "the other scene stays");
    let shown = results.shown().expect("finished").prediction;
    assert_eq!([0, 1].map(|scene| shown.unit_of(scene)), [DepthUnit::Relative, DepthUnit::Metres]);
    assert_eq!(shown.set_scales, [(1, 3.0)].into());
    assert_eq!(shown.views[1].depth[7], given[1].depth[7] * 3.0);
    assert_eq!(results.finished().expect("finished").prediction.views[1].depth[7], given[1].depth[7]);
}

#[test]
fn views_that_come_later_in_the_run_get_the_scale_and_the_next_run_does_not() {
    let (_, list, given) = finished(&[0, 0, 0]);
    let mut results = Results::default();
    results.add(RUN, DepthUnit::Relative, Arc::clone(&given[0]), list.rows());
    results.set_scale(None, Some(2.0));
    results.add(RUN, DepthUnit::Relative, Arc::clone(&given[1]), list.rows());
    assert_eq!(results.views()[1].depth[3], given[1].depth[3] * 2.0);
    let scaled = Arc::clone(&results.views()[0]);
    let prediction = Prediction { views: given.clone(), ..Prediction::default() };
    let whole = Finished { prediction: Arc::new(prediction), notes: RunNotes::default() };
    results.finish(RUN, whole, list.rows());
    assert!(Arc::ptr_eq(&results.views()[0], &scaled), "not computed twice");
    assert_eq!((results.views().len(), results.unit_of(None)), (3, DepthUnit::Metres));
    results.add(RunId(5), DepthUnit::Relative, Arc::clone(&given[0]), list.rows());
    assert!(Arc::ptr_eq(&results.views()[0], &given[0]));
    assert_eq!((results.views().len(), results.unit_of(None)), (1, DepthUnit::Relative));
}

#[test]
fn a_view_taken_off_the_list_is_not_exported() {
    let (mut results, mut list, given) = finished(&[0, 0]);
    results.set_scale(None, Some(4.0));
    list.remove(&[ViewId(1)]);
    results.reorder(list.rows());
    let shown = results.shown().expect("finished").prediction;
    assert_eq!(shown.views.len(), 1);
    assert_eq!(shown.views[0].depth[0], given[0].depth[0] * 4.0);
    assert_eq!(results.finished().expect("finished").prediction.views.len(), 2, "what the run gave stays");
}

#[test]
fn a_view_that_was_left_out_is_shown_and_not_exported() {
    let (mut results, _, _) = finished(&[0, 0]);
    results.leave_out(&[ViewId(0)], true);
    let ids = |finished: Option<Finished>| -> Vec<u64> {
        finished.expect("finished").prediction.views.iter().map(|view| view.view.0).collect()
    };
    assert_eq!((ids(results.shown()), ids(results.to_export())), (vec![0, 1], vec![1]));
    let kept = results.kept();
    results.leave_out(&[ViewId(0)], false);
    assert_eq!(ids(results.to_export()), [0, 1]);
    results.bring_back(&kept, &[]);
    assert!(results.are_left_out(&[]) && results.is_empty());
}

#[test]
fn scales_that_are_no_scales_are_refused() {
    let (mut results, list, _) = finished(&[0]);
    for factor in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(results.set_scale(list.selected(), Some(factor)), None);
    }
    assert_eq!(results.set_scale_of(None), None);
    assert_eq!(Results::default().set_scale(None, Some(2.0)), None);
}
