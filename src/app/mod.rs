//! The window: state, layout and one file per panel, on egui.

pub mod cloud_view;

/// Why the window could not be shown.
#[derive(Debug, thiserror::Error)]
#[error("no display")]
pub struct AppError;

/// Opens the window with these photos.
pub fn run_window(_photos: Vec<std::path::PathBuf>) -> Result<(), AppError> {
    Err(AppError)
}
