//! How well each of some things fits each of others, and which are each other's best.

use rayon::prelude::*;

use super::kernels::{Format, Inputs, Matrix, PerOutput, Rows, Runs, linear, log_sums};

/// Columns that are gone through together: so much of each row is read at once.
const STRIP: usize = 128;

/// A number for each row and each column.
pub struct Table {
    /// [rows, columns].
    values: Vec<f32>,
    columns: usize,
}

impl Table {
    /// Products of all rows `a` [rows, length] with all rows `b` [columns, length].
    pub fn products(a: &[f32], b: &[f32], length: usize) -> Self {
        let columns = b.len() / length;
        let mut values = vec![0.0; a.len() / length * columns];
        if !values.is_empty() {
            let matrix = Matrix::new(b, columns, Runs::one(length), Format::F32);
            let none = PerOutput::zeros(columns);
            let inputs = Inputs::<f32>::copy_of(a, length);
            linear(&inputs, &matrix, &mut values, columns, 1, |_, _| Rows::new(&none, columns));
        }
        Self { values, columns }
    }

    pub fn get(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.columns + column]
    }

    /// ln Σ eˣ of each row, and of each column.
    pub fn log_sums(&self) -> [Vec<f32>; 2] {
        log_sums(&self.values, self.columns)
    }

    /// Rows and columns that are each other's best by value(row, column) + `of_rows`(row) + `of_columns`(column), in the order
    /// of the rows. Of equal ones the first is the best; what is not a number is none.
    pub fn mutual_best(&self, of_rows: &[f32], of_columns: &[f32]) -> Vec<[usize; 2]> {
        if self.values.is_empty() {
            return Vec::new();
        }
        let best_column = |row: &[f32]| {
            let mut best = (f32::NEG_INFINITY, 0);
            for (column, (value, plus)) in row.iter().zip(of_columns).enumerate() {
                if value + plus > best.0 {
                    best = (value + plus, column);
                }
            }
            best.1
        };
        let of_row: Vec<usize> = self.values.par_chunks_exact(self.columns).map(best_column).collect();
        let mut of_column = vec![0; self.columns];
        of_column.par_chunks_mut(STRIP).enumerate().for_each(|(strip, out)| {
            let mut best = [f32::NEG_INFINITY; STRIP];
            for (row, (values, plus)) in self.values.chunks_exact(self.columns).zip(of_rows).enumerate() {
                let values = &values[strip * STRIP..][..out.len()];
                for (value, (best, out)) in values.iter().zip(best.iter_mut().zip(&mut *out)) {
                    if value + plus > *best {
                        (*best, *out) = (value + plus, row);
                    }
                }
            }
        });
        let pairs = of_row.iter().enumerate().filter(|&(row, &column)| of_column[column] == row);
        pairs.map(|(row, &column)| [row, column]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[f32], columns: usize) -> Table {
        Table { values: values.to_vec(), columns }
    }

    #[test]
    fn products_are_those_of_rows() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 0.5, 0.25]);
        let table = Table::products(&a, &b, 2);
        assert_eq!(table.values, [17.0, 23.0, 1.0, 39.0, 53.0, 2.5]);
        assert_eq!(table.get(1, 2), 2.5);
        for (a, b) in [(&a[..0], &b[..]), (&a[..], &b[..0])] {
            assert!(Table::products(a, b, 2).mutual_best(&[0.0; 2], &[0.0; 3]).is_empty());
        }
    }

    #[test]
    fn best_ones_are_mutual_and_terms_count() {
        let table = table(&[5.0, 1.0, 4.0, 6.0, 2.0, 3.0], 3);
        // Both rows like the first column best, which likes the second row best.
        assert_eq!(table.mutual_best(&[0.0; 2], &[0.0; 3]), [[1, 0]]);
        assert_eq!(table.mutual_best(&[0.0; 2], &[0.0, 0.0, 2.0]), [[0, 2], [1, 0]]);
        assert_eq!(table.mutual_best(&[2.0, 0.0], &[0.0; 3]), [[0, 0]]);
    }

    #[test]
    fn wide_tables_find_what_was_hidden_in_them() {
        let (rows, columns) = (150, 300);
        let mut values = vec![0.0; rows * columns];
        let hidden: Vec<[usize; 2]> = (0..rows).map(|row| [row, (row * 7 + 130) % columns]).collect();
        hidden.iter().for_each(|&[row, column]| values[row * columns + column] = 1.0);
        assert_eq!(table(&values, columns).mutual_best(&vec![0.0; rows], &vec![0.0; columns]), hidden);
    }
}
