//! Metres for what a network without a unit sees: the second network of a nested model looks at the same views, one by one,
//! and says how far things are (specification §5.6).

use candle_core::Tensor;

use super::engine::Loaded;
use super::prepare::Ready;
use super::run::Run;
use super::shrink::Extent;
use super::sky::{FILL_THRESHOLD, SHOWN_THRESHOLD};
use super::{InferenceError, RunStage, ViewPrediction, fill_sky, finish::METRIC_FOCAL};
use crate::geometry::{Rigid, percentile};
use crate::model::{Conditioning, Maps, ModelError, Network};

/// With this many pixels without sky, or fewer, there is nothing to measure by.
const TOO_FEW: usize = 10;
/// What is nearer than this in metres, or in the unit of the jointly seen depth, does not count.
const LEAST_METRES: f32 = 0.01;
const LEAST_DEPTH: f32 = 0.001;
/// Sky is nowhere farther than this, in metres.
const FARTHEST_SKY: f32 = 200.0;
/// The confidence of sky: the lowest there is.
const UNSURE: f32 = 1.0;

/// One view of a pass as both networks see it; maps of equal length.
pub struct TwiceSeen<'a> {
    pub depth: &'a mut [f32],
    pub confidence: &'a mut [f32],
    pub camera_from_world: &'a mut Rigid,
    /// Focal length in pixels of the maps.
    pub focal: f32,
    /// Depth of the metric network at its own focal length, sky filled.
    pub metric: &'a [f32],
    /// Its raw sky values.
    pub sky: &'a [f32],
}

/// Brings all views of a pass to metres with one factor, which it returns, and sets sky far away and unsure. `None`, and
/// nothing is changed, where there is hardly anything but sky.
pub fn bring_to_metres(views: &mut [TwiceSeen]) -> Option<f32> {
    let is_sky = |sky: f32| sky >= FILL_THRESHOLD || sky.is_nan();
    let confidences = views.iter().flat_map(|view| {
        let pixels = view.confidence.iter().zip(view.sky);
        pixels.filter(|&(_, &sky)| !is_sky(sky)).map(|(&confidence, _)| confidence)
    });
    let confidences: Vec<f32> = confidences.collect();
    if confidences.len() <= TOO_FEW {
        return None;
    }
    let sure = percentile(confidences, 50.0)?;
    let (mut both, mut squares) = (0.0, 0.0);
    for view in views.iter() {
        let focal = view.focal / METRIC_FOCAL;
        for (i, (&depth, &metric)) in view.depth.iter().zip(view.metric).enumerate() {
            let metres = metric * focal;
            if view.confidence[i] >= sure && !is_sky(view.sky[i]) && metres > LEAST_METRES && depth > LEAST_DEPTH {
                both += f64::from(metres) * f64::from(depth);
                squares += f64::from(depth) * f64::from(depth);
            }
        }
    }
    let scale = (both / squares.max(1e-12)) as f32;
    for view in views.iter_mut() {
        view.depth.iter_mut().for_each(|depth| *depth *= scale);
        view.camera_from_world.translation *= scale;
    }
    let surfaces = views
        .iter()
        .flat_map(|view| view.depth.iter().zip(view.sky).filter(|&(_, &sky)| !is_sky(sky)).map(|(&depth, _)| depth));
    let far = percentile(surfaces, 99.0)?.min(FARTHEST_SKY);
    for view in views {
        for (i, _) in view.sky.iter().enumerate().filter(|&(_, &sky)| is_sky(sky)) {
            (view.depth[i], view.confidence[i]) = (far, UNSURE);
        }
    }
    Some(scale)
}

