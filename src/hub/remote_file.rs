//! A published file: what it is called, and what its content is held to.

/// A published file.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteFile {
    /// `owner/name`.
    pub repo: String,
    /// A commit, or a branch.
    pub revision: String,
    /// Its name in the repository, without folders.
    pub file: String,
    pub check: Check,
}

impl std::fmt::Display for RemoteFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.repo, self.file)
    }
}

/// What the content is held to.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// This SHA-256.
    Pinned(String),
    /// The SHA-256 that the hub names; a hub that names none is refused.
    Published,
    /// The SHA-256 that the hub names, else only the length: for small texts, of which git keeps another digest.
    Length,
}
