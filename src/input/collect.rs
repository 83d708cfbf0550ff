//! What a drop, a dialog or a command line names, to a list of photos. Of files that are named the first bytes are looked at.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::decode::other_kind;
use super::{InputError, Limits};

/// Extensions, in small letters, that photos have.
pub const PHOTO_EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "tif", "tiff", "gif", "qoi", "tga", "ico", "pnm", "pbm",
    "pgm", "ppm", "pam", "ff", "hdr", "exr", "dds", "heic", "heif", "hif", "heics", "heifs", "avif", "avifs", "jxl",
    "jp2", "j2k", "j2c", "jpf", "jpx", "dng", "nef", "nrw", "arw", "sr2", "cr2", "cr3", "raf", "rw2", "rwl", "orf",
    "pef", "srw", "3fr", "erf", "kdc", "iiq", "mef",
];

/// Films, which are not read.
const FILMS: &[&str] = &["mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "flv", "mpg", "mpeg", "mts", "m2ts", "3gp"];

/// The moving half of a telephone's live photo, which lies beside the photo and has its name.
const LIVE: &[&str] = &["mov"];
/// What systems put into folders; they are neither photos nor left out.
const OF_SYSTEMS: &[&str] = &["thumbs.db", "desktop.ini", "ehthumbs.db", "ehthumbs_vista.db", "icon\r"];

/// Photos in the order in which they will be used, and what could not be taken.
#[derive(Debug, Default)]
pub struct Collected {
    pub photos: Vec<PathBuf>,
    pub problems: Vec<InputError>,
    /// Files in folders that are no photos, by their extension. Hidden files and folders in folders do not count.
    pub left_out: usize,
    /// Folders that stand for themselves and have photos in folders inside, and how many those are.
    pub inside: Vec<PathBuf>,
    pub photos_inside: usize,
}

/// What a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folders {
    /// The photos directly in it.
    Themselves,
    /// Those of the folders inside as well.
    AndInside,
}

/// Folders in folders that are followed down; links to folders are not.
const DEEPEST: usize = 64;

/// Files stay in their order, whatever their extension; those that are something else by their content are not taken. The same file
/// twice is two photos. A folder stands for its photos in natural order (2 before 10), hidden files and folders left out. A film
/// beside a photo of the same name is part of that photo (a telephone's live photo), and files of systems (AppleDouble,
/// thumbnails) are nothing. Beyond `limits.photos` nothing is taken.
pub fn collect(paths: &[PathBuf], folders: Folders, limits: &Limits) -> Collected {
    let mut collected = Collected::default();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                collected.add_folder(path, folders);
                if folders == Folders::Themselves {
                    collected.look_inside(path);
                }
            }
            Ok(_) if is_of_system(path) => {}
            Ok(_) if is_part_of_any(path, paths) => {}
            Ok(_) if kind(path) == Kind::Film => collected.problems.push(InputError::Video { path: path.clone() }),
            Ok(_) => match other_kind(path, limits) {
                Some(error) => collected.problems.push(error),
                None => collected.photos.push(path.clone()),
            },
            Err(source) => collected.problems.push(InputError::from_io(path, source)),
        }
    }
    let found = collected.photos.len();
    if let Some(path) = collected.photos.get(limits.photos).cloned() {
        collected.photos.truncate(limits.photos);
        collected.problems.push(InputError::TooManyPhotos { path, found, limit: limits.photos });
    }
    collected
}

/// Files that are looked at to count what lies in folders inside: more would keep a person waiting for a number.
const MOST_COUNTED: usize = 20_000;

impl Collected {
    fn look_inside(&mut self, folder: &Path) {
        let deeper =
            walk(folder, DEEPEST).into_iter().filter_entry(is_shown).flatten().filter(|entry| entry.depth() > 1);
        let is_photo = |entry: &walkdir::DirEntry| entry.file_type().is_file() && kind(entry.path()) == Kind::Photo;
        let photos = deeper.take(MOST_COUNTED).filter(is_photo).count();
        if photos > 0 {
            self.inside.push(folder.to_owned());
            self.photos_inside += photos;
        }
    }

