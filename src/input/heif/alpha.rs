//! What a picture's alpha plane hides: another picture in the container, of which brightness counts.

use heic_rs::hevc::ChromaFormat;
use heic_rs::meta::iref::{self, RefKind};
use heic_rs::props::simple::AuxKind;
use heic_rs::{Error, PixelLayout, color, transform};
use image::GrayImage;

use super::{Container, failed};
use crate::input::InputError;
use crate::input::hidden::where_nothing_shows;
use crate::input::source::Source;

/// Alpha comes from encoders that lose, so that what was nothing may be a little more.
const NOTHING: u8 = 1;

impl Container<'_> {
    /// 255 where the primary picture is transparent as it is shown, in `size`; `None` where nothing of it is.
    pub fn hidden(&self, source: &Source, size: [u32; 2]) -> Result<Option<GrayImage>, InputError> {
        let failed = |error: Error| failed(source, error);
        let Some(item) = self.alpha_item().map_err(failed)? else { return Ok(None) };
        let pieces = self.pieces(source, item)?;
        let (mut frame, signalled) = pieces.frame(source)?;
        frame.chroma = ChromaFormat::Monochrome;
        (frame.cb, frame.cr) = (Vec::new(), Vec::new());
        let own = self.props_of(item).map_err(failed)?;
        let nclx = own.nclx.or(pieces.props[0].nclx).unwrap_or(signalled);
        let grey = color::convert(&frame, None, nclx, PixelLayout::Rgb8, source.limits.pixels, Some(1));
        drop(frame);
        // A plane that is not turned by itself is turned with its picture.
        let turns = if own.transforms.is_empty() { &self.primary.transforms } else { &own.transforms };
        let grey = transform::apply_all(grey.map_err(failed)?, turns).map_err(failed)?;
        let at = |place: u32, side: u32, own: u32| (u64::from(place) * u64::from(own) / u64::from(side)) as usize;
        let is_nothing = |x, y| {
            let pixel = at(y, size[1], grey.height) * grey.width as usize + at(x, size[0], grey.width);
            grey.data.get(3 * pixel).is_some_and(|value| *value <= NOTHING)
        };
        Ok(where_nothing_shows(size, is_nothing))
    }

    fn alpha_item(&self) -> Result<Option<u32>, Error> {
        for item in iref::sources(&self.meta.refs, self.meta.primary, RefKind::Auxl) {
            if self.props_of(item)?.auxc.is_some_and(|aux| aux.kind == AuxKind::Alpha) {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}
