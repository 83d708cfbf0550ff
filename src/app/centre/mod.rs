//! The middle of the window: 2D, 3D, and what is taken away from them.

mod aside;
mod drawing;
mod following;
mod mode;
mod page;
mod probe;
mod splitter;
mod taking_away;

pub use drawing::centre_ui;
pub use mode::CentreMode;
pub use page::CentrePage;
pub use taking_away::{picture_saved, save_picture};
