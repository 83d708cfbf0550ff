//! NumPy's array format: the header.

use std::io::Read;

/// Longest header that is believed; ours have 118 bytes.
const LONGEST_HEADER: usize = 1 << 14;
/// Most sides that an array of ours has, and a few more.
const MOST_SIDES: usize = 8;

/// What stands before the values of an array.
#[derive(Debug, PartialEq, Eq)]
pub struct NpyHeader {
    pub descr: String,
    /// Outermost side first.
    pub shape: Vec<usize>,
}

/// Reads the header and leaves the reader at the first value. Arrays in Fortran's order are refused.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn read_npy_header(from: &mut impl Read) -> Result<NpyHeader, String> {
    let mut start = [0; 8];
    read(from, &mut start)?;
    if &start[..6] != b"\x93NUMPY" {
        return Err("it is no NumPy array".into());
    }
    let length = match start[6] {
        1 => {
            let mut bytes = [0; 2];
            read(from, &mut bytes)?;
            usize::from(u16::from_le_bytes(bytes))
        }
        2 | 3 => {
            let mut bytes = [0; 4];
            read(from, &mut bytes)?;
            usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
        }
        version => return Err(format!("its format has the unknown version {version}")),
    };
    if length > LONGEST_HEADER {
        return Err(format!("its header claims {length} bytes"));
    }
    let mut text = vec![0; length];
    read(from, &mut text)?;
    parse(&String::from_utf8_lossy(&text)).ok_or_else(|| "its header cannot be read".into())
}

fn read(from: &mut impl Read, to: &mut [u8]) -> Result<(), String> {
    from.read_exact(to).map_err(|error| format!("its header ends early ({error})"))
}

/// A Python dictionary with exactly the entries that NumPy writes; `None` for anything else.
fn parse(text: &str) -> Option<NpyHeader> {
    let descr = value(text, "descr")?;
    let quote = descr.chars().next().filter(|c| "'\"".contains(*c))?;
    let descr = descr[1..].split(quote).next()?.to_owned();
    if !value(text, "fortran_order")?.starts_with("False") {
        return None;
    }
    let sides = value(text, "shape")?.strip_prefix('(')?.split(')').next()?;
    let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty());
    let shape: Vec<usize> = sides.map(|side| side.parse().ok()).collect::<Option<_>>()?;
    (shape.len() <= MOST_SIDES).then_some(NpyHeader { descr, shape })
}

/// What follows `'key':`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("'{key}'"))?;
    Some(after.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: u8, dictionary: &str) -> Vec<u8> {
        let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
        match version {
            1 => bytes.extend((dictionary.len() as u16).to_le_bytes()),
            _ => bytes.extend((dictionary.len() as u32).to_le_bytes()),
        }
        bytes.extend(dictionary.bytes());
        bytes
    }

    #[test]
    fn both_versions_and_every_shape_are_understood() {
        for version in [1, 2] {
            for (shape, sides) in [("()", vec![]), ("(3,)", vec![3]), ("(2, 3,4)", vec![2, 3, 4])] {
                let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}   \n");
                let read = read_npy_header(&mut header(version, &text).as_slice()).expect("a header");
                assert_eq!(read, NpyHeader { descr: "<f4".into(), shape: sides });
            }
        }
    }

    #[test]
    fn hostile_headers_are_refused() {
        let fine = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n";
        let mut lying = header(2, fine);
        lying[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        let cases = [
            (b"PK\x03\x04 and more".to_vec(), "no NumPy"),
            (header(7, fine), "version 7"),
            (lying, "claims 4294967295"),
            (header(1, fine)[..30].to_vec(), "ends early"),
            (header(1, &fine.replace("False", "True")), "cannot be read"),
            (header(1, &fine.replace("(3,)", "(3,-1)")), "cannot be read"),
            (header(1, &fine.replace("(3,)", "(99999999999999999999999)")), "cannot be read"),
            (header(1, &fine.replace("(3,)", "(1,1,1,1,1,1,1,1,1)")), "cannot be read"),
            (header(1, &fine.replace("'<f4'", "[('a', '<f4')]")), "cannot be read"),
            (header(1, ""), "cannot be read"),
        ];
        for (bytes, reason) in cases {
            let error = read_npy_header(&mut bytes.as_slice()).expect_err("refused");
            assert!(error.contains(reason), "{reason}: {error}");
        }
    }
}
