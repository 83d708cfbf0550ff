//! A decoded photo and where it came from.

use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

use super::all_round::is_all_round;
use super::decode::decode;
use super::hidden::calm;
use super::{Focal, InputError, Limits, Remark, Turn};

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
    /// What EXIF orientation did to the stored picture.
    pub turn: Turn,
    /// 8-bit RGB as shown: EXIF orientation applied, grey replicated, a calm colour where it is hidden.
    pub image: RgbImage,
    /// Of the same size, 255 where a pixel is not to be looked at: it is transparent, or a mask leaves it out. `None` where no
    /// pixel is.
    pub hidden: Option<GrayImage>,
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
    let (stored_size, turn) = (decoded.stored_size, decoded.orientation.into());
    let (focal, remark) = (decoded.focal, decoded.remark);
    let (mut image, hidden) = decoded.into_upright();
    let remark = remark.or_else(|| is_all_round(&image).then_some(Remark::AllRound));
    if let Some(hidden) = &hidden {
        calm(&mut image, hidden);
    }
    Ok(View { id, path: path.to_owned(), stored_size, turn, image, hidden, focal, remark })
}