    fn add_folder(&mut self, folder: &Path, folders: Folders) {
        let entries = match files_in(folder, folders) {
            Ok(entries) => entries,
            Err(source) => return self.problems.push(InputError::from_io(folder, source)),
        };
        let (mut photos, others): (Vec<PathBuf>, Vec<PathBuf>) =
            entries.into_iter().filter(|path| !is_of_system(path)).partition(|path| kind(path) == Kind::Photo);
        let stems: HashSet<_> = photos.iter().map(|photo| stem(photo)).collect();
        let mut films = Vec::new();
        for path in others {
            match kind(&path) {
                _ if has_extension(&path, LIVE) && stems.contains(&stem(&path)) => {}
                Kind::Film => films.push(path),
                Kind::Photo | Kind::Other => self.left_out += 1,
            }
        }
        films.sort_by_cached_key(|path| NaturalKey::new(path));
        self.problems.extend(films.into_iter().map(|path| InputError::Video { path }));
        if photos.is_empty() {
            self.problems.push(InputError::NoPhotos { path: folder.to_owned() });
        }
        photos.sort_by_cached_key(|path| NaturalKey::new(path));
        self.photos.append(&mut photos);
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Photo,
    Film,
    Other,
}

fn kind(path: &Path) -> Kind {
    if has_extension(path, PHOTO_EXTENSIONS) {
        Kind::Photo
    } else if has_extension(path, FILMS) {
        Kind::Film
    } else {
        Kind::Other
    }
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().and_then(OsStr::to_str);
    own.is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}

/// Folder and name without the extension, by which the halves of a live photo find each other.
fn stem(path: &Path) -> (Option<&Path>, Option<std::ffi::OsString>) {
    (path.parent(), path.file_stem().map(OsStr::to_ascii_lowercase))
}

fn is_part_of_any(film: &Path, paths: &[PathBuf]) -> bool {
    has_extension(film, LIVE) && paths.iter().any(|path| kind(path) == Kind::Photo && stem(path) == stem(film))
}

/// Whether a system made the file for itself. AppleDouble files bear a photo's name behind their first two characters.
fn is_of_system(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b"._") || OF_SYSTEMS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The visible files of a folder, in no order.
fn files_in(folder: &Path, folders: Folders) -> std::io::Result<Vec<PathBuf>> {
    let deepest = if folders == Folders::AndInside { DEEPEST } else { 1 };
    let mut files = Vec::new();
    for entry in walk(folder, deepest).into_iter().filter_entry(is_shown) {
        match entry {
            // Only a link needs a look at what it leads to; a link to nothing is not a file.
            Ok(entry) if entry.file_type().is_file() || entry.path_is_symlink() && entry.path().is_file() => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            // A folder inside that cannot be read must not hide the others.
            Err(error) if error.depth() > 0 => tracing::warn!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(files)
}

fn walk(folder: &Path, deepest: usize) -> walkdir::WalkDir {
    walkdir::WalkDir::new(folder).max_depth(deepest)
}

/// Whether a file or folder in a folder is to be seen.
fn is_shown(entry: &walkdir::DirEntry) -> bool {
    entry.depth() == 0 || !is_hidden(entry.file_name())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The places of these files in natural order (2 before 10); equal names stay in their order.
pub fn natural_order(paths: &[&Path]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..paths.len()).collect();
    places.sort_by_cached_key(|&place| NaturalKey::new(paths[place]));
    places
}

/// Orders names as people number them: digits by value, letters without regard to case, then by the exact bytes.
#[derive(PartialEq, Eq)]
struct NaturalKey {
    parts: Vec<Part>,
    exact: PathBuf,
}

/// A character as (itself, 0, ""); a number as ('0', its length, its digits) without leading zeros, so that the longer
/// number is the larger one and none is too long.
type Part = (char, usize, String);

impl NaturalKey {
    fn new(path: &Path) -> Self {
        let name = path.to_string_lossy().to_lowercase();
        let mut parts = Vec::new();
        let mut rest = name.as_str();
        while let Some(first) = rest.chars().next() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (part, after) = rest.split_at(if digits > 0 { digits } else { first.len_utf8() });
            let number = part.trim_start_matches('0');
            parts.push(if digits > 0 { ('0', number.len(), number.to_owned()) } else { (first, 0, String::new()) });
            rest = after;
        }
        Self { parts, exact: path.to_owned() }
    }
}

impl Ord for NaturalKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts).then_with(|| self.exact.cmp(&other.exact))
    }
}

