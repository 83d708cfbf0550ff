//! A note on disk while a run goes on: what it finds at the next start tells of a run that ended with the program.
//!
//! When memory is gone the system ends a process without asking it. The note is then still there.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// What is known about a run that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunNote {
    /// Display name of the model.
    pub model: String,
    pub photos: usize,
    pub views_per_pass: usize,
    /// What the run was expected to add to the memory in use, in bytes.
    pub need_bytes: u64,
    /// What was free when it began, in bytes.
    pub free_bytes: u64,
    process: u32,
    /// Seconds since 1970 at which that process began: numbers of processes are used again.
    process_began: u64,
}

impl RunNote {
    pub fn new(model: &str, photos: usize, views_per_pass: usize, need_bytes: u64, free_bytes: u64) -> Self {
        let process = std::process::id();
        let process_began = began(process).unwrap_or(0);
        Self { model: model.to_owned(), photos, views_per_pass, need_bytes, free_bytes, process, process_began }
    }

    fn is_of_a_living_process(&self) -> bool {
        began(self.process) == Some(self.process_began)
    }
}

fn began(process: u32) -> Option<u64> {
    let pid = Pid::from_u32(process);
    let mut system = System::new_with_specifics(RefreshKind::nothing()).ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, ProcessRefreshKind::nothing());
    system.process(pid).map(sysinfo::Process::start_time)
}

/// The note's place; it goes when this does.
#[derive(Debug)]
pub struct Posted(PathBuf);

impl Drop for Posted {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!("the note of a run that has ended stays behind: {error}");
        }
    }
}

/// Puts a note into `folder`, one for each process.
///
/// # Errors
/// What the system says about the folder or the disk.
pub fn post(note: &RunNote, folder: &Path) -> std::io::Result<Posted> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{PREFIX}{}.json", note.process));
    let mut file = std::fs::File::create(&path)?;
    file.write_all(serde_json::to_string(note).map_err(std::io::Error::other)?.as_bytes())?;
    Ok(Posted(path))
}

const PREFIX: &str = "run-";

/// Takes the notes of runs whose process is no more off `folder`, the newest last.
pub fn take_unfinished(folder: &Path) -> Vec<RunNote> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries.filter_map(|entry| note_at(&entry.ok()?.path())).collect();
    found.sort_by_key(|note| note.process_began);
    found
}

fn note_at(path: &Path) -> Option<RunNote> {
    let name = path.file_name()?.to_str()?;
    if !(name.starts_with(PREFIX) && name.ends_with(".json")) {
        return None;
    }
    let note: Option<RunNote> = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok();
    if note.as_ref().is_some_and(RunNote::is_of_a_living_process) {
        return None;
    }
    // One that was cut short while it was written tells nothing, and goes too.
    std::fs::remove_file(path).ok()?;
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_a_living_process_is_left_alone_and_goes_with_its_run() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("runs");
        assert!(take_unfinished(&folder).is_empty());
        let posted = post(&RunNote::new("DA3-Base", 24, 8, 1, 2), &folder).expect("room on the disk");
        assert!(take_unfinished(&folder).is_empty(), "this process lives");
        drop(posted);
        assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0);
    }

    #[test]
    fn a_note_of_a_process_that_is_gone_is_told_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut note = RunNote::new("DA3-Base", 24, 8, 1, 2);
        // The same number, but another process: it began at another time.
        note.process_began += 1;
        std::mem::forget(post(&note, dir.path()).expect("room on the disk"));
        std::fs::write(dir.path().join("run-77.json"), "{ cut sho").expect("room on the disk");
        assert_eq!(take_unfinished(dir.path()), [note]);
        assert!(take_unfinished(dir.path()).is_empty());
        assert_eq!(std::fs::read_dir(dir.path()).expect("the folder").count(), 0);
    }
}
