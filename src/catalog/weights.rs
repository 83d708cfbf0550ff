//! What weights are: bytes inside the program, or a file.

use std::path::PathBuf;

use super::published::{CONFIG, WEIGHTS};

/// Where weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// A safetensors file inside the program.
    BuiltIn(&'static [u8]),
    File(PathBuf),
}

impl Weights {
    /// The `config.json` that speaks of these weights: the one beside a file that has the published name.
    pub fn config(&self) -> Option<PathBuf> {
        let Self::File(path) = self else { return None };
        let is_published_name = path.file_name().is_some_and(|name| name == WEIGHTS);
        Some(path.with_file_name(CONFIG)).filter(|config| is_published_name && config.is_file())
    }
}

impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(_) => f.write_str("built in"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_name_has_no_config() {
        assert_eq!(Weights::File("/nowhere/model.safetensors".into()).config(), None);
        assert_eq!(Weights::File("/nowhere/other.safetensors".into()).config(), None);
        assert_eq!(Weights::BuiltIn(b"").config(), None);
    }
}
