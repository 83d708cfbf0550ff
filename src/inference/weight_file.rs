//! A safetensors file as a source of weights: on disk or inside the program, looked at tensor by tensor.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use half::slice::HalfBitsSliceExt;
use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, Metadata};

use crate::model::kernels::{INT8_BLOCK, Window, page_out};
use crate::model::{Described, ModelError, Numbers, TensorSource};

/// An open weight file. Of its tensors only the one that is being looked at takes memory, or addresses.
pub struct WeightFile {
    label: String,
    bytes: Bytes,
    metadata: Metadata,
    /// Where the tensors' bytes begin.
    data_start: u64,
    /// Bytes of the whole file when it was opened.
    length: u64,
}

enum Bytes {
    File(File),
    Static(&'static [u8]),
}

/// The note that says of which model a converted file is.
pub(super) const MODEL_NOTE: &str = "fathom.model";
/// What follows the name of numbers in 8 bits in the name of their scales.
pub(super) const SCALES: &str = ".scale";
/// Length of the number that stands before the header.
const LENGTH_BYTES: u64 = 8;
/// The format's own limit; a longer header is no header but another kind of file.
const LARGEST_HEADER: u64 = 100_000_000;

impl WeightFile {
    /// Opens the file, reads its header, and checks that it is as long as the header promises.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let label = path.display().to_string();
        let read = |source| ModelError::Read { file: label.clone(), source };
        let file = File::open(path).map_err(read)?;
        let length = file.metadata().map_err(read)?.len();
        let (data_start, metadata) = header(&file, length, &label)?;
        Ok(Self { label, bytes: Bytes::File(file), metadata, data_start, length })
    }

    /// A weight file that is part of the program, which errors call `label`.
    pub fn built_in(label: &str, bytes: &'static [u8]) -> Result<Self, ModelError> {
        let (label, length) = (label.to_owned(), bytes.len() as u64);
        let (data_start, metadata) = header(bytes, length, &label)?;
        Ok(Self { label, bytes: Bytes::Static(bytes), metadata, data_start, length })
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// What the header says beside its tensors.
    pub fn note(&self, key: &str) -> Option<&str> {
        self.metadata.metadata().as_ref()?.get(key).map(String::as_str)
    }
}

/// Reads the header of a file of `length` bytes: where the tensors' bytes begin, and what they are.
fn header(mut source: impl Read, length: u64, label: &str) -> Result<(u64, Metadata), ModelError> {
    let file = || label.to_owned();
    let read = |source| ModelError::Read { file: file(), source };
    let wrong = |error: SafeTensorError| ModelError::NotSafetensors { file: file(), reason: error.to_string() };
    let reaches = |expected: u64| match length < expected {
        true => Err(ModelError::Truncated { file: file(), expected, actual: length }),
        false => Ok(()),
    };
    if length < LENGTH_BYTES {
        return Err(wrong(SafeTensorError::HeaderTooSmall));
    }
    let mut header_bytes = [0; LENGTH_BYTES as usize];
    source.read_exact(&mut header_bytes).map_err(read)?;
    let header_bytes = u64::from_le_bytes(header_bytes);
    if header_bytes > LARGEST_HEADER {
        return Err(wrong(SafeTensorError::HeaderTooLarge));
    }
    let data_start = LENGTH_BYTES + header_bytes;
    reaches(data_start)?;
    let mut header = vec![0; header_bytes as usize];
    source.read_exact(&mut header).map_err(read)?;
    if let Some(expected) = promised_bytes(&header).and_then(|bytes| data_start.checked_add(bytes)) {
        reaches(expected)?;
    }
    let metadata: Metadata =
        serde_json::from_slice(&header).map_err(|e| wrong(SafeTensorError::InvalidHeaderDeserialization(e)))?;
    // Bytes that no tensor owns mean that something else is wrong with the file.
    if data_start.checked_add(metadata.data_len() as u64) != Some(length) {
        return Err(wrong(SafeTensorError::MetadataIncompleteBuffer));
    }
    Ok((data_start, metadata))
}

/// Bytes that must follow this header; `None` where it is not that of a safetensors file. Looked at before the header
/// is checked, because a file that is cut short should be called just that.
fn promised_bytes(header: &[u8]) -> Option<u64> {
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let ends = header.values().filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
    Some(ends.max().unwrap_or(0))
}

impl Drop for WeightFile {
    /// A network has copied what it needs when the file is closed; what is part of the program is mapped all the same.
    fn drop(&mut self) {
        if let Bytes::Static(bytes) = self.bytes {
            page_out(bytes);
        }
    }
}

impl TensorSource for WeightFile {
    fn label(&self) -> String {
        self.label.clone()
    }

