//! Where things are: positional embedding, rotary embedding, UV embedding. Small tables, made on the host.

use super::kernels::PositionTables;

/// Side of the stored grid of positional embeddings.
pub const STORED_GRID: usize = 37;
/// Channels of one attention head that RoPE turns by one coordinate (rows: the first half, columns: the second).
pub const ROPE_HALF: usize = 32;

/// Weights [n, 37] that resample a row or column of the stored grid to `n` values: bicubic with a = −0.75 and a scale of
/// (n + 0.1)/37 (specification §3.1).
pub fn resampling(n: usize) -> Vec<f32> {
    let mut weights = vec![0f32; n * STORED_GRID];
    let scale = (n as f64 + 0.1) / STORED_GRID as f64;
    for (i, row) in weights.chunks_exact_mut(STORED_GRID).enumerate() {
        let source = (i as f64 + 0.5) / scale - 0.5;
        let below = source.floor();
        for (tap, weight) in cubic_weights(source - below).into_iter().enumerate() {
            let index = (below as i64 + tap as i64 - 1).clamp(0, STORED_GRID as i64 - 1);
            row[index as usize] += weight as f32;
        }
    }
    weights
}

/// Keys' cubic kernel with a = −0.75 at distances 1+t, t, 1−t, 2−t.
fn cubic_weights(t: f64) -> [f64; 4] {
    const A: f64 = -0.75;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)]
}

/// Cosines and sines for RoPE, each [2 · tokens, 16]: of every token a row for its row, and one for its column.
pub struct Turns {
    pub cos: Vec<f32>,
    pub sin: Vec<f32>,
}

impl Turns {
    /// For token positions (row, column); channels 0–31 turn with the row, 32–63 with the column (specification §3.3).
    pub fn new(positions: &[[f32; 2]]) -> Self {
        let pairs = ROPE_HALF / 2;
        let mut cos = Vec::with_capacity(positions.len() * ROPE_HALF);
        let mut sin = Vec::with_capacity(cos.capacity());
        for position in positions {
            for coordinate in position {
                for pair in 0..pairs {
                    let frequency = 100f64.powf(-(pair as f64) / pairs as f64);
                    let angle = f64::from(*coordinate) * frequency;
                    cos.push(angle.cos() as f32);
                    sin.push(angle.sin() as f32);
                }
            }
        }
        Self { cos, sin }
    }

    /// Positions in a local block: the special token at (0, 0), the patch at row r, column c at (r+1, c+1).
    pub fn local(h: usize, w: usize) -> Self {
        let patches = (0..h * w).map(|i| [(i / w + 1) as f32, (i % w + 1) as f32]);
        let positions: Vec<_> = std::iter::once([0.0, 0.0]).chain(patches).collect();
        Self::new(&positions)
    }

    /// Positions in a global block over `views` views: every patch at (1, 1), so that only special tokens differ.
    pub fn global(views: usize, patches: usize) -> Self {
        let view = std::iter::once([0.0, 0.0]).chain(std::iter::repeat_n([1.0, 1.0], patches));
        let positions: Vec<_> = std::iter::repeat_n((), views).flat_map(|()| view.clone()).collect();
        Self::new(&positions)
    }
}

/// 0.1 × the UV embedding of a `ph`×`pw` map with `channels` channels (specification §4.1).
///
/// `aspect` is width / height of the image, not of the map.
pub fn uv_tables(channels: usize, ph: usize, pw: usize, aspect: f64) -> PositionTables {
    let quarter = channels / 4;
    let diagonal = (aspect * aspect + 1.0).sqrt();
    let waves = |places: &[f64]| {
        let mut values = Vec::with_capacity(places.len() * 2 * quarter);
        for place in places {
            for channel in 0..2 * quarter {
                let angle = place * 100f64.powf(-((channel % quarter) as f64) / quarter as f64);
                values.push((0.1 * if channel < quarter { angle.sin() } else { angle.cos() }) as f32);
            }
        }
        values
    };
    PositionTables { columns: waves(&span(pw, aspect / diagonal)), rows: waves(&span(ph, 1.0 / diagonal)) }
}

/// `n` positions from −extent·(n−1)/n to +extent·(n−1)/n.
fn span(n: usize, extent: f64) -> Vec<f64> {
    let end = extent * (n as f64 - 1.0) / n as f64;
    (0..n).map(|i| if n == 1 { 0.0 } else { -end + 2.0 * end * i as f64 / (n as f64 - 1.0) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: usize, i: usize) -> Vec<(usize, f32)> {
        resampling(n)[i * STORED_GRID..][..STORED_GRID]
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, v)| v.abs() > 1e-6)
            .collect()
    }

    #[test]
    fn resampling_rows_match_the_check_vectors() {
        let cases = [
            (36, 0, vec![(0, 0.9905354), (1, 0.0095797), (2, -0.0001151)]),
            (36, 17, vec![(16, -0.1039798), (17, 0.6755264), (18, 0.5089292), (19, -0.0804758)]),
            (20, 0, vec![(0, 0.5893), (1, 0.4875267), (2, -0.0768267)]),
            (20, 19, vec![(34, -0.1083909), (35, 0.725358), (36, 0.3830329)]),
        ];
        for (n, i, expected) in cases {
            let actual = row(n, i);
            assert_eq!(actual.len(), expected.len(), "{n} {i}: {actual:?}");
            for (a, e) in actual.iter().zip(&expected) {
                assert!(a.0 == e.0 && (a.1 - e.1).abs() < 1e-5, "{n} {i}: {a:?} {e:?}");
            }
        }
    }

    #[test]
    fn uv_tables_match_the_check_vector() {
        let tables = uv_tables(8, 20, 36, 504.0 / 280.0);
        let expected = [-0.0751198, -0.0084885, 0.0660077, 0.0996391, -0.0445167, -0.0046120, 0.0895448, 0.0998936];
        for (channel, value) in expected.into_iter().enumerate() {
            let at = |row: usize, column: usize| match channel {
                0..4 => tables.columns[column * 4 + channel],
                _ => tables.rows[row * 4 + channel - 4],
            };
            assert!((at(0, 0) - value).abs() < 1e-6, "channel {channel}");
            let mirrored = if [0, 1, 4, 5].contains(&channel) { -value } else { value };
            assert!((at(19, 35) - mirrored).abs() < 1e-6, "channel {channel}");
        }
    }
}
