//! Rows shared out to threads evenly: a task more or less at the end would leave threads waiting.

use std::ops::Range;

/// Some rows of a product and where they go.
pub struct Share<'a, O> {
    pub rows: Range<usize>,
    pub out: &'a mut [O],
}

/// Cuts `rows` rows, whose output takes `stride` numbers each (the last may be shorter), into shares of at most about
/// `most` rows. Shares are whole multiples of `unit` but for the last, differ by one unit at most, and are as many for
/// each thread.
pub fn shared<O>(out: &mut [O], rows: usize, stride: usize, unit: usize, most: usize) -> Vec<Share<'_, O>> {
    let units = rows.div_ceil(unit);
    let tasks = units.div_ceil((most / unit).max(1)).next_multiple_of(rayon::current_num_threads()).min(units);
    let mut rest = out;
    let mut shares = Vec::with_capacity(tasks);
    for task in 0..tasks {
        let bound = |task: usize| (task * units / tasks * unit).min(rows);
        let range = bound(task)..if task + 1 == tasks { rows } else { bound(task + 1) };
        let (mine, others) = rest.split_at_mut((range.len() * stride).min(rest.len()));
        shares.push(Share { rows: range, out: mine });
        rest = others;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_shared_out_once_and_evenly() {
        for (rows, unit, most) in [(865, 12, 96), (1, 12, 96), (13, 6, 1), (96, 1, 6), (100, 32, 1000), (7, 1, 100)] {
            let mut out = vec![0; rows * 3];
            let shares = shared(&mut out, rows, 3, unit, most);
            let mut next = 0;
            for share in &shares {
                assert_eq!((share.rows.start, share.out.len()), (next, share.rows.len() * 3), "{rows} {unit} {most}");
                next = share.rows.end;
            }
            assert_eq!(next, rows);
            let lengths = shares.iter().map(|share| share.rows.len().div_ceil(unit));
            let (least, greatest) = (lengths.clone().min(), lengths.max());
            assert!(greatest <= least.map(|least| least + 1), "{rows} {unit} {most}: {least:?} to {greatest:?}");
        }
        assert!(shared(&mut [0u8; 0], 0, 1, 12, 96).is_empty());
    }
}
