//! Files to decoded 8-bit views with their origin; EXIF; limits; the resize rules of the networks.

mod collect;
mod decode;
mod eight_bit;
mod error;
mod focal;
mod hidden;
mod known_cameras;
mod limits;
mod name;
pub mod preprocess;
pub mod resize;
mod sniff;
mod straighten;
mod thumbnail;
mod turn;
mod view;
mod whole;

pub use collect::{Collected, Folders, collect, natural_order};
pub use decode::photo_size;
pub use error::InputError;
pub use focal::Focal;
pub use known_cameras::{CamerasError, KnownCamera, KnownCameras, NoCamera, Raster, Upright, listed};
pub use limits::Limits;
pub use name::display_name;
pub use preprocess::{Method, Shapes};
pub use straighten::straighten;
pub use thumbnail::{Thumbnail, thumbnail};
pub use turn::Turn;
pub use view::{View, ViewId, load_view};
