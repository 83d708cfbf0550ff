//! What killed programs, people and other tools leave in the cache: listed with its size, and removed without touching the rest.

use std::fs;
use std::path::{Path, PathBuf};

use fathom::hub::{Cache, Leftover, Why};

use crate::REPO;
use crate::machine::{CONFIG, MODEL, MODEL_REPO, Machine};
use crate::server::{COMMIT, Repo, Server};

const OTHER: &str = "ffffffffffffffffffffffffffffffffffffffff";
const THIRD: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// A repository's folder in a cache, filled by hand.
struct Shelf {
    dir: tempfile::TempDir,
    cache: Cache,
}

impl Shelf {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().to_owned());
        Self { dir, cache }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join("models--someone--a-model").join(path)
    }

    fn put(&self, path: &str, bytes: usize) -> PathBuf {
        put(&self.at(path), &"x".repeat(bytes))
    }

    fn branch(&self, name: &str, commit: &str) -> PathBuf {
        put(&self.at(&format!("refs/{name}")), commit)
    }

    #[cfg(unix)]
    fn link(&self, commit: &str, file: &str, blob: &str) -> PathBuf {
        let path = self.at(&format!("snapshots/{commit}/{file}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(format!("../../blobs/{blob}"), &path).unwrap();
        path
    }

    fn left(&self) -> Vec<Leftover> {
        self.cache.leftovers(REPO, &[COMMIT])
    }

    /// What is listed is what goes, and nothing is left over then. The bytes that this frees on the disk are the listed ones.
    fn tidy(&self) -> Vec<Leftover> {
        let (told, before) = (self.left(), bytes_below(self.dir.path()));
        let removed = self.cache.remove_leftovers(REPO, &[COMMIT]).unwrap();
        assert_eq!(removed, told);
        assert_eq!(self.left(), []);
        let freed: u64 = removed.iter().map(|left| left.bytes).sum();
        assert_eq!(before - bytes_below(self.dir.path()), freed);
        removed
    }
}

fn put(path: &Path, content: &str) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    path.to_owned()
}

fn bytes_below(folder: &Path) -> u64 {
    let all = walkdir::WalkDir::new(folder).into_iter().flatten();
    all.filter(|entry| entry.file_type().is_file()).map(|entry| entry.metadata().unwrap().len()).sum()
}

fn leftover(path: PathBuf, bytes: u64, why: Why) -> Leftover {
    Leftover { path, bytes, why }
}

/// A model as it should be: a branch, its snapshot, two contents.
#[cfg(unix)]
fn sound() -> Shelf {
    let shelf = Shelf::new();
    shelf.branch("main", COMMIT);
    shelf.put("blobs/aa", 1000);
    shelf.put("blobs/cc", 10);
    shelf.link(COMMIT, "model.safetensors", "aa");
    shelf.link(COMMIT, "config.json", "cc");
    shelf
}

#[cfg(unix)]
fn assert_sound(shelf: &Shelf) {
    assert_eq!(shelf.left(), []);
    let file = shelf.cache.find(REPO, "main", "model.safetensors").unwrap();
    assert_eq!(fs::metadata(file).unwrap().len(), 1000);
    assert_eq!(fs::metadata(shelf.cache.find(REPO, COMMIT, "config.json").unwrap()).unwrap().len(), 10);
}

#[cfg(unix)]
#[test]
fn a_sound_cache_has_nothing_left_over() {
    assert_sound(&sound());
    // Asked for by its commit, as a pinned model is.
    let shelf = sound();
    fs::remove_dir_all(shelf.at("refs")).unwrap();
    assert_eq!(shelf.left(), []);
    assert_eq!(Shelf::new().left(), []);
}

#[cfg(unix)]
#[test]
fn a_content_without_a_name_goes_alone() {
    let shelf = sound();
    let orphan = shelf.put("blobs/bb", 300);
    assert_eq!(shelf.tidy(), [leftover(orphan.clone(), 300, Why::Orphan)]);
    assert!(!orphan.exists());
    assert_sound(&shelf);
}

#[cfg(unix)]
#[test]
fn a_snapshot_that_nobody_stands_for_goes_with_what_is_its_own() {
    let shelf = sound();
    shelf.put("blobs/bb", 300);
    shelf.link(OTHER, "model.safetensors", "bb");
    shelf.link(OTHER, "config.json", "cc");
    shelf.put(&format!("snapshots/{OTHER}/README.md"), 7);
    // A second one shares the first one's content, which is counted once.
    shelf.link(THIRD, "model.safetensors", "bb");
    let told = shelf.left();
    assert_eq!(told.iter().map(|left| left.bytes).sum::<u64>(), 307);
    assert!(told.iter().all(|left| left.why == Why::NoBranch) && told.len() == 2);
    let before = bytes_below(shelf.dir.path());
    let removed = shelf.cache.remove_leftovers(REPO, &[COMMIT]).unwrap();
    assert_eq!(removed.iter().map(|left| left.bytes).sum::<u64>(), 307);
    assert_eq!(before - bytes_below(shelf.dir.path()), 307);
    assert!(!shelf.at(&format!("snapshots/{OTHER}")).exists() && !shelf.at(&format!("snapshots/{THIRD}")).exists());
    assert_sound(&shelf);
}

#[cfg(unix)]
#[test]
fn branches_of_nothing_and_files_half_done_go() {
    let shelf = sound();
    let lost = shelf.branch("pr/1", OTHER);
    let empty = shelf.branch("v2", "");
    let temporary = shelf.branch(".4711.tmp", "0123");
    let mut expected = [
        leftover(temporary, 4, Why::Temporary),
        leftover(lost, 40, Why::LostBranch),
        leftover(empty, 0, Why::LostBranch),
    ];
    let mut removed = shelf.tidy();
    expected.sort_by(|a, b| a.path.cmp(&b.path));
    removed.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(removed, expected);
    assert_sound(&shelf);
}

