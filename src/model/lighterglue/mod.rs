//! LighterGlue: which points of two photos are the same.
//!
//! The small LightGlue (Lindenberger, Sarlin and Pollefeys, "LightGlue: Local Feature Matching at Light Speed", ICCV 2023) that
//! the authors of XFeat trained for it. It always goes through all layers.

mod assignment;
mod layer;
mod points;
mod specs;
mod travellers;

pub use assignment::Assignment;
use layer::{HalfLayer, Look, Work};
pub use points::Points;
pub use specs::DESCRIPTOR;
use specs::{LAYERS, ROOT, WIDTH};
use travellers::Travellers;

use super::ModelError;
use super::kernels::{Inputs, Rows, linear};
use super::on_kernels::Linear;
use super::source::TensorSource;
use super::table::Table;
use super::tensors::Tensors;
use super::watch::{Step, Watch};

/// ln(0.05 / 0.95): a point whose probability of having a match is 0.05 is given up, as the authors have it.
const HOPELESS: f32 = -2.944_439;

/// The network with its weights.
pub struct LighterGlue {
    input: Linear,
    /// [48, 2]: angles of a position.
    angles: Vec<f32>,
    layers: Vec<Layer>,
    projection: Linear,
}

struct Layer {
    own: HalfLayer,
    other: HalfLayer,
    /// Whether a point has a match at all, as far as this layer can tell.
    matchability: Linear,
}

/// Which points go through all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    All,
    /// Those that may still have a match: half to three quarters of the work, for two to four of a hundred matches.
    Hopeful,
}

impl LighterGlue {
    /// Reads the weights of a published file, with or without what only tells when to stop early.
    ///
    /// # Errors
    /// What is missing, superfluous, of another shape, or not finite, and what the source says.
    pub fn new(source: &dyn TensorSource) -> Result<Self, ModelError> {
        let weights = &Tensors::check(source, "LighterGlue", &specs::specs())?;
        let read = |name: &str, count| weights.numbers(&format!("{ROOT}.{name}"), count);
        let layer_of = |name: &str, outputs: usize, inputs: usize| -> Result<_, ModelError> {
            Ok([read(&format!("{name}.weight"), outputs * inputs)?, read(&format!("{name}.bias"), outputs)?])
        };
        let layer = |i| {
            let [weight, bias] = layer_of(&format!("log_assignment.{i}.matchability"), 1, WIDTH)?;
            let (own, other) = (HalfLayer::at_themselves(weights, i)?, HalfLayer::at_each_other(weights, i)?);
            Ok(Layer { own, other, matchability: Linear::of(&weight, &bias) })
        };
        // Of a product of two, each gets the root of 1/√96.
        let scale = (WIDTH as f32).powf(-0.25);
        let projection = layer_of(&format!("log_assignment.{}.final_proj", LAYERS - 1), WIDTH, WIDTH)?;
        let [weight, bias] = projection.map(|numbers| numbers.iter().map(|x| x * scale).collect::<Vec<_>>());
        let input = layer_of("input_proj", WIDTH, DESCRIPTOR)?;
        Ok(Self {
            input: Linear::of(&input[0], &input[1]),
            angles: read("posenc.Wr.weight", WIDTH)?,
            layers: (0..LAYERS).map(layer).collect::<Result<_, ModelError>>()?,
            projection: Linear::of(&weight, &bias),
        })
    }

    /// Compares the points of two photos. Where one has none, nothing is assigned.
    ///
    /// # Errors
    /// What `watch` says, which is asked before each layer.
    pub fn forward(&self, a: Points, b: Points, going: Going, watch: &dyn Watch) -> Result<Assignment, ModelError> {
        let x = through(&self.input, &[a.descriptors, b.descriptors].concat(), DESCRIPTOR);
        watch.numbers(format_args!("input_proj"), &x);
        let mut travellers = Travellers::new(x, [a, b], &self.angles);
        let mut work = Work::default();
        let mut matchability = Vec::new();
        for (i, layer) in self.layers.iter().enumerate() {
            if travellers.is_over() {
                return Ok(Assignment::new(Default::default(), Table::products(&[], &[], WIDTH), [&[], &[]]));
            }
            watch.step(Step::Block { index: i, of: LAYERS })?;
            let of_a = travellers.of_a();
            // Both halves go to the pool at once, instead of waking its threads for each of their passes.
            travellers.x = rayon::scope(|_| {
                let own = layer.own.forward(&travellers.x, of_a, travellers.look_at_themselves(), &mut work);
                layer.other.forward(&own, of_a, Look::AtEachOther, &mut work)
            });
            watch.numbers(format_args!("layer{i}"), &travellers.x);
            matchability = through(&layer.matchability, &travellers.x, WIDTH);
            if going == Going::Hopeful && i + 1 < LAYERS {
                travellers.keep(&matchability.iter().map(|&logit| logit > HOPELESS).collect::<Vec<_>>());
            }
        }
        let projected = through(&self.projection, &travellers.x, WIDTH);
        let (a, b) = projected.split_at(travellers.of_a() * WIDTH);
        let (of_a, of_b) = matchability.split_at(travellers.of_a());
        Ok(Assignment::new(travellers.points, Table::products(a, b, WIDTH), [of_a, of_b]))
    }
}

/// Rows [rows, inputs] through a layer.
fn through(layer: &Linear, rows: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = layer.matrix.outputs();
    let mut y = vec![0.0; rows.len() / inputs * outputs];
    let inputs = Inputs::<f32>::copy_of(rows, inputs);
    linear(&inputs, &layer.matrix, &mut y, outputs, 1, |_, _| Rows::new(&layer.bias, outputs));
    y
}
