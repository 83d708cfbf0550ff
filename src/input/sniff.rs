//! What a file is, from its first bytes; its extension is not believed where the content says more.

use std::ffi::OsStr;
use std::path::Path;

use image::ImageFormat;

/// As many first bytes as [`sniff`] looks at.
pub(super) const HEAD_BYTES: usize = 512;

/// A format that is read, by who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One that the image crate knows.
    Common(ImageFormat),
    /// HEIC or AVIF; the container alone does not tell which of the two is in it, the brand's name is for messages.
    Heif(&'static str),
    JpegXl,
    Jpeg2000,
    /// A camera's raw file, for the picture in it that is developed.
    Raw,
}

impl Format {
    /// The format's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Common(format) => common_name(format),
            Self::Heif(name) => name,
            Self::JpegXl => "JPEG XL",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Raw => "camera raw",
        }
    }
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Image(Format),
    /// A picture in a format that is not read.
    Unsupported(&'static str),
    Video,
    /// Something else that is known, as in "is a text file".
    Other(&'static str),
    Unknown,
}

/// Start of the file, and what it means.
const SIGNATURES: &[(&[u8], Content)] = &[
    // TIFF with offsets of 64 bits.
    (b"II+\0", Content::Image(Format::Common(ImageFormat::Tiff))),
    (b"MM\0+", Content::Image(Format::Common(ImageFormat::Tiff))),
    (b"%PDF", Content::Unsupported("PDF")),
    (b"8BPS", Content::Unsupported("Photoshop PSD")),
    (b"gimp xcf", Content::Unsupported("GIMP XCF")),
    (b"\xFF\x0A", Content::Image(Format::JpegXl)),
    (b"\0\0\0\x0CJXL ", Content::Image(Format::JpegXl)),
    (b"\0\0\0\x0CjP  ", Content::Image(Format::Jpeg2000)),
    (b"\xFF\x4F\xFF\x51", Content::Image(Format::Jpeg2000)),
    (b"FUJIFILMCCD-RAW", Content::Image(Format::Raw)),
    (b"IIRO", Content::Image(Format::Raw)),
    (b"IIRS", Content::Image(Format::Raw)),
    (b"MMOR", Content::Image(Format::Raw)),
    (b"IIU\0", Content::Image(Format::Raw)),
    (b"II\xBC\x01", Content::Unsupported("JPEG XR")),
    (b"\x1A\x45\xDF\xA3", Content::Video),
    (b"FLV\x01", Content::Video),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", Content::Video),
    (b"\0\0\x01\xBA", Content::Video),
    (b"\0\0\x01\xB3", Content::Video),
    (b"PK\x03\x04", Content::Other("a ZIP archive or a document")),
    (b"\x1F\x8B", Content::Other("a compressed archive")),
    (b"7z\xBC\xAF\x27\x1C", Content::Other("a compressed archive")),
    (b"\x7FELF", Content::Other("a program")),
];

/// Extensions of raw files that look like TIFF from their first bytes but hold sensor data.
const TIFF_RAW: &[&str] =
    &["dng", "nef", "nrw", "arw", "sr2", "srw", "pef", "cr2", "3fr", "erf", "kdc", "iiq", "mef", "mos", "fff", "dcr"];

/// What a file with these first bytes is. `path` only decides where bytes cannot: TGA has no signature, and raw files
/// share TIFF's.
pub(super) fn sniff(head: &[u8], path: &Path) -> Content {
    if let Some(content) = media_container(head) {
        return content;
    }
    if let Some((_, content)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return *content;
    }
    let format = image::guess_format(head).ok();
    if let Some(text) = text(head)
        && !matches!(format, Some(ImageFormat::Pnm | ImageFormat::Hdr))
    {
        return text;
    }
    match format {
        Some(ImageFormat::Tiff) if head.get(8..10) == Some(b"CR") || has_extension(path, TIFF_RAW) => {
            Content::Image(Format::Raw)
        }
        Some(format) => Content::Image(Format::Common(format)),
        None if has_extension(path, &["tga"]) => Content::Image(Format::Common(ImageFormat::Tga)),
        None => Content::Unknown,
    }
}

fn common_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Pnm => "PNM",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Tga => "TGA",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Ico => "ICO",
        ImageFormat::Hdr => "Radiance HDR",
        ImageFormat::OpenExr => "OpenEXR",
        ImageFormat::Farbfeld => "farbfeld",
        ImageFormat::Qoi => "QOI",
        ImageFormat::Dds => "DDS",
        _ => "image",
    }
}

/// Width and height from the header of the formats whose decoders do not tell an image without area from a damaged one.
pub(super) fn declared_size(format: ImageFormat, head: &[u8]) -> Option<[u32; 2]> {
    let big = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let little = |at: usize| head.get(at..at + 4)?.try_into().ok().map(i32::from_le_bytes).map(i32::unsigned_abs);
    let short = |at: usize| head.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(u32::from);
    match format {
        ImageFormat::Png => Some([big(16)?, big(20)?]),
        ImageFormat::Gif => Some([short(6)?, short(8)?]),
        ImageFormat::Bmp => Some([little(18)?, little(22)?]),
        ImageFormat::Tga => Some([short(12)?, short(14)?]),
        ImageFormat::Qoi => Some([big(4)?, big(8)?]),
        _ => None,
    }
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().and_then(OsStr::to_str);
    own.is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}

