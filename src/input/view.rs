//! A decoded photo and where it came from.

use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::decode::decode;
use super::{Focal, InputError, Limits, Remark};

/// Names one photo for as long as the program runs; the same file added twice has two ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ViewId(pub u64);

/// One photo, decoded and upright.
#[derive(Clone, Debug)]
pub struct View {
    pub id: ViewId,
    pub path: PathBuf,
    /// Width and height as stored in the file, before EXIF orientation.
    pub stored_size: [u32; 2],
    /// 8-bit RGB as shown: EXIF orientation applied, alpha dropped, grey replicated.
    pub image: RgbImage,
    /// What EXIF says about the lens, where it says anything.
    pub focal: Option<Focal>,
    /// What a person should know of how the photo was read.
    pub remark: Option<Remark>,
}

/// Reads and decodes one photo; the format comes from the content, not from the extension.
///
/// EXIF orientation is applied: the one deliberate difference from the reference, which shows such photos to the
/// network lying on their side.
pub fn load_view(id: ViewId, path: &Path, limits: &Limits) -> Result<View, InputError> {
    let decoded = decode(path, limits)?;
    let (stored_size, focal, remark) = (decoded.stored_size, decoded.focal, decoded.remark);
    Ok(View { id, path: path.to_owned(), stored_size, image: decoded.into_upright(), focal, remark })
}
