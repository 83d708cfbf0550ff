//! What input may cost: hard limits that are set, not hoped for.

/// Limits on what is read from disk; exceeding one is an [`super::InputError`], never a crash.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest number of pixels of one image.
    pub pixels: u64,
    /// Longest side of one image, in pixels.
    pub side: u32,
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Most memory that decoding one image may take, in bytes.
    pub decode_bytes: u64,
    /// Largest number of photos that one drop, dialog or command line may bring.
    pub photos: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // 400 megapixels of 8-bit RGB are 1.2 GB; the decoder's own buffers come on top.
        Self { pixels: 400_000_000, side: 65_535, file_bytes: 2 << 30, decode_bytes: 3 << 30, photos: 10_000 }
    }
}
