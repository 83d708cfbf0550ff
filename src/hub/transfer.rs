//! One attempt to bring the rest of a file to disk.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::http::{Client, Part};
use super::progress::Meter;
use super::response::{number, range};
use super::{HubError, Progress, Stop};

const BLOCK_BYTES: usize = 1 << 18;

/// What is fetched, from where and to where.
pub(super) struct Transfer<'a> {
    pub client: &'a Client<'a>,
    pub stop: &'a Stop,
    pub url: &'a str,
    /// The file, as errors say it.
    pub label: &'a str,
    /// Grows until it is as long as the whole; survives this program.
    pub partial: &'a Path,
    pub bytes: u64,
}

impl Transfer<'_> {
    /// Bytes that are already here.
    pub fn have(&self) -> u64 {
        std::fs::metadata(self.partial).map_or(0, |found| found.len())
    }

    /// Appends what is missing. After an error another attempt goes on where this one ended.
    pub fn attempt(&self, progress: &mut dyn FnMut(Progress)) -> Result<(), HubError> {
        let mut out = OpenOptions::new().create(true).append(true).open(self.partial).map_err(|e| self.disk(e))?;
        let mut have = out.metadata().map_err(|e| self.disk(e))?.len();
        if have > self.bytes {
            self.start_over(&out)?;
            have = 0;
        }
        if have < self.bytes || self.bytes == 0 {
            self.receive(&mut out, have, progress)?;
        }
        // A full disk or a lost network share may show only here.
        out.sync_all().map_err(|e| self.disk(e))
    }

    fn receive(&self, out: &mut File, mut have: u64, progress: &mut dyn FnMut(Progress)) -> Result<(), HubError> {
        let answered = self.client.send(Part::From(have), self.url, |_| false)?;
        if let Some(refusal) = self.client.refusal(&answered, self.label) {
            return Err(refusal);
        }
        let host = answered.host();
        let response = answered.response;
        let headers = response.headers();
        match (response.status().as_u16(), range(headers)) {
            (206, Some((start, whole))) if start == have => self.must_be(&host, whole)?,
            (200, _) if have == 0 => {}
            // The whole again: this server cannot go on in the middle.
            (200, _) => {
                self.start_over(out)?;
                have = 0;
            }
            _ => {
                self.start_over(out)?;
                return Err(self.cut(0, "the server could not go on in the middle"));
            }
        }
        if let Some(length) = number(headers, "content-length") {
            self.must_be(&host, have.saturating_add(length))?;
        }
        self.copy(&host, &mut response.into_body().into_reader(), out, have, progress)
    }

    fn copy(
        &self,
        host: &str,
        body: &mut impl Read,
        out: &mut File,
        have: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), HubError> {
        let mut meter = Meter::new(have, self.bytes);
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let count = match body.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.stop.check()?;
                    return Err(self.cut(meter.done(), &super::http::reason(&error.into())));
                }
            };
            let received = meter.done() + count as u64;
            if received > self.bytes {
                self.must_be(host, received)?;
            }
            out.write_all(&block[..count]).map_err(|error| self.disk(error))?;
            if meter.add(count as u64) {
                progress(meter.downloading());
            }
            self.stop.check()?;
        }
        if meter.done() < self.bytes { Err(self.cut(meter.done(), "the server ended it")) } else { Ok(()) }
    }

    fn start_over(&self, out: &File) -> Result<(), HubError> {
        out.set_len(0).map_err(|error| self.disk(error))
    }

    /// Holds the length that a server offers to the published one.
    fn must_be(&self, host: &str, actual: u64) -> Result<(), HubError> {
        if actual == self.bytes {
            return Ok(());
        }
        let (host, file) = (host.to_owned(), self.label.to_owned());
        Err(HubError::Length { host, file, expected: self.bytes, actual })
    }

    fn cut(&self, received: u64, reason: &str) -> HubError {
        HubError::Cut { received, expected: self.bytes, reason: reason.to_owned() }
    }

    fn disk(&self, error: io::Error) -> HubError {
        match error.kind() {
            ErrorKind::StorageFull if is_at_the_end_of_fat(self.have()) => self.too_large(),
            ErrorKind::FileTooLarge => self.too_large(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => HubError::NoSpace {
                folder: self.partial.parent().unwrap_or(self.partial).to_owned(),
                need_bytes: self.bytes.saturating_sub(self.have()),
                free_bytes: 0,
            },
            _ => HubError::disk(self.partial, error),
        }
    }

    fn too_large(&self) -> HubError {
        HubError::TooLarge {
            folder: self.partial.parent().unwrap_or(self.partial).to_owned(),
            file: self.label.to_owned(),
            bytes: self.bytes,
        }
    }
}

/// Whether a file of this length has no room for a block more on FAT. Windows says of that that the disk is full.
fn is_at_the_end_of_fat(have: u64) -> bool {
    const MOST: u64 = (4 << 30) - 1;
    (MOST - BLOCK_BYTES as u64..=MOST).contains(&have)
}

#[cfg(test)]
mod tests {
    use super::is_at_the_end_of_fat;

    #[test]
    fn a_full_disk_just_below_four_gibibytes_is_fat() {
        let end: u64 = 4 << 30;
        assert!(is_at_the_end_of_fat(end - 1) && is_at_the_end_of_fat(end - (256 << 10)));
        assert!(!is_at_the_end_of_fat(end) && !is_at_the_end_of_fat(end - (257 << 10)) && !is_at_the_end_of_fat(0));
    }
}
