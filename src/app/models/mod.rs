//! The page of models: what each can do, costs and allows, whether it is here, and what is done about that.

mod ask;
mod card;
mod deletion;
mod doing;
mod licence;
mod missing;
mod page;
mod recommended;
mod transfer;
mod wishes;

pub use ask::ModelAct;
pub use doing::{act, download_and_run, take_in, weights_chosen};
pub use licence::licence;
pub use missing::{coming_ui, missing_ui, no_room};
pub use page::ModelPage;
