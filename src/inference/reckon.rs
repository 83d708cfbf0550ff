//! What a pass asks of a graphics card, and how long that takes on one that is known by two numbers: reckoned from shapes, without a
//! card and without weights.

use super::{InferenceError, Precision};
use crate::catalog::{self, ModelId};
use crate::model::gpu::Cost;
use crate::model::{Backend, Format, Kept, Kind, PassShape, Preset, Reckoning, Stage, TILE_BYTES};

/// A pass to reckon.
#[derive(Clone, Debug, PartialEq)]
pub struct ReckonJob {
    pub model: ModelId,
    /// Pixels of the network's images, multiples of 14.
    pub width: usize,
    pub height: usize,
    /// Views that go through the network together.
    pub views: usize,
    pub precision: Precision,
}

/// What a card does at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roof {
    /// Operations in a second.
    pub flops: f64,
    /// Bytes in a second.
    pub bandwidth: f64,
}

/// A part of a pass; several that come again and again are one.
#[derive(Clone, Debug, PartialEq)]
pub struct ReckonedStage {
    pub label: String,
    pub dispatches: usize,
    pub flop: u64,
    /// Read and written.
    pub bytes: u64,
    /// At least: each dispatch waits for its operations or for its memory, and for nothing else.
    pub secs: f64,
}

/// A pass that was reckoned.
#[derive(Clone, Debug, PartialEq)]
pub struct Reckoned {
    pub stages: Vec<ReckonedStage>,
    /// How often work is sent to a card whose pace is not known yet.
    pub submissions: usize,
    pub weight_bytes: u64,
    /// Of all other arrays, at most.
    pub array_bytes: u64,
}

impl ReckonJob {
    /// Reckons the pass, and what a second network adds where there is one.
    ///
    /// # Errors
    /// [`InferenceError::UnknownModel`], and what a network says of sizes that it does not take.
    pub fn reckon(&self, roof: Roof) -> Result<Reckoned, InferenceError> {
        let entry = catalog::find(&self.model).ok_or(InferenceError::UnknownModel(self.model.clone()))?;
        let mut all = Reckoned { stages: Vec::new(), submissions: 0, weight_bytes: 0, array_bytes: 0 };
        self.add(&mut all, entry.preset.any_view_part(), self.views, 1, roof)?;
        if let Some(second) = entry.preset.metric_part() {
            self.add(&mut all, second, 1, self.views, roof)?;
        }
        Ok(all)
    }

    /// Adds so many passes of a network.
    fn add(
        &self,
        all: &mut Reckoned,
        preset: Preset,
        views: usize,
        times: usize,
        roof: Roof,
    ) -> Result<(), InferenceError> {
        let kept = Kept {
            backend: Backend::Card,
            kind: Kind::Cpu,
            format: self.precision.format(),
            stored: Format::F32,
            rays: false,
            poses: false,
            gaussians: false,
        };
        let shape = PassShape { views, height: self.height, width: self.width, tile_bytes: TILE_BYTES, threads: 1 };
        let reckoning = Reckoning::of(preset, kept, &shape)?;
        let network = if all.stages.is_empty() { "" } else { "metric " };
        for (stage, asked) in &reckoning.stages {
            let Cost { flop, bytes } = asked.total();
            let secs = asked.dispatches.iter().map(|(_, cost)| cost.time(roof.flops, roof.bandwidth).as_secs_f64());
            all.stages.push(ReckonedStage {
                label: format!("{network}{}", label(*stage)),
                dispatches: times * asked.dispatches.len(),
                flop: times as u64 * flop,
                bytes: times as u64 * bytes,
                secs: times as f64 * secs.sum::<f64>(),
            });
            all.submissions += times * asked.submissions.len();
        }
        all.weight_bytes += reckoning.weight_bytes;
        all.array_bytes = all.array_bytes.max(reckoning.pass_bytes());
        Ok(())
    }
}

impl Reckoned {
    /// All stages together.
    pub fn total(&self) -> ReckonedStage {
        ReckonedStage {
            label: "total".into(),
            dispatches: self.stages.iter().map(|stage| stage.dispatches).sum(),
            flop: self.stages.iter().map(|stage| stage.flop).sum(),
            bytes: self.stages.iter().map(|stage| stage.bytes).sum(),
            secs: self.stages.iter().map(|stage| stage.secs).sum(),
        }
    }
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Tokens => "tokens",
        Stage::Blocks => "blocks",
        Stage::Features => "features",
        Stage::Heads => "heads",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOF: Roof = Roof { flops: 2.6e12, bandwidth: 68e9 };

    fn reckoned(views: usize, precision: Precision, roof: Roof) -> Reckoned {
        let job = ReckonJob { model: ModelId("da3-small".into()), width: 112, height: 84, views, precision };
        job.reckon(roof).expect("known shapes")
    }

    #[test]
    fn stages_are_all_of_a_pass_and_a_faster_card_is_faster() {
        let one = reckoned(1, Precision::F32, ROOF);
        let labels: Vec<&str> = one.stages.iter().map(|stage| stage.label.as_str()).collect();
        assert_eq!(labels, ["tokens", "blocks", "features", "heads"]);
        let total = one.total();
        assert!(one.stages.iter().all(|stage| stage.dispatches > 0 && stage.bytes > 0), "{one:?}");
        // No more than both together, no less than either.
        let (work, memory) = (total.flop as f64 / ROOF.flops, total.bytes as f64 / ROOF.bandwidth);
        assert!(total.secs > 0.99 * work.max(memory) && total.secs < 1.01 * (work + memory), "{total:?}");
        let faster = reckoned(1, Precision::F32, Roof { flops: 2.0 * ROOF.flops, bandwidth: 2.0 * ROOF.bandwidth });
        assert!((faster.total().secs / total.secs - 0.5).abs() < 0.01, "{faster:?}");
    }

    #[test]
    fn more_views_are_more_work_and_fewer_bits_less_memory() {
        let [one, four] = [1, 4].map(|views| reckoned(views, Precision::F32, ROOF));
        assert!(four.total().flop > 3 * one.total().flop && four.array_bytes > one.array_bytes);
        assert_eq!(four.weight_bytes, one.weight_bytes);
        let half = reckoned(1, Precision::F16, ROOF);
        assert!(half.weight_bytes < one.weight_bytes * 2 / 3, "{} of {}", half.weight_bytes, one.weight_bytes);
        assert_eq!(half.total().flop, one.total().flop);
    }

    #[test]
    fn of_two_networks_the_second_sees_views_one_by_one() {
        let job = |views| ReckonJob {
            model: ModelId("da3-nested".into()),
            width: 56,
            height: 56,
            views,
            precision: Precision::F16,
        };
        let of = |views| job(views).reckon(ROOF).expect("known shapes");
        let blocks = |reckoned: &Reckoned| {
            reckoned.stages.iter().find(|stage| stage.label == "metric blocks").map(|stage| stage.dispatches)
        };
        let (one, two) = (blocks(&of(1)).expect("a second network"), blocks(&of(2)));
        assert_eq!(two, Some(2 * one));
    }
}
