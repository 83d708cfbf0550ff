//! Depths that are known before a run: which pixels they are of, and how they bring scenes to metres when it is over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{DepthFit, InferenceError, Listener, Notice, Photo, Settings, ViewPrediction};
use crate::geometry::{KnownDepth, NoFit, fit_scale, fit_scale_and_shift};
use crate::input::{InputError, KnownDepths, KnownPoint, Limits, SensorDepth, ViewId, display_name, listed};

/// Known depths of one view that are used at most: a sensor's picture has far more than a fit needs.
const MOST_VALUES: usize = 10_000;
/// Pictures of a sensor that cannot be used and are told one by one.
const MOST_FAULTS: usize = 3;
/// Scenes that are brought to metres side by side.
const SIDE_BY_SIDE: usize = 16;

/// What a run knows of depth.
pub(super) struct Known {
    points: BTreeMap<ViewId, Vec<KnownPoint>>,
    /// A folder of depth that a sensor measured.
    sensor: Option<PathBuf>,
}

/// The known depths of one view, and what could not be used.
#[derive(Default)]
struct Values {
    /// Over 1 ÷ depth, and over disparity where there is one.
    by_depth: Vec<KnownDepth>,
    by_disparity: Vec<KnownDepth>,
    left_out: LeftOut,
}

#[derive(Default)]
struct LeftOut {
    /// Points beyond the part of the photo that the maps show.
    outside: usize,
    /// Points at pixels without a surface: hidden ones and sky.
    without_surface: usize,
    fault: Option<InputError>,
}

/// The views of a scene in metres; why there is no shift, where disparity could have had one.
type Fitted = (DepthFit, Vec<Arc<ViewPrediction>>, Option<NoFit>);

