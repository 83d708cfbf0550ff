//! A PNG with text chunks, from bytes that are already in PNG's order.

use std::io::{self, Write};

use png::{BitDepth, ColorType, Encoder, EncodingError};

/// What a PNG of ours holds. 16-bit samples are big-endian.
pub(super) struct PngFile<'a> {
    pub size: [u32; 2],
    pub colour: ColorType,
    pub bits: BitDepth,
    /// tEXt chunks: keyword and text, both Latin-1.
    pub texts: &'a [(&'a str, String)],
    pub data: &'a [u8],
}

impl PngFile<'_> {
    pub fn write(&self, to: impl Write) -> io::Result<()> {
        let encode = || -> Result<(), EncodingError> {
            let mut encoder = Encoder::new(to, self.size[0], self.size[1]);
            encoder.set_color(self.colour);
            encoder.set_depth(self.bits);
            for (keyword, text) in self.texts {
                encoder.add_text_chunk((*keyword).into(), text.clone())?;
            }
            let mut writer = encoder.write_header()?;
            writer.write_image_data(self.data)?;
            writer.finish()
        };
        // png's own conversion forgets whether the disk was full.
        encode().map_err(|error| match error {
            EncodingError::IoError(source) => source,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })
    }
}

/// The program's name and version, as files name their maker.
pub(super) fn software() -> String {
    concat!("Fathom ", env!("CARGO_PKG_VERSION")).into()
}
