//! COLMAP's `cameras.txt` and `images.txt`, also as other programs and editors leave them.
//!
//! Fields have blanks or tabs between them; lines that begin with # say nothing but how many there should be. A photo takes
//! two lines by the book: its camera, and the points that it shows. Many programs leave out the second, so each line is told
//! by what it looks like.

use std::borrow::Cow;
use std::str::FromStr;

use super::found::{NUMBERS, newer};
use super::models::model_named;
use super::rows::{Image, Images, Lens, Lenses};

pub fn lenses(bytes: &[u8]) -> Lenses {
    let text = text_of(bytes);
    let mut lenses = Lenses::default();
    for line in lines(&text) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            lenses.expected = lenses.expected.or(counted(comment, "Number of cameras:"));
            continue;
        }
        if line.is_empty() {
            continue;
        }
        match line.split_ascii_whitespace().next().and_then(|field| field.parse().ok()) {
            Some(number) => drop(lenses.by_number.insert(number, lens(line))),
            None => lenses.remarks.push(format!("the row {} says nothing of a camera", shown(line))),
        }
    }
    lenses
}

fn lens(line: &str) -> Result<Lens, String> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, name, width, height, parameters @ ..] = fields.as_slice() else {
        return Err("has a lens whose row ends too early".into());
    };
    let model = model_named(name).ok_or_else(|| newer(name))?;
    let number =
        |field: &&str| parse::<f64>(field).ok_or_else(|| format!("has a lens with {} for a number", shown(field)));
    let parameters = parameters.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    if parameters.len() != model.parameters {
        return Err(format!("has a lens with {} parameters, {name} has {}", parameters.len(), model.parameters));
    }
    let side = |field: &str| parse(field).unwrap_or(0);
    Ok(Lens { model, size: [side(width), side(height)], parameters })
}

pub fn images(bytes: &[u8], lenses: &Lenses) -> Images {
    let text = text_of(bytes);
    let mut images = Images::default();
    // Behind a photo its points may follow.
    let mut is_behind_photo = false;
    for line in lines(&text) {
        if let Some(comment) = line.trim_start().strip_prefix('#') {
            images.expected = images.expected.or(counted(comment, "Number of images:"));
            continue;
        }
        let Some(row) = Row::of(line) else {
            is_behind_photo = false;
            if !line.trim().is_empty() && !are_points(line) {
                images.remarks.push(format!("the row {} says nothing of a photo", shown(line)));
            }
            continue;
        };
        if are_points(line) && (is_behind_photo || !row.is_photo_at_all()) && !row.is_surely_photo(lenses) {
            is_behind_photo = false;
            continue;
        }
        is_behind_photo = true;
        images.rows.push(row.image());
    }
    images
}

/// A line of ten fields and more: nine numbers and a name, or something like it.
struct Row<'a> {
    fields: [&'a str; 9],
    name: &'a str,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut rest = line.trim_start();
        let mut fields = [""; 9];
        for field in &mut fields {
            rest = rest.trim_start_matches(is_gap);
            let end = rest.find(is_gap)?;
            (*field, rest) = rest.split_at(end);
        }
        // One gap parts the name from the fields; what follows is the name, blanks and all.
        let name = rest.strip_prefix(is_gap)?;
        (!name.trim().is_empty()).then_some(Self { fields, name })
    }

    /// Quaternion and translation.
    fn pose(&self) -> Option<[f64; 7]> {
        let mut pose = [0.0; 7];
        for (number, field) in pose.iter_mut().zip(&self.fields[1..8]) {
            *number = parse(field)?;
        }
        Some(pose)
    }

    fn is_photo_at_all(&self) -> bool {
        let [number, lens] = [self.fields[0], self.fields[8]].map(parse::<u64>);
        number.is_some() && lens.is_some()
    }

    /// A unit quaternion and a lens that there is are no accident.
    fn is_surely_photo(&self, lenses: &Lenses) -> bool {
        let has_lens = parse(self.fields[8]).is_some_and(|lens| lenses.by_number.contains_key(&lens));
        let is_unit = self.pose().is_some_and(|[w, x, y, z, ..]| {
            let length = (w * w + x * x + y * y + z * z).sqrt();
            (length - 1.0).abs() < 1e-3
        });
        has_lens && is_unit && self.is_photo_at_all()
    }

    fn image(&self) -> Image {
        let odd = self.fields.iter().find(|field| parse::<f64>(field).is_none());
        let pose = match (self.pose(), odd) {
            (Some([w, x, y, z, a, b, c]), None) => Ok(([w, x, y, z], [a, b, c])),
            // As other systems write what is no number.
            (_, Some(field)) if field.contains('#') => Err(NUMBERS.to_owned()),
            (_, odd) => Err(format!("has a row with {} for a number", shown(odd.unwrap_or(&"nothing")))),
        };
        Image { name: self.name.to_owned(), lens: parse(self.fields[8]), pose }
    }
}

