//! Colour maps for depth and confidence, as 256-entry tables.

use serde::{Deserialize, Serialize};

/// A colour map from 0..1 to RGB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColourMap {
    /// The map that Depth Anything's own pictures use: red is 0, violet-blue is 1.
    #[default]
    Spectral,
    Turbo,
    Viridis,
    Magma,
    Grey,
}

/// Anchors of Spectral, equally spaced (ColorBrewer's 11-class diverging scheme), 8 bits each.
const SPECTRAL: [[u8; 3]; 11] = [
    [158, 1, 66],
    [213, 62, 79],
    [244, 109, 67],
    [253, 174, 97],
    [254, 224, 139],
    [255, 255, 191],
    [230, 245, 152],
    [171, 221, 164],
    [102, 194, 165],
    [50, 136, 189],
    [94, 79, 162],
];

impl ColourMap {
    pub const ALL: [Self; 5] = [Self::Spectral, Self::Turbo, Self::Viridis, Self::Magma, Self::Grey];

    pub fn label(self) -> &'static str {
        match self {
            Self::Spectral => "Spectral",
            Self::Turbo => "Turbo",
            Self::Viridis => "Viridis",
            Self::Magma => "Magma",
            Self::Grey => "Grey",
        }
    }

    /// The 256 RGB entries; `inverse` turns the table round.
    pub fn table(self, inverse: bool) -> [[u8; 3]; 256] {
        let mut table = std::array::from_fn(|i| self.entry(i));
        if inverse {
            table.reverse();
        }
        table
    }

    fn entry(self, index: usize) -> [u8; 3] {
        let t = index as f64 / 255.0;
        let gradient = match self {
            Self::Spectral => return spectral(t),
            Self::Grey => return [index as u8; 3],
            Self::Turbo => colorous::TURBO,
            Self::Viridis => colorous::VIRIDIS,
            Self::Magma => colorous::MAGMA,
        };
        gradient.eval_continuous(t).as_array()
    }
}

/// Linear interpolation of the anchors, 8-bit by truncation, as the reference draws it.
fn spectral(t: f64) -> [u8; 3] {
    let position = t * 10.0;
    let below = (position.floor() as usize).min(9);
    let fraction = position - below as f64;
    std::array::from_fn(|c| {
        let [a, b] = [SPECTRAL[below][c], SPECTRAL[below + 1][c]].map(|level| f64::from(level) / 255.0);
        ((a + (b - a) * fraction) * 255.0) as u8
    })
}

/// The index into a 256-entry table: ⌊v·256⌋, clamped.
pub(super) fn table_index(v: f32) -> usize {
    ((v * 256.0) as i32).clamp(0, 255) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spectral_matches_the_reference_table() {
        let table = ColourMap::Spectral.table(false);
        let spots = [0, 64, 128, 192, 255].map(|i| table[i]);
        assert_eq!(spots, [[158, 1, 66], [248, 142, 82], [254, 254, 190], [134, 206, 164], [94, 79, 162]]);
    }

    #[test]
    fn inverse_turns_the_table_round() {
        for map in ColourMap::ALL {
            let (forward, inverse) = (map.table(false), map.table(true));
            assert_eq!(forward[0], inverse[255]);
            assert_ne!(forward[0], forward[255], "{}", map.label());
        }
    }
}
