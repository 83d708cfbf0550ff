//! Why a model's files cannot be had or trusted.

use std::path::PathBuf;

use crate::hub::HubError;

#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The choice's fault.
    #[error("{} holds no model.safetensors", path.display())]
    NoWeights { path: PathBuf },
    /// The file's fault.
    #[error("{} does not say which network it is for: {reason}", path.display())]
    Config { path: PathBuf, reason: String },
    /// The weights are those of another model than their name says.
    #[error("{} is for {found}, not for {model} ({expected})", path.display())]
    OtherModel { path: PathBuf, model: &'static str, expected: String, found: String },
}

impl CatalogError {
    /// One sentence: what to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Hub(error) => error.advice(),
            Self::NoWeights { .. } => {
                "Choose the folder into which the files of the model's page were saved, or the model file itself".into()
            }
            Self::Config { .. } => {
                "Get the model again, or remove its config.json where you put the model file there yourself".into()
            }
            Self::OtherModel { .. } => {
                "Choose the model that the files are for, or get the right ones with 'fathom models get'".into()
            }
        }
    }
}
