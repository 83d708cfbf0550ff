//! A weight file as memory, so that only the pages of the tensors that are read are ever loaded, and given back when
//! they have been.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;

/// A file that is mapped for reading.
pub struct MappedFile(Mmap);

impl MappedFile {
    pub fn open(file: &File) -> io::Result<Self> {
        // SAFETY: the map is read-only and private. Another process that changes or shortens the file while it is
        // mapped could change the bytes or raise SIGBUS; weight files are not written to in place, and every tensor is
        // copied out of the map right after its bounds were checked against the file's length.
        Ok(Self(unsafe { Mmap::map(file) }?))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives back the memory of bytes that were read and copied, so that they are not resident twice. Should they be
    /// read again, they are loaded again.
    pub fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        if range.start < range.end && range.end <= self.0.len() {
            // SAFETY: the pages are clean and backed by the file, so nothing is lost with them. The answer does not
            // matter: it is advice.
            let _ = unsafe {
                self.0.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.end - range.start)
            };
        }
        #[cfg(not(unix))]
        let _ = range;
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
    fn what_was_given_back_can_be_read_again() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        file.write_all(&bytes).expect("space for it");
        let map = MappedFile::open(&file).expect("a map");
        for range in [0..bytes.len(), 5000..70_001, 10..20, 7..7] {
            map.release(range);
            assert_eq!(map.bytes(), &bytes[..]);
        }
    }
}
