//! The kinds of points that photos are searched for.

/// A kind of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Laplacian,
    Sift,
    /// XFeat and LighterGlue: also where classical descriptors differ too much, as from far apart.
    Learned,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Laplacian => "Laplacian points",
            Self::Sift => "SIFT points",
            Self::Learned => "XFeat and LighterGlue",
        }
    }
}
