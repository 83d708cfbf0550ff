//! The page of exports: what is written and how, and how that ended.

mod choices;
mod doing;
mod foot;
mod formats;
mod page;
mod parts;
mod sizes;
mod stereo;

pub use choices::{ExportChoices, Seen};
pub use doing::exported;
pub use page::ExportPage;
