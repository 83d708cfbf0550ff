//! Which of some lists of bytes are clearly most alike, of all with all.

use half::bf16;

use super::kernels::{Bf16Unit, Compute, Element, Format, Inputs, Matrix, OfColumns, PerOutput, Rows, Runs, linear};

/// Numbers of the table that are worked out together: they stay in a core's second cache while they are gone through.
const BLOCK: usize = 1 << 18;
/// Rows are worked out in tiles, and fewer would fill none.
const LEAST_ROWS: usize = 32;

/// Places of rows of `a` [rows, length] and `b` [others, length] that are each other's nearest, and clearly: from either side the
/// distance to the second nearest, times `ratio`, is greater (D. Lowe, 2004). In ascending order.
///
/// Every row is compared with every other, and all sums are exact: squared distances of up to 256 bytes fit the 24 bits of an f32, and a
/// byte the 8 of a bf16.
pub fn clearest(a: &[u8], b: &[u8], length: usize, ratio: f32) -> Vec<[u32; 2]> {
    assert!(length <= 256, "sums must be exact");
    if a.len() < length || b.len() < length {
        return Vec::new();
    }
    let others = b.len() / length;
    // Where nothing is faster in bf16, nothing is lost by f32 either.
    let format = if Bf16Unit::exists() { Format::Bf16 } else { Format::F32 };
    let matrix = Matrix::laid_out(others, Runs::one(length), format, |row, at| f32::from(b[row * length + at]));
    match matrix.compute() {
        Compute::F32 => among::<f32>(a, b, &matrix, length, ratio),
        Compute::Bf16 => among::<bf16>(a, b, &matrix, length, ratio),
    }
}

fn among<E: Element>(a: &[u8], b: &[u8], matrix: &Matrix, length: usize, ratio: f32) -> Vec<[u32; 2]> {
    let columns = matrix.outputs();
    let half_squares = |rows: &[u8]| -> Vec<f32> { rows.chunks_exact(length).map(half_square).collect() };
    let less = PerOutput::new(&half_squares(b).iter().map(|half| -half).collect::<Vec<_>>());
    let mut of_columns = OfColumns::new(columns);
    let mut inputs = Inputs::<E>::default();
    let mut candidates: Vec<(usize, usize, f32)> = Vec::new();
    let rows = (BLOCK / columns).max(LEAST_ROWS);
    let mut table = Vec::new();
    for (block, some) in a.chunks(rows * length).enumerate() {
        inputs.copy(&some.iter().map(|&byte| f32::from(byte)).collect::<Vec<_>>(), length);
        table.resize(inputs.rows() * columns, 0.0);
        linear(&inputs, matrix, &mut table, columns, 1, |_, _| Rows::new(&less, columns));
        // a·b − a²/2 − b²/2 = −|a − b|²/2, the greater the nearer.
        for (row, half) in table.chunks_exact_mut(columns).zip(half_squares(some)) {
            row.iter_mut().for_each(|x| *x -= half);
        }
        for (row, two) in of_columns.see(&table).into_iter().enumerate() {
            if is_clear(two, ratio)
                && let Some(column) = table[row * columns..][..columns].iter().position(|&x| x == two[0])
            {
                candidates.push((block * rows + row, column, two[0]));
            }
        }
    }
    // What is clearly the greatest of its column is there once, so a candidate that is as great is that one.
    let is_mutual = |&&(_, column, nearness): &&(usize, usize, f32)| {
        let two = of_columns.get(column);
        two[0] == nearness && is_clear(two, ratio)
    };
    candidates.iter().filter(is_mutual).map(|&(row, column, _)| [row as u32, column as u32]).collect()
}

/// Of −(squared distance)/2. Where there is nothing else to compare with, nothing is clear.
fn is_clear([nearest, second]: [f32; 2], ratio: f32) -> bool {
    second.is_finite() && -nearest < ratio * ratio * -second
}

fn half_square(row: &[u8]) -> f32 {
    row.iter().map(|&byte| u32::from(byte) * u32::from(byte)).sum::<u32>() as f32 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: usize = 128;

    fn squared(a: &[u8], b: &[u8]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum()
    }

    /// By the definition, number by number.
    fn exact(a: &[u8], b: &[u8], ratio: f64) -> Vec<[u32; 2]> {
        let nearest = |row: &[u8], all: &[u8]| {
            let mut sorted: Vec<(f64, usize)> =
                all.chunks_exact(LENGTH).enumerate().map(|(at, other)| (squared(row, other), at)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let is_clear = sorted.len() > 1 && sorted[0].0 < ratio * ratio * sorted[1].0;
            is_clear.then(|| sorted[0].1)
        };
        let mutual = |(at, row): (usize, &[u8])| {
            let other = nearest(row, b)?;
            (nearest(&b[other * LENGTH..][..LENGTH], a)? == at).then_some([at as u32, other as u32])
        };
        a.chunks_exact(LENGTH).enumerate().filter_map(mutual).collect()
    }

    /// Bytes as descriptors have them: most small, a few great. No generator of others is needed for that.
    fn bytes(seed: u64, count: usize) -> Vec<u8> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = (state >> 40) as u8;
            if x.is_multiple_of(7) { x } else { x / 8 }
        };
        (0..count * LENGTH).map(next).collect()
    }

    /// `a` in another order, changed by up to `by`, among strangers.
    fn changed(a: &[u8], by: u8, strangers: usize) -> Vec<u8> {
        let noise = bytes(77, a.len() / LENGTH);
        let rows: Vec<Vec<u8>> = a
            .chunks_exact(LENGTH)
            .zip(noise.chunks_exact(LENGTH))
            .map(|(row, noise)| row.iter().zip(noise).map(|(x, n)| x.saturating_add(n % by)).collect())
            .collect();
        rows.into_iter().rev().flatten().chain(bytes(99, strangers)).collect()
    }

    #[test]
    fn what_is_found_is_what_the_definition_says() {
        for (rows, strangers) in [(1, 1), (1, 5), (70, 0), (3000, 40)] {
            let a = bytes(3, rows);
            let b = changed(&a, 60, strangers);
            let found = clearest(&a, &b, LENGTH, 0.8);
            assert_eq!(found, exact(&a, &b, 0.8f32.into()), "{rows} rows");
            assert!(rows == 1 || found.len() > rows / 2, "{} of {rows}", found.len());
        }
    }

    #[test]
    fn one_that_is_there_twice_is_not_clear_and_nothing_is_like_nothing() {
        let a = bytes(3, 20);
        let mut b = changed(&a, 60, 0);
        let twin = b[..LENGTH].to_vec();
        b.extend(twin);
        let found = clearest(&a, &b, LENGTH, 0.8);
        assert!(found.len() == 19 && found.iter().all(|[row, _]| *row != 19), "{found:?}");
        assert!(clearest(&[], &b, LENGTH, 0.8).is_empty() && clearest(&a, &[], LENGTH, 0.8).is_empty());
        assert!(clearest(&a, &b[..LENGTH], LENGTH, 0.8).is_empty(), "one alone cannot be compared");
        // The greatest numbers that there can be.
        let far = [[0u8; 256], [255; 256], [1; 256]].concat();
        assert_eq!(clearest(&far, &far, 256, 0.8), [[0, 0], [1, 1], [2, 2]]);
    }
}
