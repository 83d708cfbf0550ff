//! Long inputs cut into pieces that a core keeps near.

use super::panel::Runs;

/// Parts of a run begin at multiples of this.
const PIECE_STEP: usize = 32;

/// A part of the inputs, short enough that its part of a panel and of a tile's rows lie in a core's first cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// From the beginning of a row.
    pub start: usize,
    /// The first run, and the first input in it.
    run: usize,
    inside: usize,
    pub runs: Runs,
}

impl Piece {
    /// Number of its first input in a panel whose runs have this length.
    pub fn input(&self, padded_run: usize) -> usize {
        self.run * padded_run + self.inside
    }
}

/// Cuts runs into pieces of about `most` inputs: parts of one run, or several whole runs.
pub(super) fn pieces(runs: Runs, run_stride: usize, most: usize) -> Vec<Piece> {
    if runs.length > most {
        // Equal parts, in steps that every element type can take.
        let parts = runs.length.div_ceil(most);
        let part = runs.length.div_ceil(parts).next_multiple_of(PIECE_STEP);
        let cut = |run: usize| {
            (0..runs.length).step_by(part).map(move |inside| Piece {
                start: run * run_stride + inside,
                run,
                inside,
                runs: Runs::one(part.min(runs.length - inside)),
            })
        };
        return (0..runs.count).flat_map(cut).collect();
    }
    let together = (most / runs.length.max(1)).max(1);
    let group = |run: usize| Piece {
        start: run * run_stride,
        run,
        inside: 0,
        runs: Runs { count: together.min(runs.count - run), length: runs.length },
    };
    (0..runs.count).step_by(together).map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Numbers;
    use super::*;

    #[test]
    fn pieces_are_every_input_once_and_in_order() {
        let mut numbers = Numbers::new(5);
        for _ in 0..500 {
            let runs = Runs { count: numbers.size(14), length: numbers.size(900) };
            let (run_stride, most) = (runs.length + numbers.size(50), 32 * numbers.size(16));
            let mut inputs = Vec::new();
            for piece in pieces(runs, run_stride, most) {
                assert_eq!(piece.start, piece.run * run_stride + piece.inside, "{runs:?}");
                assert_eq!(piece.inside % PIECE_STEP, 0, "{runs:?}");
                assert!(piece.runs.total() <= most.max(runs.length.min(most)), "{runs:?}: {piece:?} of {most}");
                for run in 0..piece.runs.count {
                    let first = piece.input(runs.length) + run * runs.length;
                    inputs.extend(first..first + piece.runs.length);
                }
            }
            assert_eq!(inputs, (0..runs.total()).collect::<Vec<_>>(), "{runs:?} in pieces of {most}");
        }
    }
}
