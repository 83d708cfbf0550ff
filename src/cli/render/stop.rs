//! Why there is no picture, and whose fault that is.

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
            OffscreenError::Unknown(_) => Self::Usage(error.to_string()),
            _ => Self::Failure(error.to_string()),
        }
    }
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::AnimationLimit { .. } | ExportError::NoName(_) => Self::Usage(error.to_string()),
            _ => Self::Failure(error.to_string()),
        }
    }
}
