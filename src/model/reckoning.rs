//! What a network asks of a graphics card, reckoned without one: memory, work and the kernels themselves.

use std::cell::RefCell;

use super::gpu::{Cost, Reckoned};
use super::on_card::{Like, Paper};
use super::{Kept, ModelError, Options, PassShape, Preset, Step, Watch};

/// A part of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Images become tokens.
    Tokens,
    Blocks,
    /// What the heads need is collected, and cameras are read.
    Features,
    Heads,
}

/// A pass that was run on paper.
pub struct Reckoning {
    /// Bytes of the loaded network.
    pub weight_bytes: u64,
    /// Bytes of each block of memory that arrays take at most.
    pub blocks: Vec<u64>,
    /// What each stage asks for; stages that come again and again are one.
    pub stages: Vec<(Stage, Reckoned)>,
    /// Names and texts of the kernels.
    pub kernels: Vec<(&'static str, String)>,
}

/// Writes down what each stage has asked for when the next one begins.
struct Staged<'a> {
    paper: &'a Paper,
    at: RefCell<(Stage, Vec<(Stage, Reckoned)>)>,
}

impl Staged<'_> {
    fn turn(&self, next: Stage) {
        let asked = self.paper.gpu.reckoned();
        let (stage, all) = &mut *self.at.borrow_mut();
        match all.iter_mut().find(|(known, _)| known == stage) {
            Some((_, known)) => known.append(asked),
            None => all.push((*stage, asked)),
        }
        *stage = next;
    }
}

impl Watch for Staged<'_> {
    fn step(&self, step: Step) -> Result<(), ModelError> {
        self.turn(match step {
            Step::Block { .. } => Stage::Blocks,
            Step::Features { .. } => Stage::Features,
            Step::Head { .. } => Stage::Heads,
        });
        Ok(())
    }
}

impl Reckoning {
    /// A pass of these shapes: the backbone over all views, the head over each. Of a nested network the part that looks at views together.
    ///
    /// # Errors
    /// What the network says about sizes that it does not take.
    pub fn of(preset: Preset, kept: Kept, shape: &PassShape) -> Result<Self, ModelError> {
        let options = Options {
            format: kept.format,
            rays: kept.rays,
            poses: kept.poses,
            gaussians: kept.gaussians,
            ..Options::default()
        };
        let paper = Paper::new(preset.any_view_part(), &options)?;
        let weight_bytes = paper.gpu.weight_bytes();
        let staged = Staged { paper: &paper, at: RefCell::new((Stage::Tokens, Vec::new())) };
        let size = [shape.views, shape.height, shape.width];
        paper.run(&Like { size, has_poses: kept.poses, export: Vec::new() }, &staged)?;
        staged.turn(Stage::Heads);
        let stages = staged.at.into_inner().1;
        Ok(Self { weight_bytes, blocks: paper.gpu.high_water(), stages, kernels: paper.gpu.noted() })
    }

    /// Bytes that arrays take at most.
    pub fn pass_bytes(&self) -> u64 {
        self.blocks.iter().sum()
    }

    pub fn dispatches(&self) -> usize {
        self.stages.iter().map(|(_, asked)| asked.dispatches.len()).sum()
    }

    pub fn total(&self) -> Cost {
        self.stages.iter().fold(Cost::default(), |sum, (_, asked)| sum + asked.total())
    }
}

#[cfg(test)]
mod tests;
