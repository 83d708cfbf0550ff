//! What a run does when memory runs out under it, or a card's patience: less at once, one step after the other.

use super::{Notice, Short};
use crate::model::TILE_BYTES;

/// Steps that are tried in one run: a run that needs more of them is better started anew.
const MOST_STEPS: usize = 6;
/// Smaller tiles of attention cost time and save nothing worth having.
const LEAST_TILE: usize = TILE_BYTES / 16;
/// Below this resolution there is not much left to see.
const LEAST_RESOLUTION: u32 = 196;

/// How much of a run goes through the network at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub views_per_pass: usize,
    pub tile_bytes: usize,
    /// Process resolution in pixels.
    pub resolution: u32,
}

/// Steps down from an extent.
#[derive(Clone, Debug)]
pub(super) struct Shrink {
    extent: Extent,
    /// Fewer views than this make no pass: two, where passes must share one to become one scene.
    least_views: usize,
    has_tiles: bool,
    may_lower_resolution: bool,
    steps: usize,
    has_tried_again: bool,
}

impl Shrink {
    pub fn new(extent: Extent, least_views: usize, has_tiles: bool, may_lower_resolution: bool) -> Self {
        Self { extent, least_views, has_tiles, may_lower_resolution, steps: 0, has_tried_again: false }
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// All may be tried again on another device.
    pub fn start_anew(&mut self, has_tiles: bool) {
        (self.has_tiles, self.steps, self.has_tried_again) = (has_tiles, 0, false);
    }

    /// The next thing to try, and what to say of it; `None` when there is nothing left. A card that was busy for too long
    /// gets less at once, but pixels are given up for memory alone.
    pub fn step(&mut self, short: Short) -> Option<Notice> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        let extent = &mut self.extent;
        if extent.views_per_pass > self.least_views {
            extent.views_per_pass = (extent.views_per_pass / 2).max(self.least_views);
            return Some(Notice::FewerViews { views: extent.views_per_pass, short });
        }
        if self.has_tiles && extent.tile_bytes > LEAST_TILE {
            extent.tile_bytes /= 4;
            return Some(Notice::SmallerTiles { bytes: extent.tile_bytes, short });
        }
        // What was freed on the way here may be enough.
        if !std::mem::replace(&mut self.has_tried_again, true) {
            return Some(Notice::TriedAgain { short });
        }
        let lower = extent.resolution * 3 / 4 / 14 * 14;
        if short == Short::Memory && self.may_lower_resolution && lower >= LEAST_RESOLUTION {
            extent.resolution = lower;
            return Some(Notice::LowerResolution { pixels: lower });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { views_per_pass: 9, tile_bytes: TILE_BYTES, resolution: 504 };

    fn steps(mut shrink: Shrink) -> Vec<Notice> {
        std::iter::from_fn(|| shrink.step(Short::Memory)).collect()
    }

    #[test]
    fn views_come_before_tiles_before_resolution() {
        let told = steps(Shrink::new(EXTENT, 2, true, true));
        let short = Short::Memory;
        let tile = |bytes| Notice::SmallerTiles { bytes, short: Short::Memory };
        assert_eq!(
            told,
            [
                Notice::FewerViews { views: 4, short: Short::Memory },
                Notice::FewerViews { views: 2, short: Short::Memory },
                tile(TILE_BYTES / 4),
                tile(TILE_BYTES / 16),
                Notice::TriedAgain { short },
                Notice::LowerResolution { pixels: 378 },
            ]
        );
    }

    #[test]
    fn resolution_is_lowered_only_where_it_may_be() {
        let one = Extent { views_per_pass: 1, ..EXTENT };
        assert_eq!(steps(Shrink::new(one, 1, false, false)), [Notice::TriedAgain { short: Short::Memory }]);
        assert_eq!(steps(Shrink::new(one, 1, false, true)).len(), 4, "378, 280 and 210 px");
        let many = Extent { views_per_pass: 1 << 20, ..EXTENT };
        assert_eq!(steps(Shrink::new(many, 1, false, true)).len(), MOST_STEPS, "a handful at most");
    }

    #[test]
    fn a_card_that_was_busy_too_long_gets_less_and_keeps_its_pixels() {
        let busy = || Short::Time { reason: "watchdog".into() };
        let mut shrink = Shrink::new(Extent { views_per_pass: 4, ..EXTENT }, 2, false, true);
        assert_eq!(shrink.step(busy()), Some(Notice::FewerViews { views: 2, short: busy() }));
        assert_eq!(shrink.step(busy()), Some(Notice::TriedAgain { short: busy() }));
        assert_eq!(shrink.step(busy()), None);
        shrink.start_anew(true);
        assert!(
            matches!(shrink.step(Short::Memory), Some(Notice::SmallerTiles { .. })),
            "elsewhere there is more to try"
        );
    }
}
