//! HEIC and AVIF: one container (ISO/IEC 23008-12) around pictures in HEVC or AV1.

mod alpha;
mod av1;
mod colour;
mod sps;

use std::borrow::Cow;

use heic_rs::grid::{self, Grid};
use heic_rs::hevc::{self, Frame};
use heic_rs::meta::iref::{self, RefKind};
use heic_rs::meta::{self, Meta};
use heic_rs::props::colr::Nclx;
use heic_rs::props::{self, ItemProps};
use heic_rs::{Error, PixelLayout, transform};
use image::RgbImage;
use image::metadata::Orientation;
use rayon::prelude::*;

use super::decoded::Decoded;
use super::source::Source;
use super::{Focal, InputError, gamut};

/// Bytes per sample of a decoded plane; it exists twice while tiles become one picture.
const SAMPLE_BYTES: u64 = 4;
/// Bytes per pixel of the picture in RGB of 16 bits, and of its turned copy.
const RGB_BYTES: u64 = 12;

/// Width and height as shown: crop and turn of the container applied. `bytes` may be the start of a file.
pub(super) fn size(bytes: &[u8]) -> Option<[u32; 2]> {
    let container = Container::open(bytes).ok()?;
    container.size().ok()
}

/// The primary picture as shown. Only the container turns it: what EXIF says of the orientation is, by the standard, no
/// order to a reader. Depth and further pictures are left out.
pub(super) fn read(source: &Source, bytes: &[u8]) -> Result<Decoded, InputError> {
    let failed = |error: Error| failed(source, error);
    let container = Container::open(bytes).map_err(failed)?;
    source.check_size(container.size().map_err(failed)?)?;
    let pieces = container.pieces(source, container.meta.primary)?;
    let (frame, signalled) = pieces.frame(source)?;

    let nclx = colour::known(source, container.primary.nclx.or(pieces.props[0].nclx).unwrap_or(signalled))?;
    let curve = colour::HdrCurve::of(nclx);
    let layout = if curve.is_some() { PixelLayout::Rgb16 } else { PixelLayout::Rgb8 };
    let picture = heic_rs::color::convert(&frame, None, nclx, layout, source.limits.pixels, Some(1));
    drop(frame);
    let picture = transform::apply_all(picture.map_err(failed)?, &container.primary.transforms).map_err(failed)?;
    let stored_size = [picture.width, picture.height];
    let image = if let Some(curve) = curve {
        colour::exposed(&picture.data, stored_size, curve, nclx)
    } else {
        let mut image = RgbImage::from_raw(picture.width, picture.height, picture.data)
            .ok_or_else(|| source.corrupt("its pixels do not match its size"))?;
        match container.primary.icc.or(pieces.props[0].icc) {
            Some(icc) => gamut::from_icc(&mut image, icc),
            None => colour::to_srgb(&mut image, nclx),
        }
        image
    };
    let focal = container.exif().and_then(|block| Focal::from_block(block, stored_size));
    let hidden = container.hidden(source, stored_size)?;
    Ok(Decoded { image, hidden, orientation: Orientation::NoTransforms, stored_size, focal, remark: None })
}

fn failed(source: &Source, error: Error) -> InputError {
    match error {
        Error::Truncated(_) => source.truncated(),
        Error::Unsupported(reason) => source.unsupported(reason),
        Error::PixelLimit { .. } => source.too_much_memory(),
        other => source.corrupt(other),
    }
}

/// The boxes of a file, and what they say of its primary picture.
struct Container<'a> {
    bytes: &'a [u8],
    meta: Meta<'a>,
    primary: ItemProps<'a>,
}

impl<'a> Container<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let meta = meta::parse(bytes)?;
        let primary = props::gather(&meta.props, meta.primary)?;
        Ok(Self { bytes, meta, primary })
    }

    fn props_of(&self, item: u32) -> Result<ItemProps<'a>, Error> {
        props::gather(&self.meta.props, item)
    }

    fn size(&self) -> Result<[u32; 2], Error> {
        let ispe = self.primary.ispe.ok_or(Error::MissingBox("ispe"))?;
        let (width, height) = transform::transformed_size(ispe.width, ispe.height, &self.primary.transforms)?;
        Ok([width, height])
    }

    /// The coded pictures that one is made of.
    fn pieces(&self, source: &Source, id: u32) -> Result<Pieces<'a>, InputError> {
        let failed = |error: Error| failed(source, error);
        let whole = self.meta.item(id).ok_or_else(|| failed(Error::MissingItem(id)))?;
        let (grid, ids) = if whole.is_grid() {
            let payload = self.meta.item_data(self.bytes, id).map_err(failed)?;
            let grid = grid::parse(&payload).map_err(failed)?;
            source.check_size([grid.output_width, grid.output_height])?;
            let ids = iref::targets(&self.meta.refs, id, RefKind::Dimg);
            grid::check_tiles(&grid, ids).map_err(failed)?;
            (Some(grid), ids.to_vec())
        } else {
            (None, vec![id])
        };
        let mut pieces = Pieces { grid, codec: Codec::Hevc, data: Vec::new(), props: Vec::new() };
        for id in ids {
            let item = self.meta.item(id).ok_or_else(|| failed(Error::MissingItem(id)))?;
            pieces.codec = match &item.item_type {
                b"hvc1" | b"hev1" => Codec::Hevc,
                b"av01" => Codec::Av1,
                other => return Err(source.unsupported(format!("its picture is of the kind {}", other.escape_ascii()))),
            };
            pieces.data.push(self.meta.item_data(self.bytes, id).map_err(failed)?);
            pieces.props.push(self.props_of(id).map_err(failed)?);
        }
        Ok(pieces)
    }

    /// The EXIF block that describes the primary picture, from its TIFF header on.
    fn exif(&self) -> Option<Vec<u8>> {
        let describes = iref::sources(&self.meta.refs, self.meta.primary, RefKind::Cdsc);
        let id = describes.into_iter().find(|id| self.meta.item(*id).is_some_and(|item| &item.item_type == b"Exif"))?;
        let block = self.meta.item_data(self.bytes, id).ok()?;
        Some(heic_rs::metadata::exif_tiff(&block).ok()?.to_vec())
    }
}