/// Files made of length-and-name boxes (MP4, MOV, HEIC, AVIF, CR3) or of RIFF chunks (AVI, WAV).
fn media_container(head: &[u8]) -> Option<Content> {
    let kind = head.get(4..8)?;
    if head.starts_with(b"RIFF") {
        return match head.get(8..12)? {
            b"AVI " => Some(Content::Video),
            b"WAVE" => Some(Content::Other("a sound file")),
            _ => None,
        };
    }
    match kind {
        b"ftyp" => Some(match head.get(8..12)? {
            b"avif" | b"avis" | b"avio" => Content::Image(Format::Heif("AVIF")),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
                Content::Image(Format::Heif("HEIC"))
            }
            b"mif1" | b"mif2" | b"miaf" | b"msf1" => {
                let length = u32::from_be_bytes(head.get(..4)?.try_into().ok()?) as usize;
                let mut brands = head.get(16..length.min(head.len()))?.chunks_exact(4);
                let is_avif = brands.any(|brand| brand == b"avif" || brand == b"avis");
                Content::Image(Format::Heif(if is_avif { "AVIF" } else { "HEIC" }))
            }
            b"crx " => Content::Image(Format::Raw),
            b"M4A " | b"M4B " => Content::Other("a sound file"),
            b"qt  " => Content::Video,
            _ => Content::Video,
        }),
        b"moov" | b"mdat" | b"wide" => Some(Content::Video),
        _ => None,
    }
}

/// Text, where the bytes are printable UTF-8.
fn text(head: &[u8]) -> Option<Content> {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    if valid.is_empty() || valid.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let start = valid.trim_start_matches('\u{FEFF}').trim_start().to_ascii_lowercase();
    Some(if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Content::Other("a web page")
    } else if start.contains("<svg") {
        Content::Unsupported("SVG")
    } else {
        Content::Other("a text file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &[u8], name: &str) -> Content {
        sniff(head, Path::new(name))
    }

    #[test]
    fn content_counts_and_not_the_extension() {
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.jpg"), Content::Image(Format::Common(ImageFormat::Png)));
        assert_eq!(of(b"just words", "a.jpg"), Content::Other("a text file"));
        assert_eq!(of(b"BMW is a word too", "a.bmp"), Content::Other("a text file"));
        assert_eq!(of("naïve ü".as_bytes().split_last().expect("bytes").1, "a"), Content::Other("a text file"));
        assert_eq!(of(b"<!DOCTYPE html><p>404", "photo.jpg"), Content::Other("a web page"));
        assert_eq!(of(b"P3\n2 2\n255\n", "a.ppm"), Content::Image(Format::Common(ImageFormat::Pnm)));
        assert_eq!(of(b"\x01\x02\x03\x04\x05\x06\x07\x08\x09", "a.png"), Content::Unknown);
    }

    #[test]
    fn containers_go_by_their_brands() {
        assert_eq!(of(b"\0\0\0\x18ftypheic\0\0\0\0", "a.jpg"), Content::Image(Format::Heif("HEIC")));
        assert_eq!(of(b"\0\0\0\x1Cftypavif\0\0\0\0", "a.png"), Content::Image(Format::Heif("AVIF")));
        let either = *b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif";
        assert_eq!(of(&either, "a.heif"), Content::Image(Format::Heif("AVIF")));
        assert_eq!(of(b"\0\0\0\x14ftypmif1\0\0\0\0heic", "a"), Content::Image(Format::Heif("HEIC")));
        assert_eq!(of(b"\xFF\x0A\0\0\0\0\0\0\0", "a"), Content::Image(Format::JpegXl));
    }

    #[test]
    fn formats_that_are_not_read_are_named() {
        assert_eq!(of(b"\0\0\0\x20ftypisom\0\0\x02\0", "a.jpg"), Content::Video);
        assert_eq!(of(b"RIFF\x10\0\0\0AVI LIST", "a"), Content::Video);
        assert_eq!(of(b"%PDF-1.7\n%\xE2\xE3", "scan.pdf"), Content::Unsupported("PDF"));
        assert_eq!(of(b"II*\0\x10\0\0\0CR\x02\0", "a.tif"), Content::Image(Format::Raw));
        assert_eq!(of(b"II*\0\x08\0\0\0\x10\0", "a.DNG"), Content::Image(Format::Raw));
        assert_eq!(of(b"<?xml version=\"1.0\"?><svg>", "a.svg"), Content::Unsupported("SVG"));
    }

    #[test]
    fn tga_goes_by_its_extension() {
        let head = [0u8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 24, 0];
        assert_eq!(of(&head, "a.TGA"), Content::Image(Format::Common(ImageFormat::Tga)));
        assert_eq!(of(&head, "a.png"), Content::Unknown);
        assert_eq!(declared_size(ImageFormat::Tga, &head), Some([4, 4]));
    }
}
