//! Golden case files: where they lie, what they hold, how a tensor is compared with one.

#![allow(dead_code, clippy::expect_used, clippy::print_stdout, reason = "every test binary uses its own part")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use safetensors::SafeTensors;

/// One case file.
pub struct Case {
    pub file: PathBuf,
    meta: HashMap<String, String>,
    tensors: HashMap<String, Tensor>,
}

/// The folder of golden cases: `FATHOM_GOLDENS`, or the one in the repository.
pub fn folder() -> PathBuf {
    std::env::var_os("FATHOM_GOLDENS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens"), PathBuf::from)
}

/// `geometry.json` and the tensors that it names. `None` only where `FATHOM_GOLDENS` names a folder with other cases.
pub fn geometry() -> Option<(serde_json::Value, Vec<u8>)> {
    let (json, tensors) = (folder().join("geometry.json"), folder().join("geometry.safetensors"));
    if std::env::var_os("FATHOM_GOLDENS").is_some() && !json.exists() {
        assert!(!cases().is_empty(), "{} holds no golden case at all", folder().display());
        println!("{} is not there: nothing to compare", json.display());
        return None;
    }
    let read = |path: &Path| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some((serde_json::from_slice(&read(&json)).expect("JSON"), read(&tensors)))
}

/// Every safetensors file below the folder, in a stable order.
pub fn cases() -> Vec<Case> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder())
        .into_iter()
        .map(|entry| entry.expect("a readable folder of goldens").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    files.sort();
    files.iter().map(|file| Case::read(file)).collect()
}

impl Case {
    /// A case without tensors.
    pub fn with(meta: &[(&str, &str)]) -> Self {
        let meta = meta.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { file: PathBuf::from("made by a test"), meta, tensors: HashMap::new() }
    }

    fn read(file: &Path) -> Self {
        let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let meta = header.metadata().clone().unwrap_or_default();
        let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        Self { file: file.to_owned(), meta, tensors }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.meta.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub fn number<T: std::str::FromStr>(&self, key: &str) -> T {
        let text = self.meta.get(key).unwrap_or_else(|| panic!("{}: no {key}", self.file.display()));
        text.parse().unwrap_or_else(|_| panic!("{}: {key} is {text:?}", self.file.display()))
    }

    pub fn has(&self, tensor: &str) -> bool {
        self.tensors.contains_key(tensor)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    pub fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}: no tensor {name}", self.file.display()))
    }

    pub fn values(&self, name: &str) -> Vec<f32> {
        let tensor = self.tensor(name).to_dtype(candle_core::DType::F32).and_then(|t| t.flatten_all());
        tensor.and_then(|t| t.to_vec1()).expect("numbers")
    }

    /// Largest difference between the stored elements and those of `actual` (the full tensor, row-major), relative to
    /// the root mean square of the stored ones.
    pub fn error(&self, name: &str, actual: &[f32]) -> f64 {
        let golden = self.values(name);
        let shape: Vec<usize> =
            self.meta[&format!("shape.{name}")].split(',').map(|n| n.parse().expect("a size")).collect();
        let stride: usize = self.number(&format!("stride.{name}"));
        let full: usize = shape.iter().product();
        assert_eq!(actual.len(), full, "{}: {name} has shape {shape:?}", self.file.display());
        assert_eq!(golden.len(), full.div_ceil(stride), "{}: {name}", self.file.display());
        let rms = (golden.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / golden.len() as f64).sqrt();
        let pairs = golden.iter().zip(actual.iter().step_by(stride));
        let difference = |(&g, &a): (&f32, &f32)| {
            let d = (f64::from(g) - f64::from(a)).abs();
            // A number that is not one must never pass.
            if d.is_nan() { f64::INFINITY } else { d }
        };
        pairs.map(difference).fold(0.0, f64::max) / rms.max(f64::MIN_POSITIVE)
    }
}

/// Collects comparisons and fails once, with all that went wrong.
#[derive(Default)]
pub struct Verdict {
    /// What is compared at the moment, before the names of cases.
    pub label: String,
    pub compared: usize,
    wrong: Vec<String>,
}

impl Verdict {
    pub fn check(&mut self, case: &Case, name: &str, actual: &[f32], tolerance: f64) {
        let error = case.error(name, actual);
        self.compared += 1;
        let file = format!("{}{}", self.label, case.file.file_name().unwrap_or_default().to_string_lossy());
        println!("{file} {name}: {error:.2e} of {tolerance:.0e}");
        if error > tolerance {
            self.wrong.push(format!("{file} {name}: {error:.3e} > {tolerance:.0e}"));
        }
    }

    pub fn require(&mut self, case: &Case, what: &str, is_true: bool) {
        self.compared += 1;
        if !is_true {
            self.wrong.push(format!("{}{}: {what}", self.label, case.file.display()));
        }
    }

    pub fn conclude(self) {
        assert!(
            self.wrong.is_empty(),
            "{} of {} comparisons failed:\n{}",
            self.wrong.len(),
            self.compared,
            self.wrong.join("\n")
        );
    }
}