#[derive(Clone, Copy)]
enum Codec {
    Hevc,
    Av1,
}

/// Coded pictures in rows, and how they lie; a picture that is not cut into tiles is one piece.
struct Pieces<'a> {
    grid: Option<Grid>,
    codec: Codec,
    data: Vec<Cow<'a, [u8]>>,
    props: Vec<ItemProps<'a>>,
}

impl Pieces<'_> {
    /// The whole picture, and the colours that its own header gives.
    fn frame(&self, source: &Source) -> Result<(Frame, Nclx), InputError> {
        let (mut frames, signalled) = self.decode(source)?;
        let frame = match &self.grid {
            Some(grid) => grid::compose(grid, &frames, source.limits.pixels).map_err(|error| failed(source, error))?,
            None => frames.swap_remove(0),
        };
        source.check_size([frame.width, frame.height])?;
        Ok((frame, signalled))
    }

    /// All pictures, and the colours that the first one's own header gives.
    fn decode(&self, source: &Source) -> Result<(Vec<Frame>, Nclx), InputError> {
        let mut pixels = 0;
        for props in &self.props {
            let [width, height] = self.coded_size(source, props)?;
            source.check_size([width, height])?;
            pixels += u64::from(width) * u64::from(height);
        }
        let samples = 3; // per pixel at most: 4:4:4
        source.check_memory(pixels.saturating_mul(samples * SAMPLE_BYTES + RGB_BYTES))?;
        let pieces: Vec<_> = self.data.iter().zip(&self.props).collect();
        let decoded = pieces.into_par_iter().map(|(data, props)| self.decode_one(source, data, props));
        let decoded: Vec<(Frame, Nclx)> = decoded.collect::<Result<_, _>>()?;
        let signalled = decoded.first().map(|(_, nclx)| *nclx).unwrap_or_default();
        Ok((decoded.into_iter().map(|(frame, _)| frame).collect(), signalled))
    }

    /// The size that the decoder will reserve memory for, [width, height] in pixels.
    fn coded_size(&self, source: &Source, props: &ItemProps) -> Result<[u32; 2], InputError> {
        match self.codec {
            Codec::Hevc => Ok(hevc_header(source, props)?.coded_size),
            Codec::Av1 => {
                let ispe = props.ispe.ok_or_else(|| failed(source, Error::MissingBox("ispe")))?;
                Ok([ispe.width, ispe.height])
            }
        }
    }

    fn decode_one(&self, source: &Source, data: &[u8], props: &ItemProps) -> Result<(Frame, Nclx), InputError> {
        let failed = |error: Error| failed(source, error);
        let (frame, nclx) = match self.codec {
            Codec::Hevc => {
                let config = props.hvcc.as_ref().ok_or_else(|| failed(Error::MissingBox("hvcC")))?;
                let units = config.split_nals(data).map_err(failed)?;
                let frame = hevc::decode_still(&config.parameter_sets(), &units).map_err(failed)?;
                (frame, hevc_header(source, props)?.nclx)
            }
            Codec::Av1 => {
                let [width, height] = self.coded_size(source, props)?;
                av1::decode(data, width.saturating_mul(height)).map_err(|reason| source.corrupt(reason))?
            }
        };
        frame.validate().map_err(failed)?;
        Ok((frame, nclx))
    }
}

fn hevc_header(source: &Source, props: &ItemProps) -> Result<sps::Header, InputError> {
    let config = props.hvcc.as_ref().ok_or_else(|| failed(source, Error::MissingBox("hvcC")))?;
    let units = config.parameter_sets();
    let sps = units.into_iter().find(|unit| unit.first().is_some_and(|byte| byte >> 1 & 0x3F == sps::UNIT_TYPE));
    sps.and_then(sps::parse).ok_or_else(|| source.corrupt("its sequence parameter set cannot be read"))
}
