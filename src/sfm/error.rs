//! Why photos did not become cameras.

/// No case is a defect of a photo: one that does not fit stays without a camera.
#[derive(Debug, thiserror::Error)]
pub enum SfmError {
    #[error("Cancelled.")]
    Cancelled,
    #[error("One photo has no place relative to others. Add photos of the same things from other places.")]
    TooFew,
    /// The photos' fault.
    #[error(
        "No two of the {photos} photos show the same things well enough. Take them closer together, from different \
         places (turning on the spot is not enough), with things on them that can be told apart."
    )]
    NoPairs { photos: usize },
    /// The photos' fault: pairs fit, but not together.
    #[error(
        "{pairs} pairs of photos fit, but they do not make one scene. Add photos between them, or leave out those \
         of other places."
    )]
    NoScene { pairs: usize },
    /// The solver's fault.
    #[error("The cameras could not be solved: {0}. The photos can still be used one by one.")]
    Solver(String),
}
