//! Logarithms of sums of exponentials, along the rows and along the columns of a table.

use rayon::prelude::*;

use super::dispatch::dispatch;
use super::math::exp;
use super::simd::{Kernel, Simd};
use super::sinks::{load_some, store_some};

/// Columns that are summed up together: so much of each row is read at once, and their sums stay in the first cache.
const STRIP: usize = 128;

/// Of a table [rows, columns] ln Σ eˣ of each row, and of each column.
///
/// The greatest number is taken out of each sum first, so that none overflows. Tables without rows or columns have no
/// sums.
pub fn log_sums(table: &[f32], columns: usize) -> [Vec<f32>; 2] {
    if table.is_empty() {
        return [Vec::new(), Vec::new()];
    }
    let of_rows = table.par_chunks_exact(columns).map(|row| dispatch(RowSum { row })).collect();
    let mut of_columns = vec![0.0; columns];
    of_columns.par_chunks_mut(STRIP).enumerate().for_each(|(strip, out)| {
        dispatch(ColumnSums { table, columns, first: strip * STRIP, out });
    });
    [of_rows, of_columns]
}

struct RowSum<'a> {
    row: &'a [f32],
}

impl Kernel for RowSum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> f32 {
        let (whole, rest) = self.row.split_at(self.row.len() / S::LANES * S::LANES);
        let mut most = s.splat(f32::NEG_INFINITY);
        for x in whole.chunks_exact(S::LANES) {
            most = s.max(most, s.load(x));
        }
        let greatest = rest.iter().fold(s.greatest(most), |most, &x| most.max(x));
        let mut total = s.splat(0.0);
        for x in whole.chunks_exact(S::LANES) {
            total = s.add(total, exp(s, s.sub(s.load(x), s.splat(greatest))));
        }
        let rest: f32 = rest.iter().map(|x| (x - greatest).exp()).sum();
        greatest + (s.sum(total) + rest).ln()
    }
}

/// Of the columns from `first` on, one for each number of `out`.
struct ColumnSums<'a> {
    table: &'a [f32],
    columns: usize,
    first: usize,
    out: &'a mut [f32],
}

impl Kernel for ColumnSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { table, columns, first, out } = self;
        let count = out.len();
        let mut greatest = [f32::NEG_INFINITY; STRIP];
        let mut totals = [0.0; STRIP];
        for row in table.chunks_exact(columns) {
            let row = &row[first..][..count];
            for at in (0..count).step_by(S::LANES) {
                let most = s.max(s.load(&greatest[at..]), load_some(s, &row[at..], count - at));
                store_some(s, &mut greatest[at..], count - at, most);
            }
        }
        for row in table.chunks_exact(columns) {
            let row = &row[first..][..count];
            for at in (0..count).step_by(S::LANES) {
                let x = s.sub(load_some(s, &row[at..], count - at), s.load(&greatest[at..]));
                let total = s.add(s.load(&totals[at..]), exp(s, x));
                store_some(s, &mut totals[at..], count - at, total);
            }
        }
        for (out, (greatest, total)) in out.iter_mut().zip(greatest.iter().zip(totals)) {
            *out = greatest + total.ln();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Machine, Numbers};
    use super::*;

    fn exact<'a>(numbers: impl Iterator<Item = &'a f32> + Clone) -> f64 {
        let greatest = f64::from(numbers.clone().copied().fold(f32::NEG_INFINITY, f32::max));
        greatest + numbers.map(|&x| (f64::from(x) - greatest).exp()).sum::<f64>().ln()
    }

    #[test]
    fn sums_agree_with_the_definition_on_every_instruction_set() {
        for (rows, columns) in [(1, 1), (3, 129), (200, 31), (70, 300)] {
            // Between −60 and 60: exponentials alone would not fit.
            let table: Vec<f32> = Numbers::new(31).list(rows * columns).into_iter().map(|x| 60.0 * x).collect();
            for machine in Machine::levels() {
                let [of_rows, of_columns] = machine.run(|| log_sums(&table, columns));
                assert_eq!((of_rows.len(), of_columns.len()), (rows, columns));
                for (y, sum) in of_rows.iter().enumerate() {
                    let expected = exact(table[y * columns..][..columns].iter());
                    assert!((f64::from(*sum) - expected).abs() < 2e-5, "{machine:?}, row {y}: {sum}, not {expected}");
                }
                for (x, sum) in of_columns.iter().enumerate() {
                    let expected = exact(table[x..].iter().step_by(columns));
                    assert!(
                        (f64::from(*sum) - expected).abs() < 2e-5,
                        "{machine:?}, column {x}: {sum}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_has_no_sums() {
        assert!(log_sums(&[], 5).iter().all(Vec::is_empty));
    }
}
