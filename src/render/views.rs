//! All views of a scene on the graphics adapter, in batches.

use super::RenderError;
use super::frame::Frame;
use super::layouts::Layouts;
use super::view_batch::{BatchShape, ViewBatch};
use crate::scene::CloudScene;

/// The batches of one scene.
#[derive(Default)]
pub struct Views {
    batches: Vec<ViewBatch>,
}

/// Views of one batch, in layers that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// 0 or 1.
    pub phase: usize,
    pub batch: usize,
    /// The first one.
    pub layer: usize,
    pub count: usize,
}

impl Run {
    fn is_before(self, next: Self) -> bool {
        (self.phase, self.batch, self.layer + self.count) == (next.phase, next.batch, next.layer)
    }
}

impl Views {
    /// Brings the scene's views to the adapter; what `before` has of them is not uploaded again. `uploaded`: counts the bytes
    /// of the others.
    ///
    /// Errors: [`RenderError::TooLarge`] when the adapter cannot hold a map.
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        layouts: &Layouts,
        scene: &CloudScene,
        before: Self,
        uploaded: &mut u64,
    ) -> Result<Self, RenderError> {
        let mut groups: Vec<(BatchShape, Vec<usize>)> = Vec::new();
        for (index, view) in scene.views().iter().enumerate() {
            let shape = BatchShape::of(view);
            match groups.iter_mut().find(|(other, group)| *other == shape && group.len() < shape.capacity()) {
                Some((_, group)) => group.push(index),
                None => groups.push((shape, vec![index])),
            }
        }
        let mut old = before.batches;
        let batches = groups.iter().map(|(shape, indices)| {
            // Views come in order, so that a batch that grew begins with the view that it began with.
            let place = old.iter().position(|old| old.shape == *shape && old.members[0].index == indices[0]);
            let old = place.map(|place| old.swap_remove(place));
            match old {
                Some(old) if old.is_of(scene, indices) => Ok(old),
                old => ViewBatch::new(device, queue, layouts, scene, (*shape, indices), old.as_ref(), uploaded),
            }
        });
        Ok(Self { batches: batches.collect::<Result<_, _>>()? })
    }

    /// Bytes that the maps take on the adapter.
    pub fn bytes(&self) -> u64 {
        self.batches.iter().map(ViewBatch::bytes).sum()
    }

    pub fn batch(&self, index: usize) -> Option<&ViewBatch> {
        self.batches.get(index)
    }

    /// Batch and layer of view `index` of the scene.
    pub fn find(&self, index: usize) -> Option<(&ViewBatch, usize)> {
        self.batches
            .iter()
            .find_map(|batch| Some((batch, batch.members.iter().position(|member| member.index == index)?)))
    }

    /// Whether a visible view may hold splats that are not small, in a picture `height` pixels high.
    pub fn may_be_large(&self, frame: &Frame, height: f32) -> bool {
        let mut members = self.batches.iter().flat_map(|batch| &batch.members);
        members.any(|member| frame.shows(member.index) && member.bound.may_be_large(frame, height))
    }

    /// What there is to do for a frame, in order: every view that it shows in the first phase, then every one in the second.
    fn tasks(&self, frame: &Frame) -> impl Iterator<Item = Run> {
        let in_phase = move |phase| {
            self.batches.iter().enumerate().flat_map(move |(place, batch)| {
                let shown = batch.members.iter().enumerate().filter(|(_, member)| frame.shows(member.index));
                shown.map(move |(layer, _)| Run { phase, batch: place, layer, count: 1 })
            })
        };
        (0..2).flat_map(in_phase)
    }

    /// Tasks of a frame: views that it shows, times two phases.
    pub fn task_count(&self, frame: &Frame) -> usize {
        self.tasks(frame).count()
    }

    /// Points that all tasks offer with the frame's stride.
    pub fn points(&self, frame: &Frame) -> u64 {
        self.tasks(frame).map(|task| self.points_of(task, frame)).sum()
    }

    fn points_of(&self, task: Run, frame: &Frame) -> u64 {
        self.batches[task.batch].points_per_view(frame.stride.max(1))
    }

    /// The frame's tasks from the `first` on, as many as offer `budget` points, but at least one, if there is one left; in runs
    /// that can be drawn at once.
    pub fn runs(&self, frame: &Frame, first: usize, budget: u64) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut points = 0;
        for task in self.tasks(frame).skip(first) {
            points += self.points_of(task, frame);
            if !runs.is_empty() && points > budget {
                break;
            }
            match runs.last_mut() {
                Some(run) if run.is_before(task) => run.count += 1,
                _ => runs.push(task),
            }
        }
        runs
    }
}
