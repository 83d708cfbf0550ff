//! One AV1 picture to planes.

use heic_rs::hevc::{ChromaFormat, Frame};
use heic_rs::props::colr::{MatrixCoefficients, Nclx, Range};
use rusty_av1d::pixel::YUVRange;
use rusty_av1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Rav1dError, Settings};

/// Decodes the first picture of an item that has at most this many pixels, and the colours that its header gives.
///
/// The error is why it cannot be decoded.
pub(super) fn decode(data: &[u8], pixels: u32) -> Result<(Frame, Nclx), String> {
    let mut settings = Settings::new();
    // A panic of the decoder comes back to the caller only if it is on the caller's thread.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(pixels);
    let mut decoder = Decoder::with_settings(&settings).map_err(reason)?;
    let sent = decoder.send_data(data.into(), None, None, None);
    // "Try again" says that the picture must be fetched before more can be taken.
    if let Err(error) = sent
        && !matches!(error, Rav1dError::TryAgain)
    {
        return Err(reason(error));
    }
    let picture = decoder.get_picture().map_err(reason)?;
    Ok((frame(&picture)?, colours(&picture)))
}

fn reason(error: Rav1dError) -> String {
    match error {
        Rav1dError::TryAgain => "its AV1 data ends before the picture does".into(),
        other => format!("its AV1 data cannot be decoded: {other}"),
    }
}

fn frame(picture: &Picture) -> Result<Frame, String> {
    let chroma = match picture.pixel_layout() {
        PixelLayout::I400 => ChromaFormat::Monochrome,
        PixelLayout::I420 => ChromaFormat::Yuv420,
        PixelLayout::I422 => ChromaFormat::Yuv422,
        PixelLayout::I444 => ChromaFormat::Yuv444,
    };
    let bits = picture.bits_per_component().ok_or("its bit depth is not known")?.0;
    let (width, height) = (picture.width(), picture.height());
    let (chroma_width, chroma_height) = chroma.chroma_size(width, height);
    let plane = |component, width: u32, height: u32| {
        let (stride, bytes) = (picture.stride(component) as usize, picture.plane(component));
        samples(bytes, stride, [width as usize, height as usize], bits > 8).ok_or("a plane is too short")
    };
    let (cb, cr) = if chroma == ChromaFormat::Monochrome {
        (Vec::new(), Vec::new())
    } else {
        let [cb, cr] = [PlanarImageComponent::U, PlanarImageComponent::V];
        (plane(cb, chroma_width, chroma_height)?, plane(cr, chroma_width, chroma_height)?)
    };
    Ok(Frame {
        width,
        height,
        bit_depth: bits,
        chroma,
        y: plane(PlanarImageComponent::Y, width, height)?,
        cb,
        cr,
        y_stride: width,
        c_stride: chroma_width,
    })
}

/// The samples of a plane without the padding of its rows; `stride` in bytes.
fn samples(bytes: &[u8], stride: usize, [width, height]: [usize; 2], is_wide: bool) -> Option<Vec<u16>> {
    let row_bytes = if is_wide { 2 * width } else { width };
    let mut out = Vec::with_capacity(width * height);
    for row in 0..height {
        let start = row.checked_mul(stride)?;
        let row = bytes.get(start..start.checked_add(row_bytes)?)?;
        if is_wide {
            out.extend(row.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])));
        } else {
            out.extend(row.iter().map(|byte| u16::from(*byte)));
        }
    }
    Some(out)
}

fn colours(picture: &Picture) -> Nclx {
    let matrix = picture.matrix_coefficients() as u16;
    Nclx {
        primaries: picture.color_primaries() as u16,
        transfer: picture.transfer_characteristic() as u16,
        matrix: MatrixCoefficients::from_code(matrix),
        matrix_code: matrix,
        range: if picture.color_range() == YUVRange::Full { Range::Full } else { Range::Limited },
    }
}
