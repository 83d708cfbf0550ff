//! Files to decoded 8-bit views with their origin; EXIF; limits; the resize rules of the networks.

mod collect;
mod error;
mod limits;
pub mod preprocess;
mod thumbnail;
mod view;

pub use collect::{Collected, collect};
pub use error::InputError;
pub use limits::Limits;
pub use preprocess::Method;
pub use thumbnail::{Thumbnail, thumbnail};
pub use view::{Focal, View, ViewId};
