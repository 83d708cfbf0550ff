//! Films for two eyes.

use crate::scene::StereoLayout;

/// How each picture of a film holds what two eyes see, the left eye's first. H.264 tells players
/// (ITU-T H.264, D.2.26, frame_packing_arrangement_type).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePacking {
    SideBySide,
    OverUnder,
}

impl FramePacking {
    /// Of a layout that players can take apart; `swap`: the right eye's picture is the first, which no player expects.
    pub fn of(layout: StereoLayout, swap: bool) -> Option<Self> {
        match layout {
            _ if swap => None,
            StereoLayout::SideBySide | StereoLayout::HalfSideBySide => Some(Self::SideBySide),
            StereoLayout::OverUnder => Some(Self::OverUnder),
            StereoLayout::Anaglyph => None,
        }
    }

    /// In the words of the standard.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::SideBySide => 3,
            Self::OverUnder => 4,
        }
    }
}
