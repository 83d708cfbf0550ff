//! SHA-256 of files that do not fit into memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::progress::Meter;
use super::{HubError, Progress, Stop};

const BLOCK_BYTES: usize = 1 << 20;

/// The SHA-256 of a file in lower-case hexadecimal digits.
///
/// # Errors
/// [`HubError::Disk`] where it cannot be read, [`HubError::Stopped`].
pub fn sha256_of(path: &Path, stop: &Stop, progress: &mut dyn FnMut(Progress)) -> Result<String, HubError> {
    let disk = |source| HubError::disk(path, source);
    let mut file = File::open(path).map_err(disk)?;
    let mut meter = Meter::new(0, file.metadata().map_err(disk)?.len());
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        stop.check()?;
        let count = match file.read(&mut block) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(disk(error)),
        };
        hasher.update(&block[..count]);
        if meter.add(count as u64) {
            progress(meter.checking());
        }
    }
    Ok(hexadecimal(hasher))
}

/// The same of bytes in memory.
pub fn sha256_of_bytes(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(bytes))
}

fn hexadecimal(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether this is a SHA-256 as [`sha256_of`] writes it.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_lower_hex(text)
}

/// Whether this is a commit as git writes it.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && is_lower_hex(text)
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_known_text() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").expect("written");
        let digest = sha256_of(&path, &Stop::default(), &mut |_| {}).expect("read");
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(is_sha256(&digest) && !is_sha256(&digest.to_uppercase()) && !is_commit(&digest));
        let stop = Stop::default();
        stop.stop();
        assert!(matches!(sha256_of(&path, &stop, &mut |_| {}), Err(HubError::Stopped)));
        assert!(matches!(sha256_of(dir.path(), &Stop::default(), &mut |_| {}), Err(HubError::Disk { .. })));
    }
}
