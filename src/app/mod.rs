//! The window: state, layout and one file per panel, on egui.

mod action;
pub mod cloud_view;
mod depth_view;
mod diagnostics;
mod download;
mod downloading;
mod fathom_app;
mod icons;
mod link;
mod log;
mod marker;
mod memory;
mod notices;
mod outlook;
mod panels;
mod perform;
mod preferences;
mod probe;
mod results;
mod save_dialog;
mod state;
mod taking_away;
mod tasks;
pub mod theme;
mod thumbnails;
mod views;
mod widgets;
mod window;
mod window_icon;

pub use fathom_app::FathomApp;
pub use link::Link;
pub use save_dialog::{SaveAs, SaveDialog};
pub use state::{AUTO_RUN_PHOTOS, AppState};
pub use window::{AppError, run_window};
