//! What a file says of cameras: each by itself usable or not, so that one bad row costs one photo.

use super::KnownCamera;

/// A camera's numbers, or what is wrong with it: what it "has", as the end of a sentence about the camera.
pub type Found = Result<KnownCamera, String>;

/// What is wrong with a camera that is not finite, has no rotation, or sees nothing.
pub const NUMBERS: &str = "has numbers that no camera has";

/// What is wrong with a lens of this model.
pub fn newer(model: &str) -> String {
    format!("has a lens of the model {model}, which is newer than this Fathom knows")
}

/// The cameras of a file or a model.
#[derive(Debug, Default)]
pub struct Reading {
    /// The file that lists the photos, as remarks name it.
    pub file: String,
    /// By the names that the file has for photos.
    pub cameras: Vec<(String, Found)>,
    /// What else there is to say, in sentences.
    pub remarks: Vec<String>,
}

impl Reading {
    /// What is not right, in sentences: cameras with the same fault together.
    pub fn all_remarks(&self) -> Vec<String> {
        let mut faults: Vec<(&str, Vec<String>)> = Vec::new();
        for (name, found) in &self.cameras {
            let Err(fault) = found else { continue };
            match faults.iter_mut().find(|(known, _)| known == fault) {
                Some((_, names)) => names.push(name.clone()),
                None => faults.push((fault, vec![name.clone()])),
            }
        }
        let file = &self.file;
        let sentence = |(fault, names): (&str, Vec<String>)| match names.as_slice() {
            [name] => format!("{file}: the camera of {name} {fault}"),
            _ => format!("{file}: of {} photos the camera {fault}: {}", names.len(), listed(&names)),
        };
        faults.into_iter().map(sentence).chain(self.remarks.iter().cloned()).collect()
    }
}

/// The first few of some names, and how many there are beside them.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
