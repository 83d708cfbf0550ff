//! Where the bytes of one file go: into the file, or nowhere but a count.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::ExportWatch;

/// Bytes after which the watch is told and asked: many formats write number by number.
const STEP: u64 = 1 << 16;

pub(super) struct Sink<'a> {
    to: To<'a>,
    watch: &'a ExportWatch,
    untold: u64,
}

enum To<'a> {
    File(&'a mut BufWriter<File>),
    /// A file that is only measured.
    Count {
        at: u64,
        length: u64,
    },
}

impl<'a> Sink<'a> {
    pub fn file(file: &'a mut BufWriter<File>, watch: &'a ExportWatch) -> Self {
        Self { to: To::File(file), watch, untold: 0 }
    }

    pub fn count(watch: &'a ExportWatch) -> Self {
        Self { to: To::Count { at: 0, length: 0 }, watch, untold: 0 }
    }

    /// Bytes of a file that is only measured.
    pub fn length(&self) -> u64 {
        match self.to {
            To::File(_) => 0,
            To::Count { length, .. } => length,
        }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.untold >= STEP {
            self.watch.add(std::mem::take(&mut self.untold));
            if self.watch.is_stopped() {
                return Err(io::Error::other("cancelled"));
            }
        }
        let written = match &mut self.to {
            To::File(file) => file.write(bytes)?,
            To::Count { at, length } => {
                *at += bytes.len() as u64;
                *length = (*length).max(*at);
                bytes.len()
            }
        };
        self.untold += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::File(file) => file.flush(),
            To::Count { .. } => Ok(()),
        }
    }
}

impl Seek for Sink<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (at, length) = match &mut self.to {
            To::File(file) => return file.seek(to),
            To::Count { at, length } => (at, *length),
        };
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(step) => at.checked_add_signed(step),
            SeekFrom::End(step) => length.checked_add_signed(step),
        };
        *at = place.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the beginning"))?;
        Ok(*at)
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        self.watch.add(self.untold);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_as_long_as_the_file_would_be() {
        let watch = ExportWatch::default();
        let mut sink = Sink::count(&watch);
        sink.write_all(&[0; 100]).expect("counted");
        sink.seek(SeekFrom::Start(10)).expect("back");
        sink.write_all(&[0; 20]).expect("counted");
        assert_eq!((sink.stream_position().expect("there"), sink.length()), (30, 100));
        assert!(sink.seek(SeekFrom::Current(-31)).is_err());
        drop(sink);
        assert_eq!(watch.written(), 120);
    }

    #[test]
    fn a_word_ends_it() {
        let watch = ExportWatch::default();
        let mut sink = Sink::count(&watch);
        sink.write_all(&[0; STEP as usize]).expect("nobody has said anything");
        watch.stop();
        assert!(sink.write_all(&[0]).is_err());
    }
}
