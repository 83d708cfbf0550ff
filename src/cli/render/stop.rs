//! Why there is no picture, and whose fault that is.

use crate::cli::told;
use crate::export::ExportError;
use crate::render::OffscreenError;
use crate::session::SessionError;

/// Why there is no picture.
pub(super) enum Stop {
    /// The command line does not fit this scene or itself.
    Usage(String),
    Failure(String),
}

impl From<SessionError> for Stop {
    fn from(error: SessionError) -> Self {
        Self::Failure(error.to_string())
    }
}

impl From<OffscreenError> for Stop {
    fn from(error: OffscreenError) -> Self {
        match error {
            OffscreenError::Unknown(_) => Self::Usage(told::adapter(&error)),
            _ => Self::Failure(told::adapter(&error)),
        }
    }
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::AnimationLimit { .. } | ExportError::NoName(_) => Self::Usage(told::drawing(&error)),
            _ => Self::Failure(told::drawing(&error)),
        }
    }
}
