//! The arrays of one `.npz`, read view by view with no more memory than their values turn out to need.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::ReopenError;
use super::npy::{Stored, read_header};

/// Bytes that are asked of the archive at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 16;

/// An opened `.npz`.
pub(super) struct Arrays {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

/// What is wrong with one array.
enum Fault {
    Memory,
    Content(String),
}

impl Arrays {
    pub fn open(path: &Path) -> Result<Self, ReopenError> {
        let damaged = |reason: String| ReopenError::Damaged { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => damaged("the summary names it, and it is missing".into()),
            _ => ReopenError::Read { path: path.to_owned(), source },
        })?;
        let archive =
            ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(format!("it is no npz ({error})")))?;
        Ok(Self { path: path.to_owned(), archive })
    }

    /// The maps of `views` views, each with these sides; `None` where the archive lacks the array.
    ///
    /// Errors: [`ReopenError::Damaged`] for any other type or shape, values that no map holds, too few or too many bytes
    /// and wrong check sums.
    pub fn maps<T: Stored>(
        &mut self,
        name: &str,
        views: usize,
        sides: &[usize],
    ) -> Result<Option<Vec<Vec<T>>>, ReopenError> {
        let maps = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(mut entry) => read_maps(&mut entry, views, sides).map(Some),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(error) => Err(Fault::Content(error.to_string())),
        };
        let path = self.path.clone();
        maps.map_err(|fault| match fault {
            Fault::Memory => ReopenError::Memory { path },
            Fault::Content(reason) => ReopenError::Damaged { path, reason: format!("the array '{name}': {reason}") },
        })
    }
}

fn read_maps<T: Stored>(from: &mut impl Read, views: usize, sides: &[usize]) -> Result<Vec<Vec<T>>, Fault> {
    let header = read_header(from).map_err(Fault::Content)?;
    let expected: Vec<usize> = std::iter::once(views).chain(sides.iter().copied()).collect();
    if header.descr != T::DESCR || header.shape != expected {
        let (descr, shape) = (header.descr, header.shape);
        let reason = format!("it is {descr} {shape:?}, expected {} {expected:?}", T::DESCR);
        return Err(Fault::Content(reason));
    }
    let values = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side)).ok_or(Fault::Memory)?;
    let maps = (0..views).map(|_| read_values(from, values)).collect::<Result<Vec<_>, _>>()?;
    // Reading on to the end also compares the check sum.
    match from.read(&mut [0]) {
        Ok(0) => Ok(maps),
        Ok(_) => Err(Fault::Content("it has more values than its shape says".into())),
        Err(error) => Err(Fault::Content(error.to_string())),
    }
}

fn read_values<T: Stored>(from: &mut impl Read, count: usize) -> Result<Vec<T>, Fault> {
    let mut values = Vec::new();
    let mut chunk = [0; CHUNK];
    while values.len() < count {
        let now = (count - values.len()).min(CHUNK / T::BYTES);
        let bytes = &mut chunk[..now * T::BYTES];
        from.read_exact(bytes).map_err(|error| Fault::Content(format!("its values end early ({error})")))?;
        // Only now: a header may claim any size, values must have been there.
        values.try_reserve(now).map_err(|_| Fault::Memory)?;
        for bytes in bytes.chunks_exact(T::BYTES) {
            let value = T::get(bytes);
            values.push(value.ok_or_else(|| Fault::Content("it holds a number that no result has".into()))?);
        }
    }
    values.shrink_to_fit();
    Ok(values)
}
