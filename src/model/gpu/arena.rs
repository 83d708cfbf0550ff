//! Which part of a card's memory belongs to whom, from sizes alone: the same run takes the same places each time, so that
//! what it will take is known before.

/// Memory is had in blocks of this size at most, in bytes: every card binds that much.
pub const BLOCK: u64 = 128 << 20;
/// Where arrays may begin: what every card can bind.
pub const STEP: u64 = 256;

/// A stretch of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub block: usize,
    pub offset: u64,
    pub bytes: u64,
}

/// The blocks, and what of them is free.
#[derive(Clone, Debug, Default)]
pub struct Arena {
    blocks: Vec<Block>,
    /// How large the first blocks are; those behind them are of [`BLOCK`].
    planned: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Block {
    /// From where to where nobody is, in ascending order; neighbours never touch.
    gaps: Vec<[u64; 2]>,
    /// As far as anybody ever was.
    high: u64,
    size: u64,
}

impl Arena {
    /// With blocks as large as a pass on paper has filled them: one that goes another way gets blocks more, and is not refused.
    pub fn planned(sizes: &[u64]) -> Self {
        Self { blocks: Vec::new(), planned: sizes.to_vec() }
    }

    /// How large a block is.
    pub fn size(&self, block: usize) -> u64 {
        self.blocks[block].size
    }

    /// The tightest gap below what was ever used, else the room behind it; a block of its own for what is larger than [`BLOCK`].
    pub fn take(&mut self, bytes: u64) -> Span {
        let bytes = bytes.max(1).next_multiple_of(STEP);
        // Of a gap, what was used before.
        let used = |block: &Block, [from, to]: [u64; 2]| to.min(block.high).saturating_sub(from);
        let gaps =
            self.blocks.iter().enumerate().flat_map(|(i, block)| block.gaps.iter().map(move |&gap| (i, block, gap)));
        let fitting = gaps.clone().filter(|(_, block, gap)| used(block, *gap) >= bytes);
        let tightest = fitting.min_by_key(|(_, block, gap)| used(block, *gap));
        let least_growth = || {
            let growth = |block: &Block, gap: [u64; 2]| (gap[0] + bytes).saturating_sub(block.high);
            let roomy = gaps.clone().filter(|(_, _, gap)| gap[1] - gap[0] >= bytes);
            roomy.min_by_key(|(_, block, gap)| growth(block, *gap))
        };
        let found = tightest.or_else(least_growth).map(|(i, _, gap)| (i, gap[0]));
        let (block, offset) = found.unwrap_or_else(|| {
            let planned = self.planned.get(self.blocks.len()).copied().unwrap_or(BLOCK);
            let size = planned.max(bytes);
            self.blocks.push(Block { gaps: vec![[0, size]], high: 0, size });
            (self.blocks.len() - 1, 0)
        });
        self.blocks[block].occupy(offset, bytes);
        Span { block, offset, bytes }
    }

    pub fn give(&mut self, span: Span) {
        self.blocks[span.block].free(span.offset, span.offset + span.bytes);
    }

    /// Whether nobody is anywhere.
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(|block| matches!(block.gaps[..], [[0, to]] if to == block.size))
    }

    /// By block, the bytes that were ever used of it.
    pub fn high_water(&self) -> Vec<u64> {
        self.blocks.iter().map(|block| block.high).collect()
    }

    /// Bytes that all blocks together must have.
    pub fn peak(&self) -> u64 {
        self.blocks.iter().map(|block| block.high).sum()
    }
}

impl Block {
    fn occupy(&mut self, offset: u64, bytes: u64) {
        let at = self.gaps.partition_point(|gap| gap[0] < offset);
        self.gaps[at][0] += bytes;
        if self.gaps[at][0] == self.gaps[at][1] {
            self.gaps.remove(at);
        }
        self.high = self.high.max(offset + bytes);
    }

    fn free(&mut self, from: u64, to: u64) {
        let at = self.gaps.partition_point(|gap| gap[0] < from);
        let [mut first, mut end] = [from, to];
        if self.gaps.get(at).is_some_and(|gap| gap[0] == to) {
            end = self.gaps.remove(at)[1];
        }
        if at > 0 && self.gaps[at - 1][1] == from {
            first = self.gaps.remove(at - 1)[0];
        }
        let at = self.gaps.partition_point(|gap| gap[0] < first);
        self.gaps.insert(at, [first, end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_taken_again() {
        let mut arena = Arena::default();
        let [a, b, c] = [1000, 2000, 500].map(|bytes| arena.take(bytes));
        assert_eq!([a.offset, b.offset, c.offset], [0, 1024, 3072]);
        arena.give(a);
        arena.give(c);
        let small = arena.take(100);
        assert_eq!(small.offset, 3072, "the tightest gap");
        assert_eq!(arena.take(1024).offset, 0);
        arena.give(small);
        arena.give(b);
        assert_eq!(arena.take(2304).offset, 1024, "neighbours become one gap");
        assert_eq!((arena.peak(), arena.high_water()), (3584, vec![3584]));
        assert!(!arena.is_empty() && Arena::default().is_empty());
    }

    #[test]
    fn no_array_lies_across_blocks() {
        let mut arena = Arena::default();
        let most = arena.take(BLOCK - 512);
        let next = arena.take(1024);
        assert_eq!((most.block, next.block, next.offset), (0, 1, 0));
        assert_eq!(arena.take(512).block, 0, "what is left of a block is used");
        let larger = arena.take(BLOCK + 1);
        assert_eq!((larger.block, larger.bytes), (2, BLOCK + 256), "and what no block holds has one of its own");
    }

    #[test]
    fn a_plan_is_kept_to_and_no_limit() {
        let mut arena = Arena::planned(&[2048, 512]);
        let all = [1024, 1024, 512, 256].map(|bytes| arena.take(bytes));
        assert_eq!(all.map(|span| (span.block, span.offset)), [(0, 0), (0, 1024), (1, 0), (2, 0)]);
        assert_eq!([0, 1, 2].map(|block| arena.size(block)), [2048, 512, BLOCK]);
    }

    /// Takes and gives in an order like chance, and looks at all that is out each time.
    #[test]
    fn nobody_is_where_another_is() {
        let mut arena = Arena::default();
        let mut out: Vec<Span> = Vec::new();
        let mut chance = 7u64;
        for _ in 0..4000 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = chance >> 33;
            if number % 5 < 2 && !out.is_empty() {
                arena.give(out.swap_remove(number as usize / 5 % out.len()));
            } else if out.len() < 60 {
                out.push(arena.take(number % (9 << 20)));
            }
            let mut sorted = out.clone();
            sorted.sort_by_key(|span| (span.block, span.offset));
            for two in sorted.windows(2) {
                assert!(two[0].block < two[1].block || two[0].offset + two[0].bytes <= two[1].offset, "{two:?}");
            }
        }
        out.into_iter().for_each(|span| arena.give(span));
        assert!(arena.is_empty(), "all is one gap again: {arena:?}");
    }
}
