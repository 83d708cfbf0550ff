//! NumPy's array format (version 1.0): one array, or several in a compressed archive.

use std::io::{self, Seek, SeekFrom, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Values start at a multiple of this, so that a reader can map them.
const ALIGNMENT: usize = 128;
/// Bytes handed to the compressor at a time.
const CHUNK: usize = 1 << 16;

/// An element that NumPy knows.
pub trait Element: Copy {
    const DESCR: &'static str;
    const BYTES: usize;
    fn put(self, to: &mut Vec<u8>);
}

impl Element for f32 {
    const DESCR: &'static str = "<f4";
    const BYTES: usize = 4;
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }
}

impl Element for bool {
    const DESCR: &'static str = "|b1";
    const BYTES: usize = 1;
    fn put(self, to: &mut Vec<u8>) {
        to.push(u8::from(self));
    }
}

impl Element for u8 {
    const DESCR: &'static str = "|u1";
    const BYTES: usize = 1;
    fn put(self, to: &mut Vec<u8>) {
        to.push(self);
    }
}

/// Writes one row-major array as `.npy`.
///
/// # Errors
/// What the writer answers; another number of values than the shape says is `InvalidData`.
pub fn write_npy(mut to: impl Write, values: &[f32], shape: &[usize]) -> io::Result<()> {
    put(&mut to, "the array", shape, values.iter().copied())
}

/// Header and values.
fn put<T: Element>(
    to: &mut impl Write,
    name: &str,
    shape: &[usize],
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    let expected = shape.iter().product::<usize>();
    to.write_all(&header(T::DESCR, shape))?;
    let mut chunk = Vec::with_capacity(CHUNK + T::BYTES);
    let mut actual = 0;
    for value in values {
        value.put(&mut chunk);
        actual += 1;
        if chunk.len() >= CHUNK {
            to.write_all(&chunk)?;
            chunk.clear();
        }
    }
    if actual != expected {
        let message = format!("{name} has {actual} values, expected {expected}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    to.write_all(&chunk)
}

/// An `.npz` that is being written: arrays, and files beside them.
pub struct Archive<W: Write + Seek> {
    zip: ZipWriter<Latch<W>>,
    options: SimpleFileOptions,
}

impl<W: Write + Seek> Archive<W> {
    /// Arrays are compressed.
    pub(super) fn new(to: W) -> Self {
        Self::with_method(to, CompressionMethod::Deflated)
    }

    /// Nothing is compressed: written and read as fast as the disk is.
    pub fn stored(to: W) -> Self {
        Self::with_method(to, CompressionMethod::Stored)
    }

    fn with_method(to: W, method: CompressionMethod) -> Self {
        let options = SimpleFileOptions::default().compression_method(method);
        Self { zip: ZipWriter::new(Latch { inner: to, lost_at: None }), options }
    }

    /// Adds `name`, row-major; `values` must give as many elements as the shape says.
    ///
    /// # Errors
    /// As [`write_npy`].
    pub fn array<T: Element>(
        &mut self,
        name: &str,
        shape: &[usize],
        values: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        self.start(&format!("{name}.npy"), shape.iter().product::<usize>() * T::BYTES)?;
        put(&mut self.zip, name, shape, values)
    }

    /// Adds a file with this content.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.start(name, content.len())?;
        self.zip.write_all(content)
    }

    fn start(&mut self, name: &str, bytes: usize) -> io::Result<()> {
        let is_large = bytes as u64 >= u64::from(u32::MAX) / 2;
        Ok(self.zip.start_file(name, self.options.large_file(is_large))?)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn finish(self) -> io::Result<()> {
        self.zip.finish()?.flush()
    }
}

/// Hands the first error of a writer on and swallows what comes after it: a `ZipWriter` that is dropped tries to finish its
/// archive all the same, and complains on stderr when that fails, too.
struct Latch<W> {
    inner: W,
    /// Where writing would be, had it gone on.
    lost_at: Option<u64>,
}

impl<W: Write> Write for Latch<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(position) = &mut self.lost_at {
            *position += bytes.len() as u64;
            return Ok(bytes.len());
        }
        self.inner.write(bytes).inspect_err(|_| self.lost_at = Some(0))
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.lost_at.is_some() { Ok(()) } else { self.inner.flush() }
    }
}

impl<W: Seek> Seek for Latch<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match (&mut self.lost_at, to) {
            (None, to) => self.inner.seek(to),
            (Some(position), SeekFrom::Start(start)) => {
                *position = start;
                Ok(start)
            }
            (Some(position), SeekFrom::Current(step) | SeekFrom::End(step)) => {
                *position = position.saturating_add_signed(step);
                Ok(*position)
            }
        }
    }
}

/// Magic, version, length and the dictionary, padded to [`ALIGNMENT`].
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    const BEFORE: usize = 10;
    // A tuple of one is told from a number by its comma.
    let shape = match shape {
        [side] => format!("{side},"),
        sides => sides.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    let length = (BEFORE + dictionary.len() + 1).next_multiple_of(ALIGNMENT) - BEFORE;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(length as u16).to_le_bytes());
    bytes.extend_from_slice(format!("{dictionary:<width$}\n", width = length - 1).as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_aligned_and_say_the_shape() {
        for shape in [&[][..], &[3], &[2, 3, 4], &[usize::MAX; 8]] {
            let bytes = header("<f4", shape);
            assert_eq!(bytes.len() % ALIGNMENT, 0);
            assert_eq!(usize::from(u16::from_le_bytes([bytes[8], bytes[9]])), bytes.len() - 10);
            assert_eq!(bytes.last(), Some(&b'\n'));
        }
        let text = String::from_utf8_lossy(&header("|b1", &[3])).into_owned();
        assert!(text.contains("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"), "{text}");
    }

    #[test]
    fn a_wrong_number_of_values_is_an_error() {
        let mut archive = Archive::new(io::Cursor::new(Vec::new()));
        let error = archive.array("depth", &[2, 2], [1.0f32; 3].into_iter()).expect_err("too few");
        assert!(error.to_string().contains("3 values, expected 4"));
    }
}
