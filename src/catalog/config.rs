//! The `config.json` beside weights decides which network they are for (specification §1.4; for Depth Anything V2 that of
//! the transformers library).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::published::da2_output;
use super::{CatalogError, Entry, Weights};
use crate::model::{Da2Output, Preset};

/// The published ones have a few thousand bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Holds weights to what the `config.json` beside them says; without one there is nothing to hold them to.
///
/// # Errors
/// [`CatalogError::OtherModel`] where it is for another model, [`CatalogError::Config`] where it says nothing.
pub fn check_config(entry: &Entry, weights: &Weights) -> Result<(), CatalogError> {
    weights.config().map_or(Ok(()), |path| check_config_file(entry, &path))
}

pub(super) fn check_config_file(entry: &Entry, path: &Path) -> Result<(), CatalogError> {
    let unclear = |reason: String| CatalogError::Config { path: path.to_owned(), reason };
    let config = read(path).map_err(unclear)?;
    let (found, expected) = match da2_output(entry.preset) {
        Some(output) => da2(&config, entry.preset, output),
        None => da3(&config, entry.preset),
    }
    .ok_or_else(|| unclear("it names no network that Fathom knows".into()))?;
    if found == expected {
        return Ok(());
    }
    Err(CatalogError::OtherModel { path: path.to_owned(), model: entry.name, expected, found })
}

fn read(path: &Path) -> Result<Value, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// What the file says and what it should say. A preset's name says everything; without one, size and head say enough to
/// find most mistakes.
fn da3(config: &Value, preset: Preset) -> Option<(String, String)> {
    if let Some(name) = config["model_name"].as_str() {
        return Some((name.to_owned(), preset.upstream_name().to_owned()));
    }
    let tree = &config["config"];
    let is_nested = tree["anyview"].is_object() && tree["metric"].is_object();
    if is_nested || preset.metric_part().is_some() {
        let said = |is_nested| if is_nested { "two networks, nested" } else { "a single network" };
        return Some((said(is_nested).into(), said(preset.metric_part().is_some()).into()));
    }
    let (size, head) = (tree["net"]["name"].as_str()?, tree["head"]["__object__"]["name"].as_str()?);
    let expected_size = match preset.backbone().width {
        384 => "vits",
        768 => "vitb",
        1024 => "vitl",
        _ => "vitg",
    };
    let expected_head = if preset.is_any_view() { "DualDPT" } else { "DPT" };
    Some((format!("{size} with {head}"), format!("{expected_size} with {expected_head}")))
}

/// Values that the library leaves out because they are its defaults are taken as that.
fn da2(config: &Value, preset: Preset, output: Da2Output) -> Option<(String, String)> {
    if config["model_type"].as_str()? != "depth_anything" {
        return None;
    }
    let expected_width = preset.backbone().width as u64;
    let width = config["backbone_config"]["hidden_size"].as_u64().or_else(|| config["reassemble_hidden_size"].as_u64());
    let kind = config["depth_estimation_type"].as_str().unwrap_or("relative");
    let (expected_kind, expected_range) = match output {
        Da2Output::Disparity => ("relative", None),
        Da2Output::Metric { max_depth } => ("metric", Some(f64::from(max_depth))),
    };
    // A relative model's range means nothing.
    let range = expected_range
        .and_then(|expected| Some(config["max_depth"].as_f64().unwrap_or(expected)).filter(|_| kind == "metric"));
    let said = |width: u64, kind: &str, range: Option<f64>| {
        let range = range.map(|metres| format!(", up to {metres} m")).unwrap_or_default();
        format!("Depth Anything V2 of width {width}, {kind}{range}")
    };
    let expected = said(expected_width, expected_kind, expected_range);
    Some((said(width.unwrap_or(expected_width), kind, range), expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::published::{CONFIG, WEIGHTS};
    use crate::catalog::{ModelId, find};

    fn check(id: &str, config: &str) -> Result<(), CatalogError> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(CONFIG), config).expect("written");
        std::fs::write(dir.path().join(WEIGHTS), "").expect("written");
        let weights = Weights::File(dir.path().join(WEIGHTS));
        check_config(find(&ModelId(id.into())).expect("a model"), &weights)
    }

    #[test]
    fn the_name_decides_and_then_the_tree() {
        assert!(check("da3-mono-large", r#"{"model_name": "da3mono-large"}"#).is_ok());
        let error = check("da3-mono-large", r#"{"model_name": "da3metric-large"}"#).expect_err("another model");
        let said = error.to_string();
        assert!(said.contains("da3metric-large") && said.contains("DA3-Mono-Large"), "{said}");
        let tree = r#"{"config": {"net": {"name": "vitb"}, "head": {"__object__": {"name": "DualDPT"}}}}"#;
        assert!(check("da3-base", tree).is_ok());
        assert!(matches!(check("da3-small", tree), Err(CatalogError::OtherModel { .. })));
        for unclear in ["", "{}", "[1]", "\u{0}", r#"{"model_name": 3}"#] {
            assert!(matches!(check("da3-base", unclear), Err(CatalogError::Config { .. })), "{unclear}");
        }
    }

    #[test]
    fn depth_anything_2_says_width_kind_and_range() {
        let base = r#"{"model_type": "depth_anything", "backbone_config": {"hidden_size": 768}}"#;
        assert!(check("da2-base", base).is_ok());
        assert!(check("da2-large", base).is_err() && check("da2-indoor-base", base).is_err());
        let indoor = r#"{"model_type": "depth_anything", "reassemble_hidden_size": 384,
                         "depth_estimation_type": "metric", "max_depth": 20}"#;
        assert!(check("da2-indoor-small", indoor).is_ok());
        assert!(check("da2-outdoor-small", indoor).is_err() && check("da2-indoor-base", indoor).is_err());
        assert!(matches!(check("da2-base", r#"{"model_type": "bert"}"#), Err(CatalogError::Config { .. })));
    }
}