    fn contents(&self) -> HashMap<String, Described> {
        let described = |info: &safetensors::tensor::TensorInfo| Described {
            shape: info.shape.clone(),
            element: format!("{:?}", info.dtype),
        };
        let tensors = self.metadata.tensors();
        // Scales belong to the numbers that they scale.
        let is_scale = |name: &String| name.strip_suffix(SCALES).is_some_and(|base| tensors.contains_key(base));
        let all = tensors.iter().filter(|(name, _)| !is_scale(name));
        all.map(|(name, info)| (name.clone(), described(info))).collect()
    }

    fn show(&self, name: &str, look: &mut dyn FnMut(Numbers)) -> Result<(), ModelError> {
        if self.is_int8(name) {
            return self.show_int8(name, look);
        }
        let (element, shape, range) = self.place(name)?;
        self.look_at(range, |bytes| {
            // The format does not promise that numbers are aligned.
            let numbers = match element {
                DType::F32 => bytemuck::try_cast_slice(bytes).ok().map(Numbers::F32),
                DType::F16 => {
                    bytemuck::try_cast_slice(bytes).ok().map(|bits: &[u16]| Numbers::F16(bits.reinterpret_cast()))
                }
                _ => None,
            };
            match numbers {
                Some(numbers) => look(numbers),
                None => {
                    let copy = Tensor::from_raw_buffer(bytes, element, shape, &Device::Cpu)?.flatten_all()?;
                    look(Numbers::F32(&copy.to_dtype(DType::F32)?.to_vec1()?));
                }
            }
            Ok(())
        })
    }

    fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        if self.is_int8(name) {
            let mut wide = Vec::new();
            let shape = self.metadata.info(name).map_or_else(Vec::new, |info| info.shape.clone());
            let count: usize = shape.iter().product();
            self.show_int8(name, &mut |numbers| wide.extend((0..count).map(|i| numbers.get(i))))?;
            return Ok(Tensor::from_vec(wide, shape, &Device::Cpu)?);
        }
        let (element, shape, range) = self.place(name)?;
        self.look_at(range, |bytes| Ok(Tensor::from_raw_buffer(bytes, element, shape, &Device::Cpu)?))
    }
}

impl WeightFile {
    fn is_int8(&self, name: &str) -> bool {
        self.metadata.info(name).is_some_and(|info| info.dtype == Dtype::I8)
    }

    /// Numbers in 8 bits, with the scales that lie beside them.
    fn show_int8(&self, name: &str, look: &mut dyn FnMut(Numbers)) -> Result<(), ModelError> {
        let flaw = |reason: &str| ModelError::NotSafetensors {
            file: self.label(),
            reason: format!("tensor {name} is stored in 8 bits {reason}"),
        };
        let info = self.metadata.info(name).ok_or_else(|| flaw("nowhere"))?;
        let inputs: usize = info.shape.get(1..).unwrap_or_default().iter().product();
        let scales = format!("{name}{SCALES}");
        let held = self.metadata.info(&scales).ok_or_else(|| flaw("without scales"))?;
        let outputs = info.shape.first().copied().unwrap_or(0);
        if held.dtype != Dtype::F32 || held.shape != [outputs, inputs.div_ceil(INT8_BLOCK)] || inputs == 0 {
            return Err(flaw("with scales of another shape"));
        }
        let scales: Vec<f32> = self.read(&scales)?.flatten_all()?.to_vec1()?;
        let (start, end) = info.data_offsets;
        self.look_at(self.data_start + start as u64..self.data_start + end as u64, |bytes| {
            look(Numbers::Int8 { values: bytemuck::cast_slice(bytes), scales: &scales, inputs });
            Ok(())
        })
    }

