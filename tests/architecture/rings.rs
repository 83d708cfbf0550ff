//! Files that know each other in a ring: each names something of the next, and the last of the first.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{expand, is_word, words};

/// A file of the program: its path from `src` on, and its source without comments, literals and tests.
pub struct Source {
    pub path: String,
    pub program: String,
}

/// The names that lead to a file: `["app", "desk", "state"]`.
type Module = Vec<String>;

/// A path of names from the root of the crate.
type Names = Vec<String>;

/// Who knows whom.
struct House<'a> {
    files: BTreeMap<Module, &'a Source>,
    /// Where a name that a module passes on comes from.
    passed_on: BTreeMap<(Module, String), Names>,
}

/// The rings among files, each in alphabetical order. What a module passes on (`pub use`) is its own file's, and passing it on is no
/// knowing.
pub fn rings(files: &[Source]) -> Vec<Vec<String>> {
    let mut house = House { files: BTreeMap::new(), passed_on: BTreeMap::new() };
    for file in files {
        house.files.insert(module_of(&file.path), file);
    }
    let mut named: BTreeMap<&str, Vec<Names>> = BTreeMap::new();
    for (module, file) in &house.files {
        for (names, is_passed_on) in house.named(module, &file.program) {
            match names.last() {
                Some(last) if is_passed_on => {
                    house.passed_on.insert((module.clone(), last.clone()), names);
                }
                _ => named.entry(&file.path).or_default().push(names),
            }
        }
    }
    let known: BTreeMap<&str, BTreeSet<&str>> = named
        .iter()
        .map(|(&path, all)| {
            (path, all.iter().filter_map(|names| house.file_of(names, 0)).filter(|to| *to != path).collect())
        })
        .collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = known.keys().map(|path| (*path, reach(&known, path))).collect();
    let is_mutual = |a: &str, b: &str| reached[a].contains(b) && reached.get(b).is_some_and(|back| back.contains(a));
    let mut rings: BTreeSet<Vec<String>> = BTreeSet::new();
    for path in known.keys() {
        let ring: Vec<String> =
            known.keys().filter(|other| is_mutual(path, other)).map(|other| (*other).to_owned()).collect();
        if !ring.is_empty() {
            rings.insert(ring);
        }
    }
    rings.into_iter().collect()
}

fn module_of(path: &str) -> Module {
    let mut names: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| last == "mod" || last == "lib") {
        names.pop();
    }
    names
}

/// All files that can be come to from this one.
fn reach<'a>(known: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = known.get(from).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if let Some((&path, further)) = known.get_key_value(next)
            && reached.insert(path)
        {
            open.extend(further.iter().copied());
        }
    }
    reached
}

impl House<'_> {
    /// Every path in a file that leads to something of this crate, and whether it is passed on.
    fn named(&self, module: &Module, program: &str) -> Vec<(Names, bool)> {
        let mut found = Vec::new();
        let children = self.files.keys().filter(|other| other.len() == module.len() + 1 && other.starts_with(module));
        let children: BTreeSet<&str> = children.filter_map(|child| child.last()).map(String::as_str).collect();
        for root in ["crate", "super", "self"].into_iter().chain(children) {
            for at in words(program, root) {
                let before = program[..at].trim_end();
                // `pub(in crate::app)` tells who may look, not what is looked at.
                if before.ends_with("::")
                    || before.ends_with("(in")
                    || before.ends_with('(') && before.ends_with("pub(")
                {
                    continue;
                }
                let Some(tree) = program[at + root.len()..].trim_start().strip_prefix("::") else { continue };
                let is_passed_on = before.ends_with("use") && is_public(before.trim_end_matches("use"));
                for path in expand(tree) {
                    if let Some(names) = from_root(module, root, path) {
                        found.push((names, is_passed_on));
                    }
                }
            }
        }
        found
    }

    /// The file that defines what a path names.
    fn file_of(&self, names: &[String], steps: usize) -> Option<&str> {
        for length in (1..=names.len()).rev() {
            let module = names[..length].to_vec();
            let Some(file) = self.files.get(&module) else { continue };
            if let Some(next) = names.get(length)
                && let Some(onwards) = self.passed_on.get(&(module, next.clone()))
                && onwards[..] != names[..=length]
                && steps < 8
            {
                return self.file_of(onwards, steps + 1);
            }
            return Some(&file.path);
        }
        None
    }
}

/// Whether what stands before `use` makes it public, at least to some.
fn is_public(before: &str) -> bool {
    let before = before.trim_end();
    let word = before.rsplit(|c: char| !is_word(c)).next();
    word == Some("pub")
        || before.ends_with(')') && before.rfind('(').is_some_and(|open| before[..open].ends_with("pub"))
}

/// A path as it is written in a module, from the root of the crate on.
fn from_root(module: &Module, root: &str, path: Names) -> Option<Names> {
    let mut base = match root {
        "crate" => Vec::new(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        "self" => module.clone(),
        child => [module.clone(), vec![child.to_owned()]].concat(),
    };
    let mut path = path.into_iter().peekable();
    while path.next_if(|name| name == "super").is_some() {
        base.pop()?;
    }
    base.extend(path.filter(|name| name != "self"));
    Some(base)
}
