//! The greatest and the second greatest number of each row and of each column of a table that is seen some rows at a time.

use super::dispatch::dispatch;
use super::simd::{Kernel, Simd};
use super::sinks::{load_some, store_some};

/// The greatest number and the one after it, which may be as great; −∞ where there are not so many.
pub type Two = [f32; 2];

pub const NONE: Two = [f32::NEG_INFINITY; 2];

/// What is known of each column.
pub struct OfColumns {
    greatest: Vec<f32>,
    second: Vec<f32>,
}

impl OfColumns {
    pub fn new(columns: usize) -> Self {
        Self { greatest: vec![f32::NEG_INFINITY; columns], second: vec![f32::NEG_INFINITY; columns] }
    }

    /// Of one column, among all rows that were seen.
    pub fn get(&self, column: usize) -> Two {
        [self.greatest[column], self.second[column]]
    }

    /// Looks at more rows, each as long as there are columns, and tells the two greatest numbers of each.
    pub fn see(&mut self, rows: &[f32]) -> Vec<Two> {
        let columns = self.greatest.len();
        if columns == 0 {
            return Vec::new();
        }
        rows.chunks_exact(columns).map(|row| dispatch(Row { row, of_columns: self })).collect()
    }
}

struct Row<'a> {
    row: &'a [f32],
    of_columns: &'a mut OfColumns,
}

impl Kernel for Row<'_> {
    type Output = Two;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Two {
        let OfColumns { greatest, second } = self.of_columns;
        let (mut first_lanes, mut second_lanes) = (s.splat(f32::NEG_INFINITY), s.splat(f32::NEG_INFINITY));
        let whole = self.row.len() / S::LANES * S::LANES;
        for at in (0..whole).step_by(S::LANES) {
            let x = s.load(&self.row[at..]);
            second_lanes = s.max(second_lanes, s.min(first_lanes, x));
            first_lanes = s.max(first_lanes, x);
            let column = s.load(&greatest[at..]);
            let after = s.max(s.load(&second[at..]), s.min(column, x));
            s.store(&mut second[at..], after);
            s.store(&mut greatest[at..], s.max(column, x));
        }
        let mut lanes = [f32::NEG_INFINITY; 32];
        s.store(&mut lanes, first_lanes);
        s.store(&mut lanes[16..], second_lanes);
        let mut two = lanes.into_iter().fold(NONE, with);
        let rest = self.row.len() - whole;
        if rest > 0 {
            let x = load_some(s, &self.row[whole..], rest);
            let column = load_some(s, &greatest[whole..], rest);
            let after = load_some(s, &second[whole..], rest);
            store_some(s, &mut second[whole..], rest, s.max(after, s.min(column, x)));
            store_some(s, &mut greatest[whole..], rest, s.max(column, x));
            two = self.row[whole..].iter().copied().fold(two, with);
        }
        two
    }
}

fn with([greatest, second]: Two, x: f32) -> Two {
    [greatest.max(x), second.max(greatest.min(x))]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Machine, Numbers};
    use super::*;

    fn exact(numbers: impl Iterator<Item = f32>) -> Two {
        let mut sorted: Vec<f32> = numbers.chain(NONE).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        [sorted[0], sorted[1]]
    }

    #[test]
    fn the_two_greatest_are_those_of_a_sorted_list_on_every_instruction_set() {
        for (rows, columns) in [(1, 1), (2, 1), (1, 40), (37, 16), (23, 131)] {
            let mut table = Numbers::new(7).list(rows * columns);
            // Equal ones are both counted.
            if columns > 5 {
                (table[1], table[4]) = (9.0, 9.0);
            }
            for machine in Machine::levels() {
                let (of_rows, of_columns) = machine.run(|| {
                    let mut of_columns = OfColumns::new(columns);
                    let split = rows / 2 * columns;
                    let mut of_rows = of_columns.see(&table[..split]);
                    of_rows.extend(of_columns.see(&table[split..]));
                    (of_rows, of_columns)
                });
                for (y, two) in of_rows.iter().enumerate() {
                    assert_eq!(*two, exact(table[y * columns..][..columns].iter().copied()), "{machine:?}, row {y}");
                }
                for x in 0..columns {
                    let expected = exact(table[x..].iter().step_by(columns).copied());
                    assert_eq!(of_columns.get(x), expected, "{machine:?}, column {x}");
                }
                assert_eq!(of_rows.len(), rows);
            }
        }
    }
}