/// Whether a line is a list of points: numbers in threes (x, y, and the number of a point or -1). A long row of numbers is
/// one even where something is missing.
fn are_points(line: &str) -> bool {
    const LONG: usize = 12;
    let (mut count, mut are_threes) = (0, true);
    for field in line.split_ascii_whitespace() {
        if parse::<f64>(field).is_none() {
            return false;
        }
        are_threes &= count % 3 != 2 || parse::<i64>(field).is_some();
        count += 1;
    }
    count > LONG || (count > 0 && count % 3 == 0 && are_threes)
}

fn is_gap(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// A file's text without the mark that some editors put in front; what is no Unicode shows as U+FFFD.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// Lines without what ends them on any system.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

/// The number behind these words of a comment.
fn counted(comment: &str, words: &str) -> Option<u64> {
    let rest = comment.trim_start().strip_prefix(words)?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

fn parse<T: FromStr>(field: &str) -> Option<T> {
    field.parse().ok()
}

/// The beginning of a row, in quotes.
fn shown(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let start: String = chars.by_ref().take(SHOWN).collect();
    if chars.next().is_some() { format!("“{start}…”") } else { format!("“{start}”") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lens 1, and names with whether they have numbers.
    fn names(text: &str) -> (Vec<(String, bool)>, Vec<String>) {
        let lenses = lenses(b"1 PINHOLE 640 480 500 500 320 240\n");
        let images = images(text.as_bytes(), &lenses);
        let names = images.rows.into_iter().map(|image| (image.name, image.pose.is_ok() && image.lens == Some(1)));
        (names.collect(), images.remarks)
    }

    fn good(names: &[&str]) -> Vec<(String, bool)> {
        names.iter().map(|name| ((*name).to_owned(), true)).collect()
    }

    #[test]
    fn photos_are_found_with_and_without_rows_of_points() {
        let a = "1 1 0 0 0 0 0 0 1 a.jpg";
        let b = "2 0.5 0.5 -0.5 0.5 1 2 8.6e-002 1 b.jpg";
        let points = "12.5 3e1 -1 100 200 17 3.25 4 -1 5 6 7";
        let expected = (good(&["a.jpg", "b.jpg"]), Vec::new());
        for text in [
            format!("{a}\n\n{b}\n\n"),
            format!("{a}\n{b}\n"),
            format!("{a}\n{b}"),
            format!("{a}\n{points}\n{b}\n{points}\n"),
            format!("{a}\n{points}\n{b}"),
            format!("\u{feff}# Image list\r\n{a}\r\n\r\n{b}\r\n"),
            format!("{}\n \n\n\n {}\n", a.replace(' ', "\t"), b.replace(' ', "\t")),
            format!("{}\n{b}\n{points}\n", a.replacen(' ', "   ", 8)),
        ] {
            assert_eq!(names(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn names_stay_as_they_stand() {
        for name in ["a  b.jpg", " (402).jpg", "0001", "12 34 5", "a\tb.png", "sub dir/ü.jpg", "x.jpg "] {
            let text = format!("1 1 0 0 0 0 0 0 1 {name}\n1 2 3\n2 1 0 0 0 0 0 0 1 {name}\n3 1 0 0 0 0 0 0 1 z\n");
            assert_eq!(names(&text), (good(&[name, name, "z"]), Vec::new()), "{name:?}");
        }
    }

    #[test]
    fn a_row_that_is_wrong_costs_its_photo() {
        let (found, remarks) = names(
            "1 1 0 0 0 0 0 -1.#IND 1 a\n\n2 1 0 0 x 0 0 0 1 b\n3 1 0 0 0 0 0 0 one c\n4 1 0 0 0 0 0 0 1 d\n5 1 0 0\n",
        );
        let expected = [("a", false), ("b", false), ("c", false), ("d", true)];
        assert_eq!(found, expected.map(|(name, is_good)| (name.to_owned(), is_good)));
        assert_eq!(remarks, ["the row “5 1 0 0” says nothing of a photo"]);
    }

    #[test]
    fn lenses_are_read_one_by_one() {
        let lenses = lenses(b"\xEF\xBB\xBF# Number of cameras: 5\r\n1\tPINHOLE\t640 480 5e2 500 320 240\r\n2 NEWEST 1 1 1\n3 PINHOLE 640 480 1\nxyz\n");
        assert_eq!((lenses.expected, lenses.by_number.len(), lenses.remarks.len()), (Some(5), 3, 1));
        assert_eq!(lenses.by_number[&1].as_ref().map(|lens| (lens.size, lens.parameters[0])), Ok(([640, 480], 500.0)));
        assert!(lenses.by_number[&2].as_ref().is_err_and(|why| why.contains("NEWEST") && why.contains("newer")));
        assert!(lenses.by_number[&3].as_ref().is_err_and(|why| why.contains("1 parameters")));
    }
}
