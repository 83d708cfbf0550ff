//! What a person should know of how a photo was read.

/// Something in a photo was not taken as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// Grey of 16 bits that lies between these values, but for a thousandth of it at either end.
    #[error("its 16-bit grey lies between {low} and {high} of 65535 and was stretched to black and white")]
    Stretched { low: u16, high: u16 },
    /// All directions in one picture.
    #[error(
        "it looks like a 360° picture (twice as wide as high, and its sides meet), which is taken for an ordinary photo here"
    )]
    AllRound,
}
