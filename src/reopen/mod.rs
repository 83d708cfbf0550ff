//! A folder of exported results becomes a `Prediction` again.
//!
//! `summary.json` says what there is, `results.npz` (or one `results_0000.npz` per view) holds the maps. Anybody may have
//! changed these files, so nothing in them is believed before it has been compared with the rest.

mod arrays;
mod error;
mod npy;
mod results;
mod summary;

pub use arrays::{ArrayFault, Arrays};
pub use error::ReopenError;
pub use npy::{Finite, Stored};
pub use results::{Reopened, reopen};
pub use summary::{holds_results, view_fault};
