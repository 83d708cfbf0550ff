//! The arrays of one `.npz`, read view by view with no more memory than their values turn out to need.

use std::fs::File;
use std::io::{BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::npy::Stored;
use crate::input::read_npy_header;

/// Bytes that are asked of the archive at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 16;

/// An opened `.npz`, or another archive that has arrays in it.
pub struct Arrays(ZipArchive<BufReader<File>>);

/// What is wrong with an archive or one of its arrays.
#[derive(Debug)]
pub enum ArrayFault {
    Memory,
    /// As the end of a sentence.
    Content(String),
}

impl Arrays {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`ArrayFault::Content`] where it is none, or damaged.
    pub fn open(file: File) -> Result<Self, ArrayFault> {
        let archive = ZipArchive::new(BufReader::new(file));
        archive.map(Self).map_err(|error| ArrayFault::Content(error.to_string()))
    }

    /// One file of the archive, which may have so many bytes; `None` where it lacks the file.
    ///
    /// # Errors
    /// [`ArrayFault::Content`] where it is larger or its check sum is wrong.
    pub fn file(&mut self, name: &str, most_bytes: u64) -> Result<Option<Vec<u8>>, ArrayFault> {
        let content = |error: &dyn std::fmt::Display| ArrayFault::Content(format!("'{name}': {error}"));
        let entry = match self.0.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(content(&error)),
        };
        let mut bytes = Vec::new();
        entry.take(most_bytes + 1).read_to_end(&mut bytes).map_err(|error| content(&error))?;
        if bytes.len() as u64 > most_bytes { Err(content(&"it is far too large")) } else { Ok(Some(bytes)) }
    }

    /// The maps of `views` views, each with these sides; `None` where the archive lacks the array.
    ///
    /// # Errors
    /// [`ArrayFault::Content`] for any other type or shape, values that no map holds, too few or too many bytes and wrong
    /// check sums.
    pub fn maps<T: Stored>(
        &mut self,
        name: &str,
        views: usize,
        sides: &[usize],
    ) -> Result<Option<Vec<Vec<T>>>, ArrayFault> {
        let maps = match self.0.by_name(&format!("{name}.npy")) {
            Ok(mut entry) => read_maps(&mut entry, views, sides).map(Some),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(error) => Err(ArrayFault::Content(error.to_string())),
        };
        maps.map_err(|fault| match fault {
            ArrayFault::Memory => ArrayFault::Memory,
            ArrayFault::Content(reason) => ArrayFault::Content(format!("the array '{name}': {reason}")),
        })
    }
}

fn read_maps<T: Stored>(from: &mut impl Read, views: usize, sides: &[usize]) -> Result<Vec<Vec<T>>, ArrayFault> {
    let header = read_npy_header(from).map_err(ArrayFault::Content)?;
    let expected: Vec<usize> = std::iter::once(views).chain(sides.iter().copied()).collect();
    if header.descr != T::DESCR || header.shape != expected {
        let (descr, shape) = (header.descr, header.shape);
        let reason = format!("it is {descr} {shape:?}, expected {} {expected:?}", T::DESCR);
        return Err(ArrayFault::Content(reason));
    }
    let values = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side)).ok_or(ArrayFault::Memory)?;
    let maps = (0..views).map(|_| read_values(from, values)).collect::<Result<Vec<_>, _>>()?;
    // Reading on to the end also compares the check sum.
    match from.read(&mut [0]) {
        Ok(0) => Ok(maps),
        Ok(_) => Err(ArrayFault::Content("it has more values than its shape says".into())),
        Err(error) => Err(ArrayFault::Content(error.to_string())),
    }
}

fn read_values<T: Stored>(from: &mut impl Read, count: usize) -> Result<Vec<T>, ArrayFault> {
    let mut values = Vec::new();
    let mut chunk = [0; CHUNK];
    while values.len() < count {
        let now = (count - values.len()).min(CHUNK / T::BYTES);
        let bytes = &mut chunk[..now * T::BYTES];
        from.read_exact(bytes).map_err(|error| ArrayFault::Content(format!("its values end early ({error})")))?;
        // Only now: a header may claim any size, values must have been there.
        values.try_reserve(now).map_err(|_| ArrayFault::Memory)?;
        for bytes in bytes.chunks_exact(T::BYTES) {
            let value = T::get(bytes);
            values.push(value.ok_or_else(|| ArrayFault::Content("it holds a number that no result has".into()))?);
        }
    }
    values.shrink_to_fit();
    Ok(values)
}
