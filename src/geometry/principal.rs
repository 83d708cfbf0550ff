//! The three directions along which many vectors differ most.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::draws::Draws;

/// Directions that are iterated; those beyond the third let the third settle sooner.
const BLOCK: usize = 6;
const MOST_ROUNDS: usize = 100;
/// Directions that turn by less than this in a round have settled.
const SETTLED: f64 = 1e-7;
/// Vectors that take part in finding the directions; of more an even selection does.
const MOST_ROWS: usize = 8192;
/// Rows that one thread adds up: a fixed number, so that sums do not depend on the number of threads.
const TOGETHER: usize = 256;

/// Mean and first three principal directions of a set of vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    mean: Vec<f32>,
    /// Orthonormal, of falling variance. Of each the largest element is positive, because the sign says nothing.
    directions: [Vec<f32>; 3],
}

impl Principal {
    /// Of vectors of `channels` finite numbers each, which lie one behind the other. Where they differ in fewer than three
    /// directions, the rest is zero.
    ///
    /// Orthogonal iteration with the covariance, which is never built, from a fixed start, then the eigenvectors within the
    /// found space.
    pub fn of(vectors: &[f32], channels: usize) -> Self {
        let rows: Vec<&[f32]> = vectors.chunks_exact(channels.max(1)).collect();
        let mean = mean(&rows, channels);
        let step = rows.len().div_ceil(MOST_ROWS).max(1);
        let rows: Vec<&[f32]> = rows.into_iter().step_by(step).collect();
        let mut draws = Draws::new(1);
        let start =
            DMatrix::from_fn(channels, BLOCK.min(channels), |_, _| draws.below(1 << 20) as f64 - f64::from(1 << 19));
        let mut space = orthonormal(start);
        for _ in 0..MOST_ROUNDS {
            let next = orthonormal(covariance_times(&rows, &mean, &space));
            // What of the new directions the old space does not hold.
            let turned = (&next - &space * (space.transpose() * &next)).norm();
            space = next;
            if turned < SETTLED {
                break;
            }
        }
        let within = space.transpose() * covariance_times(&rows, &mean, &space);
        let eigen = within.symmetric_eigen();
        let largest = eigen.eigenvalues.max();
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let directions = std::array::from_fn(|i| {
            let found = order.get(i).filter(|&&column| eigen.eigenvalues[column] > 1e-12 * largest);
            found.map_or_else(|| vec![0.0; channels], |&column| upright(&(&space * eigen.eigenvectors.column(column))))
        });
        Self { mean, directions }
    }

    /// The coordinates of a vector along the three directions, from the mean.
    pub fn project(&self, vector: &[f32]) -> [f32; 3] {
        self.directions.each_ref().map(|direction| {
            let along = vector.iter().zip(&self.mean).zip(direction).map(|((v, mean), d)| (v - mean) * d);
            along.sum()
        })
    }
}

fn mean(rows: &[&[f32]], channels: usize) -> Vec<f32> {
    let mut sum = vec![0.0; channels];
    for row in rows {
        sum.iter_mut().zip(*row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sum.into_iter().map(|sum| (sum / rows.len().max(1) as f64) as f32).collect()
}

/// Σ (x − mean)(x − mean)ᵀ·S.
fn covariance_times(rows: &[&[f32]], mean: &[f32], space: &DMatrix<f64>) -> DMatrix<f64> {
    let parts = rows.par_chunks(TOGETHER).map(|rows| {
        let part = DMatrix::from_fn(rows.len(), mean.len(), |row, c| f64::from(rows[row][c] - mean[c]));
        let along = &part * space;
        part.tr_mul(&along)
    });
    let parts: Vec<DMatrix<f64>> = parts.collect();
    parts.into_iter().fold(DMatrix::zeros(space.nrows(), space.ncols()), |sum, part| sum + part)
}

/// Gram–Schmidt, twice, because once leaves what rounding has brought in; columns that the others hold become zero.
fn orthonormal(mut space: DMatrix<f64>) -> DMatrix<f64> {
    for column in 0..space.ncols() {
        let before = space.column(column).norm();
        for other in (0..column).chain(0..column) {
            let along = space.column(other).dot(&space.column(column));
            let shadow = space.column(other) * along;
            space.set_column(column, &(space.column(column) - shadow));
        }
        let length = space.column(column).norm();
        let factor = if length > 1e-10 * before { 1.0 / length } else { 0.0 };
        space.column_mut(column).scale_mut(factor);
    }
    space
}

fn upright(direction: &DVector<f64>) -> Vec<f32> {
    let largest = direction.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
    direction.iter().map(|&d| (d * largest.signum()) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors that differ by 9, 3 and 1 along three crooked directions, around a mean.
    fn vectors() -> (Vec<f32>, [[f32; 4]; 3]) {
        let axes = [[0.6, 0.8, 0.0, 0.0], [-0.48, 0.36, 0.8, 0.0], [0.0, 0.0, 0.0, -1.0]];
        let mut draws = Draws::new(5);
        let mut uniform = || draws.below(2001) as f32 / 1000.0 - 1.0;
        let vectors = (0..4000).flat_map(|_| {
            let along = [9.0, 3.0, 1.0].map(|spread| spread * uniform());
            std::array::from_fn::<f32, 4, _>(|c| 5.0 + (0..3).map(|i| along[i] * axes[i][c]).sum::<f32>())
        });
        (vectors.collect(), axes)
    }

    #[test]
    fn directions_come_in_the_order_of_their_spread() {
        let (vectors, axes) = vectors();
        let found = Principal::of(&vectors, 4);
        for (direction, axis) in found.directions.iter().zip(axes) {
            let cosine: f32 = direction.iter().zip(axis).map(|(a, b)| a * b).sum();
            assert!(cosine.abs() > 0.999, "{direction:?} {axis:?}");
        }
        let [x, y, z] = found.project(&[5.0 + 6.0, 5.0 + 8.0, 5.0, 5.0]);
        assert!((x.abs() - 10.0).abs() < 0.3 && y.abs() < 0.5 && z.abs() < 0.3, "{x} {y} {z}");
        assert_eq!(found, Principal::of(&vectors, 4));
    }

    #[test]
    fn what_does_not_differ_has_no_direction() {
        let flat = Principal::of(&[3.0; 40], 4);
        assert_eq!(flat.project(&[9.0, 1.0, 0.0, 4.0]), [0.0; 3]);
        let line: Vec<f32> = (0..50).flat_map(|i| [i as f32, 2.0 * i as f32]).collect();
        let [along, across, third] = Principal::of(&line, 2).project(&[0.0, 0.0]);
        assert!(along.abs() > 50.0 && across.abs() < 1e-3 && third == 0.0, "{along} {across} {third}");
    }
}
