//! COLMAP's `cameras.txt` and `images.txt`: fields with blanks between them; lines that begin with # say nothing.

use std::str::FromStr;

use super::colmap::{Image, Lens, Lenses, MODELS};

pub fn lenses(bytes: &[u8]) -> Result<Lenses, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lenses = Lenses::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut fields = line.split_ascii_whitespace();
        let number = next(&mut fields, line)?;
        let name = fields.next().unwrap_or_default();
        let model = MODELS.iter().position(|(known, _)| *known == name);
        let model = model.ok_or_else(|| format!("camera model {name:?} is not known"))?;
        let size = [next(&mut fields, line)?, next(&mut fields, line)?];
        let parameters = fields.map(|field| parse(field, line)).collect::<Result<Vec<_>, _>>()?;
        if parameters.len() != MODELS[model].1 {
            return Err(format!("{line:?} has {} parameters, expected {}", parameters.len(), MODELS[model].1));
        }
        lenses.insert(number, Lens { model, size, parameters });
    }
    Ok(lenses)
}

pub fn images(bytes: &[u8]) -> Result<Vec<Image>, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut images = Vec::new();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let mut fields = line.split_ascii_whitespace();
        next::<u32>(&mut fields, line)?;
        let mut real = || next(&mut fields, line);
        let quaternion = [real()?, real()?, real()?, real()?];
        let translation = [real()?, real()?, real()?];
        let lens = next(&mut fields, line)?;
        // Names may hold blanks.
        let name = fields.collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(format!("{line:?} names no photo"));
        }
        images.push(Image { name, lens, quaternion, translation });
        // The points that it sees: one line, which may be empty.
        lines.next();
    }
    Ok(images)
}

fn next<'a, T: FromStr>(fields: &mut impl Iterator<Item = &'a str>, line: &str) -> Result<T, String> {
    parse(fields.next().ok_or_else(|| format!("{line:?} ends too early"))?, line)
}

fn parse<T: FromStr>(field: &str, line: &str) -> Result<T, String> {
    field.parse().map_err(|_| format!("{field:?} in {line:?} is no number"))
}
