//! Files and folders in the programs that the system has for them.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Who has not failed after this time shows what it was asked for: some openers end only with the program that they started.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// Opens a path, trying each way that the system may have. Blocks for up to [`PATIENCE`] a way.
///
/// # Errors
/// In words, where no way leads there.
pub(super) fn open_outside(path: &Path) -> Result<(), String> {
    first_that_opens(open::commands(path))
}

fn first_that_opens(ways: Vec<Command>) -> Result<(), String> {
    let mut told = None;
    for mut way in ways {
        let name = Path::new(way.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        way.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // What is not installed says nothing of why others failed.
        let Ok(child) = way.spawn() else { continue };
        match ended(child) {
            Ok(Some(status)) if !status.success() => _ = told.get_or_insert(format!("{name} found no program for it")),
            Ok(_) => return Ok(()),
            Err(error) => _ = told.get_or_insert(format!("{name}: {error}")),
        }
    }
    Err(told.unwrap_or_else(|| "this system has no program that opens files".into()))
}

/// How it ended; `None` where it goes on.
fn ended(mut child: Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(LOOK);
    }
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_first_way_that_does_not_fail_is_taken() {
        assert_eq!(first_that_opens(vec![Command::new("no such opener"), shell("exit 3"), shell("exit 0")]), Ok(()));
        assert_eq!(first_that_opens(vec![shell("sleep 8")]), Ok(()), "it shows the file while it runs");
        let told = first_that_opens(vec![Command::new("no such opener"), shell("exit 3")]).expect_err("none opens");
        assert_eq!(told, "sh found no program for it");
        let told = first_that_opens(vec![Command::new("no such opener")]).expect_err("none is there");
        assert!(told.contains("no program"), "{told}");
    }
}
