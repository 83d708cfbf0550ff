//! The page of exports: what is written and how, and how that ended.

mod choices;
mod doing;
mod formats;
mod page;
mod stereo;

pub use choices::{ExportChoices, Seen};
pub use doing::{export_into, exported};
pub use page::ExportPage;
