//! How near everything in a picture is, with edges as sharp as a picture needs that is taken apart along them.

use rayon::prelude::*;

use super::super::{Quantiles, usable_depth};
use crate::inference::ViewPrediction;

/// Neighbours whose 1/Z differs by more than this part of the whole range belong to different things.
const EDGE: f32 = 0.08;
/// Networks draw an edge as a slope this many pixels wide to both sides.
const SLOPE: usize = 2;
/// Pixels of a slope that have come this far from the far to the near side go to the near one.
const NEAR_SHARE: f32 = 0.3;

/// 1/Z per pixel, row-major, in 1/unit of depth; 0 where there is no surface.
#[derive(Clone, Debug)]
pub struct Nearness {
    size: [u32; 2],
    values: Vec<f32>,
    /// Of pixels that show a surface.
    surfaces: Option<Quantiles>,
    /// The least difference that is an edge.
    edge: f32,
}

impl Nearness {
    /// Of a view, at the size of its maps. The slopes that networks draw between things become steps, and what is nearer gets a
    /// rim of one pixel: in the photo's colours both mix there, and a rim that goes with the thing is seen less than one that stays.
    pub fn of(view: &ViewPrediction) -> Self {
        let exact = Self::exact(
            [view.width, view.height],
            view.depth.iter().enumerate().map(|(at, &depth)| {
                let is_background = view.background.as_ref().is_some_and(|mask| mask[at]);
                let depth = if is_background { 0.0 } else { usable_depth(depth) };
                if depth > 0.0 { depth.recip() } else { 0.0 }
            }),
        );
        exact.with_steps().with_rims()
    }

    /// As the values are.
    pub(super) fn exact(size: [u32; 2], values: impl Iterator<Item = f32>) -> Self {
        let values: Vec<f32> = values.collect();
        let surfaces = Quantiles::of(values.iter().copied().filter(|&value| value > 0.0));
        let range = surfaces.as_ref().map_or(0.0, |surfaces| surfaces.at(98.0) - surfaces.at(2.0));
        Self { size, values, surfaces, edge: EDGE * range }
    }

    /// Width and height, pixels.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// How 1/Z is spread over what shows a surface; `None` where nothing does.
    pub fn surfaces(&self) -> Option<&Quantiles> {
        self.surfaces.as_ref()
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        let width = self.size[0] as usize;
        &self.values[y * width..(y + 1) * width]
    }

    /// The same at another size, corners on corners. Between two things it changes at once, along the line on which a smooth map
    /// would be half way.
    #[must_use]
    pub fn enlarged(&self, size: [u32; 2]) -> Self {
        if size == self.size || self.values.is_empty() {
            return Self { size, ..self.clone() };
        }
        let [width, height] = size.map(|side| side as usize);
        let [columns, rows] = [0, 1].map(|axis| places(self.size[axis], size[axis]));
        let mut values = vec![0.0; width * height];
        values.par_chunks_exact_mut(width.max(1)).zip(rows).for_each(|(to, (y, down))| {
            let upper = self.row(y);
            let lower = self.row((y + 1).min(self.size[1] as usize - 1));
            for (value, &(x, right)) in to.iter_mut().zip(&columns) {
                let next = (x + 1).min(upper.len() - 1);
                let corners = [upper[x], upper[next], lower[x], lower[next]];
                let weights = [(1.0 - right) * (1.0 - down), right * (1.0 - down), (1.0 - right) * down, right * down];
                *value = self.between(corners, weights);
            }
        });
        Self { size, values, surfaces: self.surfaces.clone(), edge: self.edge }
    }

    fn between(&self, corners: [f32; 4], weights: [f32; 4]) -> f32 {
        let mean = |is_in: &dyn Fn(f32) -> bool| {
            let parts = corners.into_iter().zip(weights).filter(|(corner, _)| is_in(*corner));
            let (sum, weight) = parts.fold((0.0, 0.0), |(sum, all), (corner, part)| (sum + corner * part, all + part));
            (weight > 0.0).then(|| sum / weight)
        };
        let smooth = mean(&|_| true).unwrap_or(corners[0]);
        let [low, high] = ends(corners);
        if high - low <= self.edge {
            return smooth;
        }
        let middle = (low + high) / 2.0;
        let is_near = smooth >= middle;
        mean(&|corner| (corner >= middle) == is_near).unwrap_or(smooth)
    }

    fn with_steps(self) -> Self {
        self.compared(SLOPE, |value, low, high| if value - low > NEAR_SHARE * (high - low) { high } else { low })
    }

    fn with_rims(self) -> Self {
        let edge = self.edge;
        self.compared(1, |value, _, high| if high - value > edge { high } else { value })
    }

    /// Where there is an edge within `reach` pixels, what `rule` makes of a value and of the least and the greatest around.
    fn compared(self, reach: usize, rule: impl Fn(f32, f32, f32) -> f32 + Sync) -> Self {
        let width = (self.size[0] as usize).max(1);
        let height = self.values.len() / width;
        let around = |at: usize, side: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
        let along: Vec<[f32; 2]> = (0..height)
            .into_par_iter()
            .flat_map_iter(|y| {
                let row = self.row(y);
                (0..width).map(move |x| ends(row[around(x, width)].iter().copied()))
            })
            .collect();
        let mut values = self.values.clone();
        values.par_chunks_exact_mut(width).enumerate().for_each(|(y, row)| {
            for (x, value) in row.iter_mut().enumerate() {
                let column = around(y, height).map(|y| along[y * width + x]);
                let [low, high] = ends(column.flatten());
                if high - low > self.edge {
                    *value = rule(*value, low, high);
                }
            }
        });
        Self { values, ..self }
    }
}

/// The least and the greatest.
fn ends(values: impl IntoIterator<Item = f32>) -> [f32; 2] {
    values.into_iter().fold([f32::MAX, f32::MIN], |[low, high], value| [low.min(value), high.max(value)])
}

/// For each of `to` pixels the one of `from` before it, and how far it lies towards the next.
fn places(from: u32, to: u32) -> Vec<(usize, f32)> {
    let step = f64::from(from.saturating_sub(1)) / f64::from(to.saturating_sub(1).max(1));
    let place = |i: u32| {
        let at = f64::from(i) * step;
        let first = (at as usize).min(from.saturating_sub(1) as usize);
        (first, (at - first as f64) as f32)
    };
    (0..to).map(place).collect()
}
