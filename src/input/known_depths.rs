//! Depths that are known at single pixels of photos: a table of `photo,x,y,metres`, or the same as JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::InputError;
use super::known_cameras::{alike, parts_of};

/// A table of known depths is some thousands of rows, and never as large as this.
const MOST_BYTES: u64 = 64 << 20;

/// One known depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownPoint {
    /// Pixels of the photo as it is shown; the centre of the first one is 0, 0.
    pub at: [f64; 2],
    /// z-depth: along the direction in which the camera looks.
    pub metres: f64,
}

/// What a file says of the depth of photos.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownDepths {
    path: PathBuf,
    by_name: BTreeMap<String, Vec<KnownPoint>>,
}

/// The points of photos, and the names that could be told of none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whose {
    /// By place among the photos.
    pub points: Vec<Vec<KnownPoint>>,
    /// Names that are those of no photo.
    pub of_none: Vec<String>,
    /// Names that several photos have.
    pub of_several: Vec<String>,
}

/// One row of JSON.
#[derive(Deserialize)]
struct Row {
    photo: String,
    x: f64,
    y: f64,
    metres: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    List(Vec<Row>),
    Object { points: Vec<Row> },
}

impl KnownDepths {
    /// Reads a table (fields between commas, semicolons or tabs; a first row without numbers names them; `#` begins a
    /// remark), or JSON (a list of objects `{"photo", "x", "y", "metres"}`, or that as `points` of an object).
    ///
    /// # Errors
    /// A file that cannot be read, a row that says no depth, and a table without rows.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| InputError::from_io(path, error))?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| InputError::from_io(path, error))?;
        if bytes.len() as u64 > MOST_BYTES {
            let (path, bytes) = (path.to_owned(), bytes.len() as u64);
            return Err(InputError::FileTooLarge { path, bytes, limit: MOST_BYTES });
        }
        let refused = |reason: String| InputError::Table { path: path.to_owned(), reason };
        let text = std::str::from_utf8(&bytes).map_err(|_| refused("it is no text".into()))?;
        let rows = rows(text.trim_start_matches('\u{FEFF}')).map_err(refused)?;
        if rows.is_empty() {
            return Err(refused("there is no row in it".into()));
        }
        let mut by_name: BTreeMap<String, Vec<KnownPoint>> = BTreeMap::new();
        for (name, point) in rows {
            by_name.entry(name).or_default().push(point);
        }
        Ok(Self { path: path.to_owned(), by_name })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whose points these are: the photo's whose path ends as the name does. Where there is none, letter case, blanks and a
    /// missing ending make no difference.
    pub fn of_all(&self, photos: &[&Path]) -> Whose {
        let paths: Vec<Vec<String>> = photos.iter().map(|photo| parts_of(photo)).collect();
        let mut whose = Whose { points: vec![Vec::new(); photos.len()], ..Whose::default() };
        for (name, points) in &self.by_name {
            let parts: Vec<&str> = name.rsplit(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
            let places = |is_it: &dyn Fn(&str, &str) -> bool| -> Vec<usize> {
                let ends_so = |path: &Vec<String>| {
                    parts.len() <= path.len() && parts.iter().zip(path).all(|(part, other)| is_it(part, other))
                };
                (0..paths.len()).filter(|&place| !parts.is_empty() && ends_so(&paths[place])).collect()
            };
            let same = |part: &str, other: &str| part == other;
            let like = |part: &str, other: &str| {
                let stem = other.rsplit_once('.').map_or(other, |(stem, _)| stem);
                alike(part) == alike(other) || alike(part) == alike(stem)
            };
            let found = Some(places(&same)).filter(|found| !found.is_empty()).unwrap_or_else(|| places(&like));
            match found.as_slice() {
                [] => whose.of_none.push(name.clone()),
                [place] => whose.points[*place].extend(points),
                _ => whose.of_several.push(name.clone()),
            }
        }
        whose
    }
}

fn rows(text: &str) -> Result<Vec<(String, KnownPoint)>, String> {
    if text.trim_start().starts_with(['[', '{']) {
        let rows: Rows = serde_json::from_str(text)
            .map_err(|error| format!("it is no list of objects with photo, x, y and metres: {error}"))?;
        let (Rows::List(rows) | Rows::Object { points: rows }) = rows;
        let point = |(number, row): (usize, Row)| {
            checked([row.x, row.y, row.metres]).map(|point| (row.photo, point)).map_err(|why| at("point", number, why))
        };
        return rows.into_iter().enumerate().map(point).collect();
    }
    let mut rows = Vec::new();
    let mut may_be_names = true;
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let row = row(line);
        // Only the first row can be one of names.
        if !(std::mem::replace(&mut may_be_names, false) && row == Err(NO_NUMBERS)) {
            rows.push(row.map_err(|why| at("line", number, why))?);
        }
    }
    Ok(rows)
}

fn at(what: &str, number: usize, why: &str) -> String {
    format!("{what} {} {why}", number + 1)
}

const NO_NUMBERS: &str = "has no numbers for x, y and metres";

