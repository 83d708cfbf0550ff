//! A safetensors file as a source of weights: mapped or inside the program, read tensor by tensor.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use half::slice::HalfBitsSliceExt;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata};

use crate::model::kernels::{MappedFile, page_out};
use crate::model::{Described, ModelError, Numbers, TensorSource};

/// An open weight file. Only the pages of tensors that are read are loaded from disk.
pub struct WeightFile {
    label: String,
    bytes: Bytes,
    metadata: Metadata,
    /// Where the tensors' bytes begin.
    data_start: usize,
}

enum Bytes {
    Mapped(MappedFile),
    Static(&'static [u8]),
}

impl Bytes {
    fn get(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map.bytes(),
            Self::Static(bytes) => bytes,
        }
    }

    /// Bytes that were copied and are not needed again.
    fn release(&self, range: Range<usize>) {
        if let Self::Mapped(map) = self {
            map.release(range);
        }
    }
}

/// Length of the number that stands before the header.
const LENGTH_BYTES: usize = 8;
/// A longer header is no header but another kind of file.
const LARGEST_HEADER: u64 = 100 << 20;

impl WeightFile {
    /// Opens and maps the file, and checks that it is as long as its header promises.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = path.display().to_string();
        let read = |source| ModelError::Read { file: file.clone(), source };
        let map = MappedFile::open(&File::open(path).map_err(read)?).map_err(read)?;
        Self::parse(file, Bytes::Mapped(map))
    }

    /// The weight file that is part of the program.
    pub fn built_in(bytes: &'static [u8]) -> Result<Self, ModelError> {
        Self::parse("the built-in model".into(), Bytes::Static(bytes))
    }

    fn parse(file: String, bytes: Bytes) -> Result<Self, ModelError> {
        let (all, actual) = (bytes.get(), bytes.get().len() as u64);
        if let Some(expected) = promised_bytes(all).filter(|&expected| actual < expected) {
            return Err(ModelError::Truncated { file, expected, actual });
        }
        let (header_bytes, metadata) = SafeTensors::read_metadata(all)
            .map_err(|e| ModelError::NotSafetensors { file: file.clone(), reason: e.to_string() })?;
        let data_start = LENGTH_BYTES + header_bytes;
        Ok(Self { label: file, bytes, metadata, data_start })
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes.get().len() as u64
    }
}

/// Bytes that a file with this beginning must have; `None` where it does not begin like a safetensors file.
fn promised_bytes(all: &[u8]) -> Option<u64> {
    let header_bytes = all.get(..LENGTH_BYTES)?.try_into().ok().map(u64::from_le_bytes)?;
    let data_start = header_bytes.checked_add(LENGTH_BYTES as u64).filter(|_| header_bytes < LARGEST_HEADER)?;
    let Some(header) = all.get(LENGTH_BYTES..data_start as usize) else { return Some(data_start) };
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let ends = header.values().filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
    data_start.checked_add(ends.max().unwrap_or(0))
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
        self.metadata.tensors().into_iter().map(|(name, info)| (name, described(info))).collect()
    }

    fn show(&self, name: &str, look: &mut dyn FnMut(Numbers)) -> Result<(), ModelError> {
        let (element, shape, range) = self.place(name)?;
        let bytes = &self.bytes.get()[range.clone()];
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
        self.bytes.release(range);
        Ok(())
    }

    fn read(&self, name: &str, device: &Device) -> Result<Tensor, ModelError> {
        let (element, shape, range) = self.place(name)?;
        let tensor = Tensor::from_raw_buffer(&self.bytes.get()[range.clone()], element, shape, device)?;
        self.bytes.release(range);
        Ok(tensor)
    }
}

impl WeightFile {
    /// Element type, shape and place in the file of one tensor.
    fn place(&self, name: &str) -> Result<(DType, &[usize], Range<usize>), ModelError> {
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
        let range = self.data_start + start..self.data_start + end;
        if range.start > range.end || range.end > self.bytes.get().len() {
            return Err(absent());
        }
        Ok((element, &info.shape, range))
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
        let tensor = weights.read("a", &Device::Cpu).expect("a tensor");
        assert_eq!(tensor.to_vec1::<f32>().expect("two numbers"), [1.0, -2.0]);
        assert_eq!(weights.contents()["a"], Described { shape: vec![2], element: "F32".into() });
        assert!(weights.read("b", &Device::Cpu).is_err());
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
    fn other_files_are_named_as_such() {
        for bytes in [&b""[..], b"short", b"<html>this is not a weight file at all</html>"] {
            let file = file(bytes);
            let message = WeightFile::open(file.path()).map(|_| ()).expect_err("not weights").to_string();
            assert!(message.contains(&file.path().display().to_string()), "{message}");
        }
    }
}
