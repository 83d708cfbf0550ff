//! Stretches of a weight file as memory, one at a time, so that neither the file's pages nor its addresses pile up.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{Mmap, MmapOptions};

/// A stretch of a file that is mapped for reading as long as this lives. Nothing is loaded before it is looked at.
pub struct Window(Option<Mmap>);

impl Window {
    /// Maps the bytes `range`, which may begin anywhere. A file that ends before them is [`io::ErrorKind::UnexpectedEof`].
    pub fn open(file: &File, range: Range<u64>) -> io::Result<Self> {
        if file.metadata()?.len() < range.end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
        if length == 0 {
            return Ok(Self(None));
        }
        // SAFETY: the map is read-only and private, and the file was just seen to reach its end. Another process that
        // changes or shortens the file while it is mapped could change the bytes or raise SIGBUS; weight files are not
        // written to in place, and a window lasts only as long as one tensor is copied.
        Ok(Self(Some(unsafe { MmapOptions::new().offset(range.start).len(length).map(file) }?)))
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Asks the system to take the pages of bytes that will not be read soon: of the weights inside the program there is a
/// copy in the kernels' layout by then. Where the system does not know the request nothing happens.
pub fn page_out(bytes: &'static [u8]) {
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let start = (bytes.as_ptr() as usize).next_multiple_of(PAGE);
        let end = (bytes.as_ptr() as usize + bytes.len()) / PAGE * PAGE;
        if start < end {
            // SAFETY: the range lies inside memory that lives as long as the program. Paging out keeps the contents of
            // any memory: they come back from their file, or from swap, when they are read.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_PAGEOUT) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn shows_any_stretch_and_nothing_beyond_the_end() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        file.write_all(&bytes).expect("space for it");
        for (start, end) in [(0, bytes.len()), (5000, 70_001), (4096, 8192), (99_999, 100_000), (7, 7)] {
            let window = Window::open(&file, start as u64..end as u64).expect("a window");
            assert_eq!(window.bytes(), &bytes[start..end]);
        }
        file.set_len(60_000).expect("a shorter file");
        for range in [50_000..60_001, 70_000..70_001] {
            let error = Window::open(&file, range).map(|_| ()).expect_err("bytes that are not there");
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(Window::open(&file, 50_000..60_000).is_ok());
    }
}
