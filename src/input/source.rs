//! A file whose format is known, and the limits it is read under: what every decoder's errors and checks need.

use std::path::Path;

use super::{InputError, Limits};

#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a Path,
    /// The format's usual name, for messages.
    pub format: &'static str,
    pub limits: &'a Limits,
}

impl Source<'_> {
    /// Whether an image of this width and height may be decoded.
    pub fn check_size(&self, [width, height]: [u32; 2]) -> Result<(), InputError> {
        let (path, limits) = (self.path.to_owned(), self.limits);
        if width == 0 || height == 0 {
            return Err(InputError::NoArea { path, width, height });
        }
        if width.max(height) > limits.side || u64::from(width) * u64::from(height) > limits.pixels {
            let (side_limit, pixel_limit) = (limits.side, limits.pixels);
            return Err(InputError::TooManyPixels { path, width, height, side_limit, pixel_limit });
        }
        Ok(())
    }

    /// Whether decoding may take this many bytes.
    pub fn check_memory(&self, bytes: u64) -> Result<(), InputError> {
        if bytes <= self.limits.decode_bytes { Ok(()) } else { Err(self.too_much_memory()) }
    }

    pub fn too_much_memory(&self) -> InputError {
        InputError::TooMuchMemory { path: self.path.to_owned(), limit: self.limits.decode_bytes }
    }

    pub fn truncated(&self) -> InputError {
        InputError::Truncated { path: self.path.to_owned(), format: self.format }
    }

    pub fn corrupt(&self, reason: impl ToString) -> InputError {
        InputError::Corrupt { path: self.path.to_owned(), format: self.format, reason: reason.to_string() }
    }

    pub fn unsupported(&self, reason: impl ToString) -> InputError {
        InputError::UnsupportedVariant { path: self.path.to_owned(), format: self.format, reason: reason.to_string() }
    }
}
