//! What could not be taken of what was handed in, in the same words wherever it came from.

use std::path::Path;

use super::InputError;

/// What could not be taken, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// "3 files were not taken".
    pub heading: String,
    /// "notes.txt is a text file, not a photo", in the order in which they were handed in.
    pub each: Vec<String>,
    /// What to do, each way once.
    pub advice: String,
}

/// Of more things a line names the first only.
const NAMED: usize = 4;

impl NotTaken {
    /// `None` where all was taken. `name` says how a file is called.
    pub fn of(problems: &[InputError], name: impl Fn(&Path) -> String) -> Option<Self> {
        let is_folder = |problem: &&InputError| matches!(problem, InputError::NoPhotos { .. });
        let folders = problems.iter().filter(is_folder).count();
        let files: usize = problems.iter().filter(|problem| !is_folder(problem)).map(files_of).sum();
        let counted = |n: usize, one: &str| (n > 0).then(|| format!("{n} {one}{}", if n == 1 { "" } else { "s" }));
        let things = [counted(files, "file"), counted(folders, "folder")].into_iter().flatten().collect::<Vec<_>>();
        if things.is_empty() {
            return None;
        }
        let verb = if files + folders == 1 { "was" } else { "were" };
        let mut ways: Vec<String> = Vec::new();
        let mut kinds = Vec::new();
        for problem in problems {
            // One film says it for all.
            let (kind, way) = (std::mem::discriminant(problem), problem.advice());
            if !kinds.contains(&kind) && !ways.contains(&way) {
                ways.push(way);
            }
            kinds.push(kind);
        }
        Some(Self {
            heading: format!("{} {verb} not taken", things.join(" and ")),
            each: problems.iter().map(|problem| told_of(&name(problem.path()), problem.reason().as_str())).collect(),
            advice: ways.join(". "),
        })
    }

    /// All of it in one line; of many things the first.
    pub fn in_a_line(&self) -> String {
        format!("{}: {}", self.heading, first_of(&self.each))
    }
}

/// How many files a problem is about.
fn files_of(problem: &InputError) -> usize {
    match problem {
        InputError::TooManyPhotos { found, limit, .. } => found.saturating_sub(*limit),
        _ => 1,
    }
}

/// What is told of a file as a sentence: "notes.txt is a text file", "a.jpg: the file is empty".
pub fn told_of(name: &str, reason: &str) -> String {
    let is_verb = ["is ", "holds ", "has "].iter().any(|verb| reason.starts_with(verb));
    format!("{name}{}{reason}", if is_verb { " " } else { ": " })
}

/// Sentences in a line; of many the first, and how many there are beside them.
pub fn first_of(sentences: &[String]) -> String {
    let first = sentences[..sentences.len().min(NAMED)].join(" · ");
    match sentences.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} · and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::input::display_name;

    #[test]
    fn all_of_it_is_one_line_with_the_ways_round() {
        let path = |name: &str| PathBuf::from(format!("/a/{name}"));
        let found = "a text file";
        let problems = [
            InputError::NotAPhoto { path: path("notes.txt"), found },
            InputError::Video { path: path("two films.mp4") },
            InputError::Video { path: path("b.mov") },
            InputError::Missing { path: path("lost.jpg") },
            InputError::NoPhotos { path: path("empty") },
        ];
        let told = NotTaken::of(&problems, display_name).expect("something was not taken");
        assert_eq!(
            told.in_a_line(),
            "4 files and 1 folder were not taken: notes.txt is a text file, not a photo · two films.mp4 is a film, and films are \
             not read yet · b.mov is a film, and films are not read yet · lost.jpg: there is no such file or folder · and 1 more"
        );
        assert_eq!(told.each[4], "empty holds no photos");
        assert_eq!(told.advice.matches("ffmpeg -i").count(), 1, "{}", told.advice);
        assert_eq!(NotTaken::of(&[], display_name), None);
        let one = NotTaken::of(&problems[..1], display_name).expect("one");
        assert_eq!(one.heading, "1 file was not taken");
    }
}
