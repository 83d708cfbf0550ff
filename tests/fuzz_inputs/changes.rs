//! Changes to files: of single bytes and fields, and to text also of its numbers and lines.

/// xorshift64*: the same changes on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

const TELLING: [u32; 12] = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// Some changes to a file, most of them where headers are.
pub fn changed(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let reach = if random.below(2) == 0 { bytes.len().min(400) } else { bytes.len() };
        let at = random.below(reach);
        let rest = bytes.len() - at;
        match random.below(8) {
            0 | 1 if rest > 0 => bytes[at] ^= 1 << random.below(8),
            2 if rest > 0 => bytes[at] = random.next() as u8,
            3 | 4 if rest >= 4 => {
                let value = TELLING[random.below(TELLING.len())];
                let width = [1, 2, 4][random.below(3)];
                let value = if random.below(2) == 0 { value.to_le_bytes() } else { value.to_be_bytes() };
                let from = if random.below(2) == 0 { 0 } else { 4 - width };
                bytes[at..at + width].copy_from_slice(&value[from..from + width]);
            }
            5 => drop(bytes.drain(at..at + random.below(rest.min(40) + 1))),
            6 => {
                let copied = bytes[at..at + random.below(rest.min(60) + 1)].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copied);
            }
            _ if random.below(4) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// What a number of a text becomes.
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "1e-30",
    "1e30",
    "-1e308",
    "1e999",
    "NaN",
    "Infinity",
    "-inf",
    "null",
    "0.5",
    "65535",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "-9223372036854775808",
    "12345678901234567890123456789",
];

/// The same of a text: half of the changes are such that it stays one.
pub fn changed_text(seed: &[u8], random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 {
        return changed(seed, random);
    }
    let mut text = String::from_utf8_lossy(seed).into_owned();
    for _ in 0..=random.below(4) {
        let numbers: Vec<_> = spans(&text, |c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e'));
        let words: Vec<_> = spans(&text, |c| c.is_ascii_alphabetic() || c == '_');
        let lines: Vec<_> = spans(&text, |c| c != '\n' && c != ',');
        let span = |spans: &[(usize, usize)], random: &mut Random| spans.get(random.below(spans.len())).copied();
        match random.below(6) {
            0..3 => {
                if let Some((from, to)) = span(&numbers, random) {
                    text.replace_range(from..to, NUMBERS[random.below(NUMBERS.len())]);
                }
            }
            3 => {
                // One word in place of another: models, keys.
                if let (Some((from, to)), Some((other, end))) = (span(&words, random), span(&words, random)) {
                    let word = text[other..end].to_owned();
                    text.replace_range(from..to, &word);
                }
            }
            4 => {
                if let Some((from, to)) = span(&lines, random) {
                    text.replace_range(from..to, "");
                }
            }
            _ => {
                if let Some((from, to)) = span(&lines, random) {
                    let line = format!("{}\n", &text[from..to]);
                    text.insert_str(to, &line.repeat(1 + random.below(3)));
                }
            }
        }
    }
    text.into_bytes()
}

/// Where characters of this kind follow each other.
fn spans(text: &str, is_of_kind: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| is_of_kind(*c)) {
        match spans.last_mut() {
            Some((_, end)) if *end == at => *end = at + c.len_utf8(),
            _ => spans.push((at, at + c.len_utf8())),
        }
    }
    spans
}
