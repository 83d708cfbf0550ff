//! LighterGlue: which points of two photos are the same.
//!
//! The small LightGlue (Lindenberger, Sarlin and Pollefeys, "LightGlue: Local Feature Matching at Light Speed", ICCV 2023) that
//! its authors trained for XFeat. All points go through all layers.

mod layer;
mod specs;

use layer::{HalfLayer, Look, Work};
pub use specs::DESCRIPTOR;
use specs::{LAYERS, ROOT, WIDTH};

use super::ModelError;
use super::kernels::{Inputs, Rows, linear};
use super::ops::CpuLinear;
use super::source::TensorSource;
use super::table::Table;
use super::tensors::Tensors;
use super::watch::{Step, Watch};

/// The network with its weights.
pub struct LighterGlue {
    input: CpuLinear,
    /// [48, 2]: angles of a position.
    angles: Vec<f32>,
    /// The looks of each layer.
    layers: Vec<[HalfLayer; 2]>,
    projection: CpuLinear,
    matchability: CpuLinear,
}

/// The points of one photo.
#[derive(Clone, Copy)]
pub struct Points<'a> {
    /// (x, y) in pixels.
    pub positions: &'a [[f32; 2]],
    /// [points, 64], each of length 1.
    pub descriptors: &'a [f32],
    /// Width and height of the photo.
    pub size: [f32; 2],
}

/// How likely each point of a is each point of b.
pub struct Assignment {
    similarity: Table,
    /// What is added for each point of a, and of b, to twice the similarity: all of it together is ln P.
    terms: [Vec<f32>; 2],
}

impl Assignment {
    /// ln of the probability that these points of a and b are the same.
    pub fn log_probability(&self, of_a: usize, of_b: usize) -> f32 {
        2.0 * self.similarity.get(of_a, of_b) + self.terms[0][of_a] + self.terms[1][of_b]
    }

    /// Points of a and b that are each other's likeliest, in the order of a's.
    pub fn mutual_best(&self) -> Vec<[usize; 2]> {
        let [a, b] = self.terms.each_ref().map(|terms| terms.iter().map(|term| term / 2.0).collect::<Vec<_>>());
        self.similarity.mutual_best(&a, &b)
    }
}

impl LighterGlue {
    /// Reads the weights of a published file, with or without what only tells when to stop early.
    ///
    /// # Errors
    /// What is missing, superfluous, of another shape, or not finite, and what the source says.
    pub fn new(source: &dyn TensorSource) -> Result<Self, ModelError> {
        let weights = &Tensors::check(source, "LighterGlue", &specs::specs())?;
        let read = |name: &str, count| weights.numbers(&format!("{ROOT}.{name}"), count);
        let last = |part: &str| format!("log_assignment.{}.{part}", LAYERS - 1);
        // Of a product of two, each gets the root of 1/√96.
        let scale = (WIDTH as f32).powf(-0.25);
        let scaled = |numbers: Vec<f32>| numbers.into_iter().map(|x| x * scale).collect::<Vec<_>>();
        let projection = [
            read(&last("final_proj.weight"), WIDTH * WIDTH).map(scaled)?,
            read(&last("final_proj.bias"), WIDTH).map(scaled)?,
        ];
        let layer = |i| Ok([HalfLayer::at_themselves(weights, i)?, HalfLayer::at_each_other(weights, i)?]);
        Ok(Self {
            input: CpuLinear::of(&read("input_proj.weight", WIDTH * DESCRIPTOR)?, &read("input_proj.bias", WIDTH)?),
            angles: read("posenc.Wr.weight", WIDTH)?,
            layers: (0..LAYERS).map(layer).collect::<Result<_, ModelError>>()?,
            projection: CpuLinear::of(&projection[0], &projection[1]),
            matchability: CpuLinear::of(
                &read(&last("matchability.weight"), WIDTH)?,
                &read(&last("matchability.bias"), 1)?,
            ),
        })
    }

