//! Golden files of two photos: where they lie, what they hold, and the weights that are compared with them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Arguments;
use std::path::{Path, PathBuf};

use fathom::inference::WeightFile;
use fathom::matching::Matcher;
use fathom::model::{ModelError, Step, TensorSource, Watch};
use half::f16;
use image::RgbImage;
use safetensors::{Dtype, SafeTensors};

use crate::golden;

/// Where `scripts/matching-goldens.sh` says that other weights lie.
const WEIGHTS: &str = "FATHOM_MATCHING_WEIGHTS";

/// Photos, and what was made of them.
pub struct Golden {
    folder: PathBuf,
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
    pub matcher: Matcher,
    /// Whether the numbers were made with the matcher's weights.
    pub is_exact: bool,
}

impl Golden {
    /// Those of the folder that is named, else those of the repository. `None` only where a folder of other goldens is named.
    pub fn find() -> Option<Self> {
        let named = golden::folder();
        let Some(folder) = [named.join("matching"), named.clone()].into_iter().find(|at| at.join("a.png").is_file())
        else {
            assert!(!golden::cases().is_empty(), "{} holds no golden case at all", named.display());
            println!("{} holds no goldens of matching: nothing to compare", named.display());
            return None;
        };
        let is_ours = folder.starts_with(env!("CARGO_MANIFEST_DIR"));
        let (matcher, is_exact) = match std::env::var_os(WEIGHTS) {
            Some(weights) => (with_weights(Path::new(&weights)), true),
            None => (Matcher::built_in().expect("the program's weights"), is_ours),
        };
        Some(Self::read(folder, matcher, is_exact))
    }

    /// With the program's own weights.
    pub fn of_the_repository() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/matching");
        Self::read(folder, Matcher::built_in().expect("the program's weights"), true)
    }

    fn read(folder: PathBuf, matcher: Matcher, is_exact: bool) -> Self {
        let files = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let file = files.into_iter().find(|path| path.extension().is_some_and(|e| e == "safetensors"));
        let bytes = std::fs::read(file.expect("golden numbers beside the photos")).expect("readable numbers");
        let all = SafeTensors::deserialize(&bytes).expect("safetensors");
        let tensors = all.iter().map(|(name, tensor)| {
            let numbers = tensor.data().chunks_exact(tensor.dtype().bitsize() / 8).map(|x| match tensor.dtype() {
                Dtype::F32 => f32::from_le_bytes(x.try_into().expect("four bytes")),
                Dtype::F16 => f16::from_le_bytes(x.try_into().expect("two bytes")).to_f32(),
                Dtype::I32 => i32::from_le_bytes(x.try_into().expect("four bytes")) as f32,
                other => panic!("{name} is stored as {other:?}"),
            });
            (name.to_owned(), (tensor.shape().to_vec(), numbers.collect()))
        });
        Self { tensors: tensors.collect(), folder, matcher, is_exact }
    }

    pub fn photo(&self, name: &str) -> RgbImage {
        let path = self.folder.join(format!("{name}.png"));
        image::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).to_rgb8()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn shape(&self, name: &str) -> &[usize] {
        &self.tensor(name).0
    }

    pub fn values(&self, name: &str) -> Vec<f32> {
        self.tensor(name).1.clone()
    }

    /// (x, y) or (a, b), one after the other.
    pub fn pairs(&self, name: &str) -> Vec<[f32; 2]> {
        self.tensor(name).1.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
    }

    pub fn numbers(&self, name: &str) -> Vec<[usize; 2]> {
        self.pairs(name).into_iter().map(|pair| pair.map(|x| x as usize)).collect()
    }

    fn tensor(&self, name: &str) -> &(Vec<usize>, Vec<f32>) {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}: no tensor {name}", self.folder.display()))
    }
}

/// A folder's `xfeat.safetensors` and `xfeat-lighterglue.safetensors`.
fn with_weights(folder: &Path) -> Matcher {
    let open = |name: &str| WeightFile::open(&folder.join(name)).expect("weights");
    let [xfeat, lighterglue] = ["xfeat.safetensors", "xfeat-lighterglue.safetensors"].map(open);
    Matcher::new(&xfeat, &lighterglue).expect("weights of the networks")
}

/// The two networks by themselves, with the weights that the goldens are compared with.
pub fn sources() -> [Box<dyn TensorSource>; 2] {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models");
    let files = match std::env::var_os(WEIGHTS).map(PathBuf::from) {
        Some(folder) => ["xfeat.safetensors", "xfeat-lighterglue.safetensors"].map(|name| folder.join(name)),
        None => ["xfeat.safetensors", "lighterglue.safetensors"].map(|name| assets.join(name)),
    };
    files.map(|file| Box::new(WeightFile::open(&file).expect("weights")) as Box<dyn TensorSource>)
}

/// Keeps what a run shows on its way.
#[derive(Default)]
pub struct Listener(RefCell<HashMap<String, Vec<f32>>>);

impl Listener {
    pub fn heard(self) -> HashMap<String, Vec<f32>> {
        self.0.into_inner()
    }
}

impl Watch for Listener {
    fn step(&self, _: Step) -> Result<(), ModelError> {
        Ok(())
    }

    fn numbers(&self, name: Arguments<'_>, values: &[f32]) {
        self.0.borrow_mut().insert(name.to_string(), values.to_vec());
    }
}
