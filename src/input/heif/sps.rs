//! Size and colours from HEVC's sequence parameter set (ITU-T H.265, 7.3.2.2 and annex E).
//!
//! The size says what a decoder will reserve before it does. Photos of telephones give their colour matrix and range
//! here and nowhere else.

use heic_rs::props::colr::{MatrixCoefficients, Nclx, Range};

pub(super) const UNIT_TYPE: u8 = 33;

/// What is taken from a parameter set.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    /// Width and height as coded, before the picture is cropped, in pixels.
    pub coded_size: [u32; 2],
    /// Full-range BT.601 where the set says nothing: what writers of stills mean then.
    pub nclx: Nclx,
}

/// Reads a unit with its two bytes of header; `None` where it makes no sense.
pub(super) fn parse(unit: &[u8]) -> Option<Header> {
    let bytes = unescaped(unit.get(2..)?);
    let mut bits = Bits { bytes: &bytes, at: 0 };
    bits.skip(4)?;
    let sub_layers = bits.take(3)?;
    bits.skip(1)?;
    profile(&mut bits, sub_layers)?;
    bits.golomb()?;
    const YUV_444: u32 = 3;
    if bits.golomb()? == YUV_444 {
        bits.skip(1)?;
    }
    let coded_size = [bits.golomb()?, bits.golomb()?];
    let nclx = colours(&mut bits, sub_layers).unwrap_or(Nclx {
        primaries: 1,
        transfer: 13,
        matrix: MatrixCoefficients::Bt601,
        matrix_code: 6,
        range: Range::Full,
    });
    Some(Header { coded_size, nclx })
}

/// From the cropping window to the colour description, which is what all that lies between is read for.
fn colours(bits: &mut Bits, sub_layers: u32) -> Option<Nclx> {
    if bits.flag()? {
        bits.skip_golombs(4)?;
    }
    bits.skip_golombs(2)?;
    let order_bits = bits.golomb()? + 4;
    let layers = if bits.flag()? { sub_layers + 1 } else { 1 };
    bits.skip_golombs(3 * layers)?;
    bits.skip_golombs(6)?;
    if bits.flag()? && bits.flag()? {
        scaling_lists(bits)?;
    }
    bits.skip(2)?;
    if bits.flag()? {
        bits.skip(8)?;
        bits.skip_golombs(2)?;
        bits.skip(1)?;
    }
    short_term_sets(bits)?;
    if bits.flag()? {
        let pictures = bits.golomb()?;
        bits.skip(u64::from(pictures) * (u64::from(order_bits) + 1))?;
    }
    bits.skip(2)?;
    if bits.flag()? { usability(bits) } else { None }
}

/// Profile, tier and level.
fn profile(bits: &mut Bits, sub_layers: u32) -> Option<()> {
    bits.skip(96)?;
    let mut present = Vec::new();
    for _ in 0..sub_layers {
        present.push((bits.flag()?, bits.flag()?));
    }
    if sub_layers > 0 {
        bits.skip(2 * u64::from(8 - sub_layers))?;
    }
    for (profile, level) in present {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    Some(())
}

fn scaling_lists(bits: &mut Bits) -> Option<()> {
    for size in 0..4u32 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.flag()? {
                bits.golomb()?;
                continue;
            }
            let coefficients = 64.min(1 << (4 + 2 * size));
            bits.skip_golombs(coefficients + u32::from(size > 1))?;
        }
    }
    Some(())
}

fn short_term_sets(bits: &mut Bits) -> Option<()> {
    let sets = bits.golomb()?;
    let mut pictures = 0;
    for set in 0..sets.min(65) {
        if set > 0 && bits.flag()? {
            bits.skip(1)?;
            bits.golomb()?;
            let mut kept = 0;
            for _ in 0..=pictures {
                let is_used = bits.flag()?;
                kept += u32::from(is_used || bits.flag()?);
            }
            pictures = kept;
        } else {
            pictures = bits.golomb()?.checked_add(bits.golomb()?).filter(|sum| *sum <= 64)?;
            for _ in 0..pictures {
                bits.golomb()?;
                bits.skip(1)?;
            }
        }
    }
    Some(())
}

/// The part of annex E up to the colours.
fn usability(bits: &mut Bits) -> Option<Nclx> {
    const EXTENDED_ASPECT: u32 = 255;
    if bits.flag()? && bits.take(8)? == EXTENDED_ASPECT {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    if !bits.flag()? {
        return None;
    }
    bits.skip(3)?;
    let range = if bits.flag()? { Range::Full } else { Range::Limited };
    let unspecified = 2;
    let [primaries, transfer, matrix] = if bits.flag()? {
        [bits.take(8)? as u16, bits.take(8)? as u16, bits.take(8)? as u16]
    } else {
        [unspecified; 3]
    };
    Some(Nclx { primaries, transfer, matrix: MatrixCoefficients::from_code(matrix), matrix_code: matrix, range })
}

/// Without the bytes that keep start codes out of the data.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= 8 * self.bytes.len() as u64).then_some(())
    }

    /// An unsigned exponential-Golomb code; signed ones have the same length.
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.take(zeros)?;
        ((1u32 << zeros) - 1).checked_add(rest)
    }

    fn skip_golombs(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            self.golomb()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The set of a file that libheif wrote, 64×64 in full range with BT.601's matrix.
    #[test]
    fn size_and_colours_are_read_from_a_real_set() {
        let file = include_bytes!("../../../tests/fixtures/photos/second.heic");
        let at = file.windows(2).rposition(|two| two == [0x42, 0x01]).expect("a set");
        let header = parse(&file[at..]).expect("readable");
        assert_eq!(header.coded_size, [64, 64]);
        assert_eq!((header.nclx.matrix, header.nclx.range), (MatrixCoefficients::Bt601, Range::Full));
    }

    #[test]
    fn cut_off_sets_make_no_sense_or_keep_what_was_read() {
        let file = include_bytes!("../../../tests/fixtures/photos/second.heic");
        let at = file.windows(2).rposition(|two| two == [0x42, 0x01]).expect("a set");
        for length in 0..40 {
            let header = parse(&file[at..at + length]);
            assert!(header.is_none_or(|header| header.coded_size == [64, 64]), "{length}");
        }
        assert_eq!(parse(&[]), None);
    }
}
