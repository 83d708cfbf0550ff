//! Memory is looked after before a library runs over it.

use super::super::testing::STAND_IN;
use super::*;

#[test]
#[should_panic(expected = "a block's left side reaches past its memory")]
fn a_block_past_the_end_is_refused() {
    let (left, right, mut sums) = ([0.0; 15], [0.0; 8], [0.0; 8]);
    STAND_IN.multiply(Block {
        rows: 4,
        columns: 2,
        inputs: 4,
        left: &left,
        left_stride: 4,
        right: Right { values: &right, is_by_output: true, stride: 4 },
        sums: &mut sums,
        sums_stride: 2,
        is_continued: false,
    });
}
