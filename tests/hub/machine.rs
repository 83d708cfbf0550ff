//! A machine of its own for the program: folders that are empty at first, and a hub that is this test.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::server::{COMMIT, Repo};

/// A model without a pinned digest, so that any content can be published for it.
pub const MODEL: &str = "da2-indoor-small";
pub const MODEL_REPO: &str = "depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf";
pub const CONFIG: &str = r#"{"model_type": "depth_anything", "backbone_config": {"hidden_size": 384},
                             "depth_estimation_type": "metric", "max_depth": 20}"#;

pub struct Machine {
    dir: TempDir,
    pub variables: Vec<(&'static str, String)>,
}

impl Machine {
    pub fn new(endpoint: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let variables = vec![("HF_ENDPOINT", endpoint.to_owned())];
        Self { dir, variables }
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
        for theirs in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "HF_HUB_CACHE",
            "HUGGINGFACE_HUB_CACHE",
            "HF_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
            "HF_TOKEN_PATH",
            "HF_HUB_OFFLINE",
            "ALL_PROXY",
            "all_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
            "NO_PROXY",
            "no_proxy",
        ] {
            command.env_remove(theirs);
        }
        for (name, folder) in [("HF_HOME", "hf"), ("FATHOM_MODELS", "models"), ("FATHOM_STATE", "state")] {
            command.env(name, self.folder(folder));
        }
        command.args(arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn fathom(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Where a file of the published model lies once it is whole.
    pub fn snapshot(&self, file: &str) -> PathBuf {
        let name = MODEL_REPO.replace('/', "--");
        self.folder("hf/hub").join(format!("models--{name}")).join("snapshots").join(COMMIT).join(file)
    }

    /// What has come of the weights so far.
    pub fn partial(&self, repo: &Repo) -> PathBuf {
        self.blob(&format!("{}.incomplete", repo.digest()))
    }

    pub fn blob(&self, name: &str) -> PathBuf {
        let folder = MODEL_REPO.replace('/', "--");
        self.folder("hf/hub").join(format!("models--{folder}")).join("blobs").join(name)
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Stdout as one line: what is long goes on in further lines.
    pub fn sentence(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}
