//! The window, on egui. Each page is a folder: what it keeps, how it is drawn, and what it may ask for. All of them work on
//! the desk; [`FathomApp`] holds them together and hands on what they ask for.

mod action;
mod bars;
mod centre;
pub mod cloud_view;
mod depth_view;
mod desk;
mod export;
mod fathom_app;
mod frame;
mod help;
mod history;
mod layout;
mod matches;
mod memory;
mod models;
mod notices;
mod perform;
mod photos;
mod preferences;
mod recent;
mod request;
mod session;
mod settings;
mod side_panels;
pub mod theme;
mod widgets;
mod window;

pub use desk::link::Link;
pub use desk::open_dialog::{Open, OpenDialog, PhotosDialog};
pub use desk::places::Purpose;
pub use desk::save_dialog::{SaveAs, SaveDialog};
pub use desk::shelf::ModelSource;
pub use desk::state::{AUTO_RUN_PHOTOS, AppState};
pub use fathom_app::FathomApp;
pub use window::{AppError, run_window};