impl Known {
    /// Reads what the settings name, and tells what there is to say before the run.
    pub fn read(settings: &Settings, photos: &[Photo], listener: &dyn Listener) -> Result<Self, InferenceError> {
        if let Some(folder) = settings.sensor_depth.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(InputError::Missing { path: folder.clone() }.into());
        }
        let mut known = Self { points: BTreeMap::new(), sensor: settings.sensor_depth.clone() };
        let Some(path) = &settings.known_depths else { return Ok(known) };
        let paths: Vec<&Path> = photos.iter().map(|photo| photo.path.as_path()).collect();
        let whose = KnownDepths::read(path)?.of_all(&paths);
        let tell = |names: &[String], what: &str| {
            if !names.is_empty() {
                let remark = format!("{}: {what}: {}", display_name(path), listed(names));
                listener.notice(Notice::OfDepths { remark });
            }
        };
        tell(&whose.of_none, "it has depths of photos that are not among these");
        tell(&whose.of_several, "it has depths of names that several photos have, and these are left out");
        known.points = photos.iter().map(|photo| photo.id).zip(whose.points).collect();
        Ok(known)
    }

    /// Brings scenes to metres, each by the known depths of all its views, and tells what was left out or fits badly. Returns
    /// the fits by scene.
    pub fn bring(
        &self,
        views: &mut [Arc<ViewPrediction>],
        limits: &Limits,
        listener: &dyn Listener,
    ) -> BTreeMap<usize, DepthFit> {
        let mut fits = BTreeMap::new();
        if self.sensor.is_none() && self.points.is_empty() {
            return fits;
        }
        let mut by_scene: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, view) in views.iter().enumerate() {
            by_scene.entry(view.scene).or_default().push(place);
        }
        let scenes: Vec<(usize, Vec<usize>)> = by_scene.into_iter().collect();
        let mut told = Told { scenes: scenes.len(), ..Told::default() };
        for some in scenes.chunks(SIDE_BY_SIDE) {
            let fitted: Vec<_> = some.par_iter().map(|(_, places)| self.fit(views, places, limits)).collect();
            for ((scene, places), (fitted, left_out)) in some.iter().zip(fitted) {
                let names: Vec<String> = places.iter().map(|place| display_name(&views[*place].path)).collect();
                told.take_left_out(&names, left_out);
                let name = match names.as_slice() {
                    [only] => only.clone(),
                    _ => format!("the scene of {}", listed(&names)),
                };
                match fitted {
                    Ok((fit, fitted, why_no_shift)) => {
                        places.iter().zip(fitted).for_each(|(place, view)| views[*place] = view);
                        told.take_fit(name, &fit, why_no_shift);
                        fits.insert(*scene, fit);
                    }
                    Err(why) => told.take_refusal(name, why),
                }
            }
        }
        told.notices().into_iter().for_each(|notice| listener.notice(notice));
        fits
    }

    /// The views at these places, which are one scene, in metres.
    fn fit(
        &self,
        views: &[Arc<ViewPrediction>],
        places: &[usize],
        limits: &Limits,
    ) -> (Result<Fitted, NoFit>, Vec<LeftOut>) {
        let values: Vec<Values> = places.par_iter().map(|place| self.values(&views[*place], limits)).collect();
        let views: Vec<&ViewPrediction> = places.iter().map(|place| views[*place].as_ref()).collect();
        let fitted = fit_scene(&views, &values);
        (fitted, values.into_iter().map(|values| values.left_out).collect())
    }

    fn values(&self, view: &ViewPrediction, limits: &Limits) -> Values {
        let mut values = Values::default();
        for point in self.points.get(&view.view).into_iter().flatten() {
            match view.pixel_at(point.at) {
                Some(pixel) => values.left_out.without_surface += usize::from(!values.take(view, pixel, point.metres)),
                None => values.left_out.outside += 1,
            }
        }
        let Some(folder) = &self.sensor else { return values };
        match SensorDepth::of(&view.path, view.photo_size, folder, limits) {
            Ok(Some(depth)) => {
                let mut measured = Values::default();
                for pixel in 0..view.depth.len() {
                    if let Some(metres) = depth.at(place_of(view, pixel)) {
                        measured.take(view, pixel, f64::from(metres));
                    }
                }
                values.by_depth.extend(some_of(measured.by_depth));
                values.by_disparity.extend(some_of(measured.by_disparity));
            }
            Ok(None) => {}
            Err(error) => values.left_out.fault = Some(error),
        }
        values
    }
}

impl Values {
    /// Whether there is a surface whose depth this can be.
    fn take(&mut self, view: &ViewPrediction, pixel: usize, metres: f64) -> bool {
        if !view.is_surface(pixel) {
            return false;
        }
        let depth = f64::from(view.depth[pixel]);
        self.by_depth.push(KnownDepth { inverse: 1.0 / depth, metres });
        let disparity = view.disparity.as_ref().map(|map| f64::from(map[pixel]));
        self.by_disparity.extend(disparity.map(|inverse| KnownDepth { inverse, metres }));
        true
    }
}

/// Values spread over all of them.
fn some_of(values: Vec<KnownDepth>) -> impl Iterator<Item = KnownDepth> {
    let step = values.len().div_ceil(MOST_VALUES).max(1);
    values.into_iter().step_by(step)
}

/// Where the middle of a pixel of the maps lies in the photo, whose sides are 1.
fn place_of(view: &ViewPrediction, pixel: usize) -> [f64; 2] {
    let (part, width) = (&view.photo_part, view.width as usize);
    let [across, down] = part.scale([view.width, view.height]);
    let [x, y] = [(pixel % width) as f64 + 0.5, (pixel / width) as f64 + 0.5];
    [(part.left + x * across) / f64::from(view.photo_size[0]), (part.top + y * down) / f64::from(view.photo_size[1])]
}