impl PartialOrd for NaturalKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(photos: &[PathBuf]) -> Vec<String> {
        photos.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_folder_stands_for_its_own_photos_in_natural_order() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in [
            "img10.jpg",
            "IMG2.JPG",
            "img02.png",
            "notes.txt",
            "none",
            ".hidden.jpg",
            "clip.MOV",
            "a.heic",
            "a.MOV",
            "._a.jpg",
            "Thumbs.db",
            "desktop.ini",
            "clip.mp4",
        ] {
            std::fs::write(dir.path().join(name), b"x").expect("written");
        }
        std::fs::create_dir(dir.path().join("sub.jpg")).expect("a folder");
        std::fs::write(dir.path().join("sub.jpg/deep.jpg"), b"x").expect("written");
        let collected = collect(&[dir.path().to_owned()], Folders::Themselves, &Limits::default());
        assert_eq!(names(&collected.photos), ["a.heic", "IMG2.JPG", "img02.png", "img10.jpg"]);
        assert_eq!(collected.left_out, 2);
        let [InputError::Video { path: a }, InputError::Video { path: b }] = &collected.problems[..] else {
            panic!("{:?}", collected.problems)
        };
        assert_eq!(names(&[a.clone(), b.clone()]), ["clip.MOV", "clip.mp4"]);
    }

    #[test]
    fn a_live_photo_is_one_photo_and_what_systems_add_is_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = ["IMG_1.HEIC", "img_1.mov", "._IMG_1.HEIC", "Thumbs.db", "other.mov", ".kept.jpg"];
        let paths = names.map(|name| dir.path().join(name));
        for path in &paths {
            std::fs::write(path, b"\0").expect("written");
        }
        let collected = collect(&paths, Folders::Themselves, &Limits::default());
        assert_eq!(collected.photos, [paths[0].clone(), paths[5].clone()], "a hidden file that is named is meant");
        let [InputError::Video { path }] = &collected.problems[..] else { panic!("{:?}", collected.problems) };
        assert!(path.ends_with("other.mov"));
    }

    #[test]
    fn folders_inside_are_searched_where_that_is_asked_for() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["b/2.jpg", "b/10.jpg", "a/1.jpg", "a/deep/er/3.jpg", ".cache/4.jpg", "5.jpg"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, b"x").expect("written");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/around")).expect("a link");
        let collected = collect(&[dir.path().to_owned()], Folders::AndInside, &Limits::default());
        let inside =
            |path: &PathBuf| path.strip_prefix(dir.path()).expect("inside").to_string_lossy().replace('\\', "/");
        let found: Vec<String> = collected.photos.iter().map(inside).collect();
        let direct = collect(&[dir.path().to_owned()], Folders::Themselves, &Limits::default());
        assert_eq!((direct.photos.len(), direct.photos_inside, direct.inside), (1, 4, vec![dir.path().to_owned()]));
        assert_eq!((collected.photos_inside, collected.inside.len()), (0, 0));
        assert_eq!(found, ["5.jpg", "a/1.jpg", "a/deep/er/3.jpg", "b/2.jpg", "b/10.jpg"]);
        assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    }

    #[test]
    fn names_come_in_the_order_of_their_numbers() {
        let paths = ["1.jpg", "10.jpg", "2.jpg"].map(Path::new);
        assert_eq!(natural_order(&paths), [0, 2, 1]);
    }

    #[test]
    fn files_stay_as_given_and_bad_ones_are_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let [b, a, video] = ["b.jpg", "a.txt", "v.mp4"].map(|name| dir.path().join(name));
        for (path, content) in [(&a, b"a"), (&b, b"\0"), (&video, b"a")] {
            std::fs::write(path, content).expect("written");
        }
        let missing = dir.path().join("gone.jpg");
        let empty = dir.path().join("empty");
        std::fs::create_dir(&empty).expect("a folder");
        let named = [b.clone(), a.clone(), b.clone(), video.clone(), missing.clone(), empty.clone()];
        let collected = collect(&named, Folders::Themselves, &Limits::default());
        assert_eq!(collected.photos, [b.clone(), b]);
        let [text, first, second, third] = &collected.problems[..] else { panic!("{:?}", collected.problems) };
        assert!(matches!(text, InputError::NotAPhoto { path, .. } if *path == a), "{text}");
        assert!(matches!(first, InputError::Video { path, .. } if *path == video));
        assert!(first.to_string().contains("is a film"));
        assert!(matches!(second, InputError::Missing { path } if *path == missing));
        assert!(matches!(third, InputError::NoPhotos { path } if *path == empty));
    }

    #[test]
    fn the_photo_limit_is_hard_and_says_so() {
        let dir = tempfile::tempdir().expect("a folder");
        for index in 0..12 {
            std::fs::write(dir.path().join(format!("{index}.png")), b"").expect("written");
        }
        let limits = Limits { photos: 10, ..Limits::default() };
        let collected = collect(&[dir.path().to_owned()], Folders::Themselves, &limits);
        assert_eq!(collected.photos.len(), 10);
        let [InputError::TooManyPhotos { path, found: 12, limit: 10 }] = &collected.problems[..] else {
            panic!("{:?}", collected.problems)
        };
        assert!(path.ends_with("10.png"));
    }

    #[test]
    fn two_thousand_files_are_quick() {
        let dir = tempfile::tempdir().expect("a folder");
        for index in 0..2000 {
            std::fs::write(dir.path().join(format!("photo {index}.jpg")), b"not decoded").expect("written");
        }
        let start = std::time::Instant::now();
        let collected = collect(&[dir.path().to_owned()], Folders::Themselves, &Limits::default());
        assert!(start.elapsed().as_secs_f64() < 1.0, "{:?}", start.elapsed());
        assert_eq!(collected.photos.len(), 2000);
        assert!(collected.photos[1999].ends_with("photo 1999.jpg") && collected.problems.is_empty());
    }

    #[test]
    fn numbers_of_any_length_compare() {
        let sorted =
            ["a.jpg", "a01b.jpg", "a1b.jpg", "A2.jpg", "a99999999999999999999999", "a100000000000000000000000"];
        let mut list = sorted;
        list.reverse();
        list.sort_by_cached_key(|name| NaturalKey::new(Path::new(name)));
        assert_eq!(list, sorted);
    }
}