#[cfg(unix)]
#[test]
fn unfinished_downloads_go_unless_somebody_works_there() {
    let shelf = sound();
    let digest = "d".repeat(64);
    let large = shelf.put(&format!("blobs/{digest}.incomplete"), 500);
    let small = shelf.put("blobs/ee.4f3a.incomplete", 20);
    let told = shelf.left();
    assert!(told.contains(&leftover(large.clone(), 500, Why::Unfinished)), "{told:?}");
    assert!(told.contains(&leftover(small.clone(), 20, Why::Unfinished)) && told.len() == 2);
    let resumable = |path: &PathBuf| told.iter().find(|left| left.path == *path).unwrap().is_resumable();
    assert!(resumable(&large) && !resumable(&small));

    let lock = put(&shelf.dir.path().join(".locks/models--someone--a-model").join(format!("{digest}.lock")), "");
    let other_program = fs::File::open(lock).unwrap();
    other_program.lock().unwrap();
    assert_eq!(shelf.left(), []);
    assert_eq!(shelf.cache.remove_leftovers(REPO, &[COMMIT]).unwrap(), []);
    assert!(large.exists() && small.exists());
    drop(other_program);
    assert_eq!(shelf.tidy().len(), 2);
    assert_sound(&shelf);
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_goes_and_its_neighbours_stay() {
    let shelf = sound();
    let link = shelf.link(COMMIT, "other.safetensors", "bb");
    let target = shelf.at("blobs/bb");
    assert_eq!(shelf.tidy(), [leftover(link, 0, Why::Dangling { target })]);
    assert_sound(&shelf);
}

#[cfg(unix)]
#[test]
fn empty_folders_go() {
    let shelf = sound();
    fs::create_dir_all(shelf.at(&format!("snapshots/{OTHER}/deeper"))).unwrap();
    assert_eq!(shelf.tidy(), [leftover(shelf.at(&format!("snapshots/{OTHER}")), 0, Why::Empty)]);
    assert_sound(&shelf);
    let shelf = Shelf::new();
    fs::create_dir_all(shelf.at("snapshots/x/y")).unwrap();
    fs::create_dir_all(shelf.at("blobs")).unwrap();
    assert_eq!(shelf.tidy(), [leftover(shelf.at("").components().collect(), 0, Why::Empty)]);
    assert!(!shelf.at("").exists() && shelf.dir.path().exists());
}

/// As on Windows and on FAT: files in place of links.
#[test]
fn copies_in_place_of_links_are_files_like_others() {
    let shelf = Shelf::new();
    shelf.branch("main", COMMIT);
    shelf.put(&format!("snapshots/{COMMIT}/model.safetensors"), 1000);
    assert_eq!(shelf.left(), []);
    // A folder that was copied with its contents: the second copy has no name.
    let orphan = shelf.put("blobs/aa", 1000);
    let old = shelf.put(&format!("snapshots/{OTHER}/model.safetensors"), 900);
    let removed = shelf.tidy();
    assert_eq!(removed.len(), 2);
    assert!(removed.contains(&leftover(orphan, 1000, Why::Orphan)));
    assert!(removed.contains(&leftover(old.parent().unwrap().to_owned(), 900, Why::NoBranch)));
    let removable = shelf.cache.removable(REPO, &[COMMIT.into()], &["model.safetensors"]);
    assert_eq!((removable.files.len(), removable.freed_bytes), (1, 1000));
    assert_eq!(shelf.cache.remove(REPO, COMMIT, &["model.safetensors"]).unwrap().freed_bytes, 1000);
    assert!(!shelf.at("").exists());
}

#[test]
fn the_command_lists_and_tidies() {
    let published = Repo::of(70_000, CONFIG);
    let server = Server::honest(published.clone());
    let machine = Machine::new(&server.endpoint);
    assert_eq!(machine.fathom(&["models", "tidy"]).out.trim_end(), "Nothing is left over.");
    assert_eq!(machine.fathom(&["models", "get", MODEL]).code, 0);
    assert!(!machine.fathom(&["models"]).out.contains("LEFT OVER"));

    let orphan = put(&machine.blob("bb"), &"x".repeat(12_000));
    // Somebody else's model is nobody's business here.
    let theirs = put(&machine.folder("hf/hub/models--someone--else/blobs/aa"), "theirs");
    let list = machine.fathom(&["models"]).out;
    // Long paths go on in the next line.
    let said: String = list.split_whitespace().collect();
    assert!(said.contains(&format!("{MODEL}(12kB):{}", orphan.display())), "{list}");
    assert!(said.contains("acontentthatnosnapshotpointsat") && !list.contains("someone--else"), "{list}");

    let removed = machine.fathom(&["models", "rm", MODEL]);
    assert!(removed.code == 0 && removed.sentence().contains("12 kB more are left over"), "{removed:?}");
    let again = machine.fathom(&["models", "rm", MODEL]);
    assert!(again.code == 1 && again.err.contains(&format!("fathom models tidy {MODEL}")), "{again:?}");
    let tidied = machine.fathom(&["models", "tidy", MODEL]);
    assert!(tidied.code == 0 && tidied.sentence().contains("12 kB are free again"), "{tidied:?}");
    assert!(!orphan.exists() && theirs.exists());
    let folder = format!("models--{}", MODEL_REPO.replace('/', "--"));
    assert!(!machine.folder("hf/hub").join(folder).exists());
    assert_eq!(machine.fathom(&["models", "tidy", "da9"]).code, 2);
}
