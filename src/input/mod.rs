//! Files to decoded 8-bit views with their origin; EXIF; limits; the resize rules of the networks.

mod collect;
mod decode;
mod eight_bit;
mod error;
mod focal;
mod gamut;
mod hdr;
mod heif;
mod jxl;
mod known_cameras;
mod limits;
mod name;
pub mod preprocess;
mod raw;
mod remark;
pub mod resize;
mod sniff;
mod source;
mod standard;
mod thumbnail;
mod tiffs;
mod view;
mod whole;

pub use collect::{Collected, collect};
pub use decode::photo_size;
pub use error::InputError;
pub use focal::Focal;
pub use known_cameras::{CamerasError, KnownCamera, KnownCameras};
pub use limits::Limits;
pub use name::display_name;
pub use preprocess::Method;
pub use remark::Remark;
pub use thumbnail::{Thumbnail, thumbnail};
pub use view::{View, ViewId, load_view};
