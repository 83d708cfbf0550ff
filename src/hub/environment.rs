//! What the variables say that Hugging Face's own tools read: where published files come from, and where they go to.

use std::env;
use std::path::PathBuf;

/// The server's address, without a slash at its end: `HF_ENDPOINT`, else Hugging Face.
pub(super) fn endpoint() -> String {
    let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".into());
    endpoint.trim().trim_end_matches('/').into()
}

/// `HF_HUB_OFFLINE`: whether connections are forbidden.
pub(super) fn is_offline() -> bool {
    text("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value))
}

/// The folder of the cache: `HF_HUB_CACHE`, else `hub` in the home of Hugging Face's tools.
pub(super) fn cache_folder() -> Option<PathBuf> {
    path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE")).or_else(|| Some(home()?.join("hub")))
}

/// `HF_HOME`, else `huggingface` in the folder for caches, which those tools look for in the same place on every system.
fn home() -> Option<PathBuf> {
    let caches = || path("XDG_CACHE_HOME").or_else(|| Some(user_home()?.join(".cache")));
    path("HF_HOME").or_else(|| Some(caches()?.join("huggingface")))
}

/// `HF_TOKEN`, or what a login has left in a file.
pub(super) fn token() -> Option<String> {
    let in_file = || std::fs::read_to_string(path("HF_TOKEN_PATH").or_else(|| Some(home()?.join("token")))?).ok();
    let token = text("HF_TOKEN").or_else(|| text("HUGGING_FACE_HUB_TOKEN")).or_else(in_file)?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// A variable that is set to something.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn path(name: &str) -> Option<PathBuf> {
    let path = env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    match path.strip_prefix("~") {
        Ok(below) => Some(user_home()?.join(below)),
        Err(_) => Some(path),
    }
}

fn user_home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

/// What Hugging Face's tools take for "yes".
fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_has_four_spellings() {
        assert!(["1", "ON", "Yes", "true "].into_iter().all(is_yes));
        assert!(!["", "0", "off", "2"].into_iter().any(is_yes));
    }
}
