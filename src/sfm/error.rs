//! Why photos did not become cameras.

use crate::memory::shown_bytes;

/// No case is a defect of a photo: one that does not fit stays without a camera.
#[derive(Debug, thiserror::Error)]
pub enum SfmError {
    #[error("Cancelled")]
    Cancelled,
    #[error("One photo has no place relative to others")]
    TooFew,
    /// The photos' fault.
    #[error("No two of the {photos} photos show the same things well enough")]
    NoPairs { photos: usize },
    /// The photos' fault: pairs fit, but not together.
    #[error("{pairs} pairs of photos fit, but they do not make one scene")]
    NoScene { pairs: usize },
    /// The network's fault: what it sees does not fit where the photos were taken.
    #[error("The photos have cameras, but the depth of fewer than two of them fits what they share")]
    NoDepth,
    /// The photos' fault: predicted cameras stay as they are.
    #[error("Only {placed} of {photos} photos share enough with others")]
    FewPlaced { placed: usize, photos: usize },
    /// Nobody's fault: predicted cameras were as good.
    #[error(
        "Matches lie {after:.1} pixels off with adjusted cameras and {before:.1} with these, which is no clear gain"
    )]
    NotNearer { before: f64, after: f64 },
    /// The photos' fault, or the network's.
    #[error(
        "By their matches cameras are turned against each other otherwise than predicted, by {degrees:.0}° in the middle"
    )]
    Contradicted { degrees: f64 },
    /// The machine's fault.
    #[error(
        "Matching them takes about {}, and {} are free",
        shown_bytes(*need_bytes),
        shown_bytes(*free_bytes)
    )]
    NoMemory { need_bytes: u64, free_bytes: u64 },
    /// The solver's fault.
    #[error("The cameras could not be solved: {0}")]
    Solver(String),
}

impl SfmError {
    /// What a person can do, as a sentence without its full stop.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Cancelled => "Begin again when you like",
            Self::TooFew => "Add photos of the same things from other places",
            Self::NoPairs { .. } => {
                "Take them closer together, from different places (turning on the spot is not enough), with things on them that \
                 can be told apart"
            }
            Self::NoScene { .. } => "Add photos between them, or leave out those of other places",
            Self::NoDepth => "Another model may see them better",
            Self::FewPlaced { .. } => "Add photos between them",
            Self::NotNearer { .. } => "Nothing needs to be done",
            Self::Contradicted { .. } => {
                "Look at both: where things look alike, matches are wrong; else --cameras-from matches takes them alone"
            }
            Self::NoMemory { .. } => "Close other programs and run again",
            Self::Solver(_) => "The photos can still be used one by one",
        }
    }
}
