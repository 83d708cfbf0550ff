//! The types of elements that our arrays have.

/// An element that our files hold.
pub trait Stored: Sized {
    const DESCR: &'static str;
    const BYTES: usize;
    /// From [`Self::BYTES`] bytes; `None` for what no map of ours holds.
    fn get(bytes: &[u8]) -> Option<Self>;
}

/// Maps hold lengths and degrees of trust: finite, and none is negative.
impl Stored for f32 {
    const DESCR: &'static str = "<f4";
    const BYTES: usize = 4;
    fn get(bytes: &[u8]) -> Option<Self> {
        let value = Self::from_le_bytes(bytes.try_into().ok()?);
        (value.is_finite() && value >= 0.0).then_some(value)
    }
}

/// A number that may be negative, as networks give them on the way to depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite(pub f32);

impl Stored for Finite {
    const DESCR: &'static str = f32::DESCR;
    const BYTES: usize = f32::BYTES;
    fn get(bytes: &[u8]) -> Option<Self> {
        let value = f32::from_le_bytes(bytes.try_into().ok()?);
        value.is_finite().then_some(Self(value))
    }
}

impl Stored for u8 {
    const DESCR: &'static str = "|u1";
    const BYTES: usize = 1;
    fn get(bytes: &[u8]) -> Option<Self> {
        bytes.first().copied()
    }
}

impl Stored for bool {
    const DESCR: &'static str = "|b1";
    const BYTES: usize = 1;
    fn get(bytes: &[u8]) -> Option<Self> {
        bytes.first().map(|&byte| byte != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_no_map_holds_are_refused() {
        for value in [f32::NAN, f32::INFINITY, -1.0] {
            assert_eq!(f32::get(&value.to_le_bytes()), None);
        }
        assert_eq!(f32::get(&1.5f32.to_le_bytes()), Some(1.5));
        assert_eq!((bool::get(&[2]), u8::get(&[7])), (Some(true), Some(7)));
    }
}