fn fit_scene(views: &[&ViewPrediction], values: &[Values]) -> Result<Fitted, NoFit> {
    let mut why = None;
    if let ([view], [values]) = (views, values)
        && view.disparity.is_some()
    {
        let fitted = fit_scale_and_shift(&values.by_disparity).and_then(|fit| {
            let view = view.with_inverse_line(fit.scale, fit.shift).ok_or(NoFit::NoScale)?;
            Ok((DepthFit::of_disparity(&fit), vec![Arc::new(view)], None))
        });
        match fitted {
            Err(NoFit::NoValue) => return Err(NoFit::NoValue),
            Err(no_shift) => why = Some(no_shift),
            fitted => return fitted,
        }
    }
    let all: Vec<KnownDepth> = values.iter().flat_map(|values| &values.by_depth).copied().collect();
    let fit = fit_scale(&all)?;
    let factor = (1.0 / fit.scale) as f32;
    let scaled = views.iter().map(|view| Arc::new(view.scaled(factor))).collect();
    Ok((DepthFit::of_depth(&fit), scaled, why))
}

/// What is said once of all scenes that it is true of.
#[derive(Default)]
struct Told {
    scenes: usize,
    /// By what is wrong: how many points, and their photos.
    left_out: BTreeMap<&'static str, (usize, Vec<String>)>,
    faults: Vec<InputError>,
    bad: Vec<String>,
    without: usize,
    scale_alone: BTreeMap<NoFit, Vec<String>>,
    refused: BTreeMap<NoFit, Vec<String>>,
}

impl Told {
    fn take_left_out(&mut self, names: &[String], left_out: Vec<LeftOut>) {
        for (name, LeftOut { outside, without_surface, fault }) in names.iter().zip(left_out) {
            for (points, why) in [
                (outside, "lie outside their photo, or outside the part of it that was looked at"),
                (without_surface, "lie where there is no surface (sky, what is infinitely far, or hidden)"),
            ] {
                if points > 0 {
                    let (sum, photos) = self.left_out.entry(why).or_default();
                    *sum += points;
                    photos.push(name.clone());
                }
            }
            self.faults.extend(fault);
        }
    }

    fn take_fit(&mut self, name: String, fit: &DepthFit, why_no_shift: Option<NoFit>) {
        if fit.is_bad() {
            self.bad.push(format!("{name} ({})", fit.quality()));
        }
        if let Some(why) = why_no_shift {
            self.scale_alone.entry(why).or_default().push(name);
        }
    }

    fn take_refusal(&mut self, name: String, why: NoFit) {
        match why {
            NoFit::NoValue => self.without += 1,
            why => self.refused.entry(why).or_default().push(name),
        }
    }

    fn notices(self) -> Vec<Notice> {
        let Self { scenes, left_out, faults, bad, without, scale_alone, refused } = self;
        let left_out = left_out.into_iter();
        let mut remarks: Vec<String> = left_out
            .map(|(why, (points, photos))| format!("{points} of the known depths {why}: {}", listed(&photos)))
            .collect();
        remarks.extend(faults.iter().take(MOST_FAULTS).map(|error| format!("{error}. {}", error.advice())));
        let more = faults.len().saturating_sub(MOST_FAULTS);
        remarks.extend((more > 0).then(|| format!("{more} more pictures of the sensor are not used for such reasons")));
        remarks.extend(
            refused
                .into_iter()
                .map(|(why, names)| format!("{why}: depth stays as the model gave it: {}", listed(&names))),
        );
        let mut notices: Vec<Notice> = remarks.into_iter().map(|remark| Notice::OfDepths { remark }).collect();
        let alone = scale_alone.into_iter();
        notices.extend(alone.map(|(why, names)| Notice::ScaleAlone { why, names: listed(&names) }));
        notices.extend((without > 0).then_some(Notice::WithoutDepth { without, scenes }));
        notices.extend((!bad.is_empty()).then(|| Notice::DepthsMisfit { scenes: listed(&bad) }));
        notices
    }
}

#[cfg(test)]
mod tests;