    /// Compares all points of two photos. Where one has none, nothing is assigned.
    ///
    /// # Errors
    /// What `watch` says, which is asked before each layer.
    pub fn forward(&self, a: Points, b: Points, watch: &dyn Watch) -> Result<Assignment, ModelError> {
        let points_of_a = a.positions.len();
        let turns = [a, b].map(|photo| self.turns(photo));
        let [turns_a, turns_b] = &turns;
        let themselves = Look::AtThemselves([turns_a, turns_b].map(|[cos, sin]| [&cos[..], &sin[..]]));
        let is_empty = points_of_a == 0 || b.positions.is_empty();
        let mut x = through(&self.input, &[a.descriptors, b.descriptors].concat(), DESCRIPTOR);
        watch.numbers(format_args!("input_proj"), &x);
        let mut work = Work::default();
        for (i, [own, other]) in self.layers.iter().enumerate().filter(|_| !is_empty) {
            watch.step(Step::Block { index: i, of: LAYERS })?;
            // Both halves go to the pool at once, instead of waking its threads for each of their passes.
            x = rayon::scope(|_| {
                let own = own.forward(&x, points_of_a, themselves, &mut work);
                other.forward(&own, points_of_a, Look::AtEachOther, &mut work)
            });
            watch.numbers(format_args!("layer{i}"), &x);
        }
        Ok(self.assignment(&x, points_of_a))
    }

    /// Cosines and sines [points, 48] of a photo's positions, which lie between −1 and 1 along its longer side.
    fn turns(&self, photo: Points) -> [Vec<f32>; 2] {
        let [width, height] = photo.size;
        let half = width.max(height) / 2.0;
        let place = |&[x, y]: &[f32; 2]| [(x - width / 2.0) / half, (y - height / 2.0) / half];
        let of_point = |[x, y]: [f32; 2]| self.angles.chunks_exact(2).map(move |angle| angle[0] * x + angle[1] * y);
        let angles: Vec<f32> = photo.positions.iter().map(place).flat_map(of_point).collect();
        [angles.iter().map(|angle| angle.cos()).collect(), angles.iter().map(|angle| angle.sin()).collect()]
    }

    /// ln P is the logarithm of both softmaxes of the similarity, and of the probabilities that each point has a match at all.
    fn assignment(&self, x: &[f32], points_of_a: usize) -> Assignment {
        let projected = through(&self.projection, x, WIDTH);
        let (a, b) = projected.split_at(points_of_a * WIDTH);
        let similarity = Table::products(a, b, WIDTH);
        let matchability = through(&self.matchability, x, WIDTH);
        let (of_a, of_b) = matchability.split_at(points_of_a);
        let [sums_a, sums_b] = similarity.log_sums();
        let terms = |logits: &[f32], sums: Vec<f32>| {
            sums.into_iter().zip(logits).map(|(sum, &logit)| log_sigmoid(logit) - sum).collect()
        };
        Assignment { terms: [terms(of_a, sums_a), terms(of_b, sums_b)], similarity }
    }
}

/// ln(1 / (1 + e⁻ˣ)), exact for large x of either sign.
fn log_sigmoid(x: f32) -> f32 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

/// Rows [rows, inputs] through a layer.
fn through(layer: &CpuLinear, rows: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = layer.matrix.outputs();
    let mut y = vec![0.0; rows.len() / inputs * outputs];
    let inputs = Inputs::<f32>::copy_of(rows, inputs);
    linear(&inputs, &layer.matrix, &mut y, outputs, 1, |_, _| Rows::new(&layer.bias, outputs));
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_sigmoids_do_not_overflow() {
        assert!((log_sigmoid(0.0) + std::f32::consts::LN_2).abs() < 1e-6);
        assert_eq!((log_sigmoid(-200.0), log_sigmoid(200.0)), (-200.0, 0.0));
        assert!((log_sigmoid(2.0) - (1.0 / (1.0 + (-2f32).exp())).ln()).abs() < 1e-6);
    }
}
