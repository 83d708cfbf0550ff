//! The window: state, layout and one file per panel, on egui.

pub mod cloud_view;