impl Run<'_> {
    /// Has the second network look at the views of a pass, where the model has one, and brings them to metres. Where that
    /// cannot be done, because there is hardly anything but sky, they are told as failed and left out.
    pub fn measure(&self, views: &mut Vec<(&Ready, ViewPrediction)>, extent: Extent) -> Result<(), InferenceError> {
        if !self.engine.has_metric_part() {
            return Ok(());
        }
        let mut seen = Vec::with_capacity(views.len());
        for (ready, _) in views.iter() {
            let mut maps = self.metric_maps(ready, extent.tile_bytes)?;
            // What is hidden says as little of metres as the sky does.
            if let (Some(sky), Some(hidden)) = (&mut maps.sky, ready.hidden()) {
                sky.iter_mut().zip(hidden).filter(|(_, hidden)| *hidden).for_each(|(sky, _)| *sky = 1.0);
            }
            seen.push(maps);
        }
        let mut with_sky: Vec<_> =
            seen.iter_mut().filter_map(|maps| Some((maps.depth.as_mut_slice(), maps.sky.as_deref()?))).collect();
        fill_sky(&mut with_sky);
        let twice_seen = views.iter_mut().zip(&seen).filter_map(|((_, view), maps)| {
            Some(TwiceSeen {
                focal: (view.camera.intrinsics.fx + view.camera.intrinsics.fy) / 2.0,
                depth: &mut view.depth,
                confidence: view.confidence.as_mut()?,
                camera_from_world: &mut view.camera.camera_from_world,
                metric: &maps.depth,
                sky: maps.sky.as_deref()?,
            })
        });
        let Some(scale) = bring_to_metres(&mut twice_seen.collect::<Vec<_>>()) else {
            for (ready, _) in views.drain(..) {
                let flaw = "hardly anything in it is not sky, so that nothing tells how long a metre is";
                let error = InferenceError::Unusable { path: ready.photo.path.clone(), flaw };
                self.listener.view_failed(ready.photo.id, error);
            }
            return Ok(());
        };
        for ((ready, view), maps) in views.iter_mut().zip(seen) {
            view.sky = maps.sky.map(|sky| sky.iter().map(|&s| s >= SHOWN_THRESHOLD).collect());
            view.background = view.sky.clone();
            // Gaussians stay where the surfaces are.
            view.extras.scale(scale);
            view.hide(ready.hidden().as_deref());
        }
        Ok(())
    }

    fn metric_maps(&self, ready: &Ready, tile_bytes: usize) -> Result<Maps, InferenceError> {
        let [width, height] = ready.size().map(|side| side as usize);
        let conditioning = Conditioning { tile_bytes: Some(tile_bytes), ..Conditioning::default() };
        let encoded = self.timed(RunStage::Backbone, 1, |loaded, watch| {
            let images = Tensor::from_vec(ready.tensor(), (1, 3, height, width), loaded.opened.device());
            Ok(metric(loaded)?.encode(&images.map_err(ModelError::from)?, &conditioning, watch)?)
        })?;
        let view = encoded.views.into_iter().next().ok_or(InferenceError::NothingToDo)?;
        self.timed(RunStage::Head, 1, |loaded, watch| Ok(metric(loaded)?.decode(view, watch)?))
    }
}

fn metric(loaded: &Loaded) -> Result<&Network, InferenceError> {
    loaded.network.metric().ok_or(InferenceError::NotLoaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_factor_for_all_views_and_sky_is_far_and_unsure() {
        let mut depths = [vec![1.0; 64], vec![2.0; 64]];
        let mut confidences = [vec![3.0; 64], vec![3.0; 64]];
        let mut poses = [Rigid::IDENTITY, Rigid::new(glam::Mat3::IDENTITY, glam::Vec3::X)];
        // At a focal length of 150 pixels 8 is 4 m.
        let metric = [vec![8.0; 64], vec![16.0; 64]];
        let sky: Vec<f32> = (0..64).map(|i| if i < 16 { 0.9 } else { 0.1 }).collect();
        let mut views: Vec<_> = depths
            .iter_mut()
            .zip(&mut confidences)
            .zip(&mut poses)
            .zip(&metric)
            .map(|(((depth, confidence), camera_from_world), metric)| TwiceSeen {
                depth,
                confidence,
                camera_from_world,
                focal: 150.0,
                metric,
                sky: &sky,
            })
            .collect();
        assert_eq!(bring_to_metres(&mut views), Some(4.0));
        assert_eq!((depths[0][16], depths[1][63]), (4.0, 8.0));
        assert_eq!((depths[0][0], confidences[0][0], confidences[0][16]), (8.0, 1.0, 3.0));
        assert_eq!(poses[1].translation, glam::Vec3::X * 4.0);
    }

    #[test]
    fn sky_alone_says_nothing() {
        let (mut depth, mut confidence, mut pose) = (vec![1.0; 64], vec![2.0; 64], Rigid::IDENTITY);
        let view = TwiceSeen {
            depth: &mut depth,
            confidence: &mut confidence,
            camera_from_world: &mut pose,
            focal: 300.0,
            metric: &[5.0; 64],
            sky: &std::array::from_fn::<f32, 64, _>(|i| if i < 54 { 1.0 } else { 0.0 }),
        };
        assert_eq!(bring_to_metres(&mut [view]), None);
        assert_eq!(depth, [1.0; 64]);
    }
}
