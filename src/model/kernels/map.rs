//! A weight file as memory, so that only the pages of the tensors that are read are ever loaded.

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Maps a file for reading.
pub fn map_file(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is read-only and private. Another process that changes or shortens the file while it is mapped
    // could change the bytes or raise SIGBUS; weight files are not written to in place, and every tensor is copied out
    // of the map right after its bounds were checked against the file's length.
    unsafe { Mmap::map(file) }
}
