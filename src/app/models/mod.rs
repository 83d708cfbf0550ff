//! The page of models: what each can do, costs and allows, whether it is here, and what is done about that.

mod ask;
mod card;
mod deletion;
mod doing;
mod licence;
mod missing;
mod page;
mod transfer;

pub use ask::ModelAct;
pub use doing::{act, take_in, weights_chosen};
pub use licence::licence;
pub use missing::missing_ui;
pub use page::ModelPage;