    /// Element type, shape and place in the file of one tensor.
    fn place(&self, name: &str) -> Result<(DType, &[usize], Range<u64>), ModelError> {
        let absent = || ModelError::NotSafetensors { file: self.label(), reason: format!("no tensor {name}") };
        let info = self.metadata.info(name).ok_or_else(absent)?;
        let element = match info.dtype {
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            other => {
                let reason = format!("tensor {name} is stored as {other:?}");
                return Err(ModelError::NotSafetensors { file: self.label(), reason });
            }
        };
        let (start, end) = info.data_offsets;
        // The header was checked: tensors follow one another and end where the file does.
        Ok((element, &info.shape, self.data_start + start as u64..self.data_start + end as u64))
    }

    /// Shows bytes of the file, which are mapped for that long and no longer.
    fn look_at<T>(
        &self,
        range: Range<u64>,
        look: impl FnOnce(&[u8]) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let file = match &self.bytes {
            Bytes::File(file) => file,
            Bytes::Static(bytes) => return look(&bytes[range.start as usize..range.end as usize]),
        };
        let window = Window::open(file, range).map_err(|source| match (source.kind(), file.metadata()) {
            (io::ErrorKind::UnexpectedEof, Ok(now)) => {
                ModelError::Truncated { file: self.label(), expected: self.length, actual: now.len() }
            }
            _ => ModelError::Read { file: self.label(), source },
        })?;
        look(window.bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(bytes).expect("space for a few bytes");
        file
    }

    fn valid() -> Vec<u8> {
        let header = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header);
        bytes.extend([1.0f32, -2.0].iter().flat_map(|v| v.to_le_bytes()));
        bytes
    }

    #[test]
    fn reads_a_tensor() {
        let file = file(&valid());
        let weights = WeightFile::open(file.path()).expect("a valid file");
        let tensor = weights.read("a").expect("a tensor");
        assert_eq!(tensor.to_vec1::<f32>().expect("two numbers"), [1.0, -2.0]);
        assert_eq!(weights.contents()["a"], Described { shape: vec![2], element: "F32".into() });
        assert!(weights.read("b").is_err());
    }

    #[test]
    fn a_short_file_says_how_short() {
        let whole = valid();
        for length in [20, whole.len() - 1] {
            let file = file(&whole[..length]);
            match WeightFile::open(file.path()).map(|_| ()) {
                Err(ModelError::Truncated { expected, actual, .. }) => {
                    assert!(actual == length as u64 && expected > actual);
                }
                other => panic!("{length} bytes: {other:?}"),
            }
        }
    }

    #[test]
    fn a_file_that_shrinks_after_opening_is_an_error() {
        let file = file(&valid());
        let weights = WeightFile::open(file.path()).expect("a valid file");
        file.as_file().set_len(weights.bytes() - 4).expect("a shorter file");
        match weights.read("a").map(|_| ()) {
            Err(ModelError::Truncated { expected, actual, .. }) => assert_eq!(expected, actual + 4),
            other => panic!("{other:?}"),
        }
        assert!(weights.show("a", &mut |_| panic!("there is nothing whole to show")).is_err());
    }

    #[test]
    fn numbers_that_are_not_aligned_are_shown_all_the_same() {
        for padding in 0..4 {
            let header =
                format!(r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}}{}"#, " ".repeat(padding));
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend([1.0f32, -2.0].iter().flat_map(|v| v.to_le_bytes()));
            let weights = WeightFile::open(file(&bytes).path()).expect("a valid file");
            let mut seen = Vec::new();
            weights.show("a", &mut |numbers| seen.extend([numbers.get(0), numbers.get(1)])).expect("two numbers");
            assert_eq!(seen, [1.0, -2.0]);
        }
    }

    #[test]
    fn offsets_that_lie_are_refused() {
        let data = [0; 16];
        for (offsets, shape) in
            [("[0,12]", "[2]"), ("[8,16]", "[2]"), ("[0,18446744073709551615]", "[2]"), ("[0,8]", "[2]")]
        {
            let header = format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend(data);
            assert!(WeightFile::open(file(&bytes).path()).is_err(), "{offsets}");
        }
        let directory = tempfile::tempdir().expect("a folder");
        assert!(WeightFile::open(directory.path()).is_err());
    }

    #[test]
    fn other_files_are_named_as_such() {
        for bytes in [&b""[..], b"short", b"<html>this is not a weight file at all</html>"] {
            let file = file(bytes);
            let message = WeightFile::open(file.path()).map(|_| ()).expect_err("not weights").to_string();
            assert!(message.contains(&file.path().display().to_string()), "{message}");
        }
    }
}