/// A photo's name may hold commas, so that fields are counted from the end.
fn row(line: &str) -> Result<(String, KnownPoint), &'static str> {
    let by = ['\t', ';', ','].into_iter().find(|by| line.contains(*by)).unwrap_or(',');
    let mut fields = line.rsplitn(4, by).map(|field| field.trim().trim_matches('"').trim());
    let (Some(metres), Some(y), Some(x), Some(photo)) = (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err("has fewer than four fields");
    };
    let numbers = [x, y, metres].map(str::parse::<f64>);
    if numbers.iter().all(Result::is_err) {
        return Err(NO_NUMBERS);
    }
    let [Ok(x), Ok(y), Ok(metres)] = numbers else { return Err("has something else where a number belongs") };
    Ok((photo.to_owned(), checked([x, y, metres])?))
}

fn checked([x, y, metres]: [f64; 3]) -> Result<KnownPoint, &'static str> {
    if !(x.is_finite() && y.is_finite()) {
        return Err("has a place that is no number");
    }
    if !(metres.is_finite() && metres > 0.0) {
        return Err("has a depth that is not above zero");
    }
    Ok(KnownPoint { at: [x, y], metres })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<KnownDepths, InputError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("known.csv");
        std::fs::write(&path, text).expect("space");
        KnownDepths::read(&path)
    }

    fn point(x: f64, y: f64, metres: f64) -> KnownPoint {
        KnownPoint { at: [x, y], metres }
    }

    #[test]
    fn tables_and_json_say_the_same() {
        let wanted = [("a, b.jpg", vec![point(3.0, 4.5, 1.25)]), ("left/c.png", vec![point(0.0, 9.0, 3.0); 2])];
        let wanted: BTreeMap<String, Vec<KnownPoint>> =
            wanted.into_iter().map(|(name, points)| (name.to_owned(), points)).collect();
        for text in [
            "photo,x,y,metres\n\"a, b.jpg\", 3, 4.5, 1.25 # the door\n\nleft/c.png,0,9,3\nleft/c.png,0,9,3e0",
            "\u{FEFF}# measured by hand\r\na, b.jpg;3;4.5;1.25\r\nleft/c.png;0;9;3\r\nleft/c.png;0;9;3\r\n",
            "a, b.jpg\t3\t4.5\t1.25\nleft/c.png\t0\t9\t3\nleft/c.png\t0\t9\t3\n",
            r#"[{"photo": "a, b.jpg", "x": 3, "y": 4.5, "metres": 1.25}, {"photo": "left/c.png", "x": 0, "y": 9, "metres": 3},
                {"photo": "left/c.png", "x": 0, "y": 9, "metres": 3}]"#,
            r#"{"points": [{"photo": "a, b.jpg", "x": 3, "y": 4.5, "metres": 1.25, "who": 1}, {"photo": "left/c.png", "x": 0,
                "y": 9, "metres": 3}, {"photo": "left/c.png", "x": 0, "y": 9, "metres": 3}]}"#,
        ] {
            assert_eq!(read(text).expect("known depths").by_name, wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_depth_is_refused_and_the_row_named() {
        for (text, why) in [
            ("", "there is no row"),
            ("photo,x,y,metres\n", "there is no row"),
            ("a.jpg,1,2,3\nphoto,x,y,metres\n", "line 2 has no numbers"),
            ("a.jpg,1,2\n", "line 1 has fewer than four fields"),
            ("# \na.jpg,1,2,three\n", "line 2 has something else"),
            ("a.jpg,1,2,-3\n", "line 1 has a depth that is not above zero"),
            ("a.jpg,1,2,0\n", "not above zero"),
            ("a.jpg,1,2,inf\n", "not above zero"),
            ("a.jpg,NaN,2,1\n", "a place that is no number"),
            ("[{\"photo\": \"a.jpg\", \"x\": 1, \"y\": 2, \"metres\": -1}]", "point 1 has a depth"),
            ("[{\"photo\": \"a.jpg\"}]", "no list of objects"),
            ("{\"points\": 3", "no list of objects"),
        ] {
            let error = read(text).expect_err("refused").to_string();
            assert!(error.contains(why) && error.contains("known.csv"), "{why}: {error}");
        }
        assert!(matches!(KnownDepths::read(Path::new("/no/such.csv")), Err(InputError::Missing { .. })));
    }

    #[test]
    fn names_find_their_photo_by_the_end_of_its_path() {
        let text = "c.png,1,1,1\nleft/d.png,2,2,2\nE.JPG,3,3,3\nf,4,4,4\nnowhere.png,5,5,5\n./left/c2.png,6,6,6";
        let known = read(text).expect("known depths");
        let photos =
            ["/p/right/d.png", "/p/left/d.png", "/p/left/c2.png", "/p/e.jpg", "/p/f.tif", "/p/1/c.png", "/p/2/c.png"];
        let whose = known.of_all(&photos.map(Path::new));
        let depths: Vec<Vec<f64>> =
            whose.points.iter().map(|points| points.iter().map(|point| point.metres).collect()).collect();
        assert_eq!(depths, [vec![], vec![2.0], vec![6.0], vec![3.0], vec![4.0], vec![], vec![]]);
        assert_eq!((whose.of_none, whose.of_several), (vec!["nowhere.png".to_owned()], vec!["c.png".to_owned()]));
    }
}
