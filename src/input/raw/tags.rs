//! What raw files say of a picture in TIFF's tags: how it is turned, how large it is, which lens took it.

use std::collections::VecDeque;

use image::metadata::Orientation;

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;
const ORIENTATION: u16 = 0x112;
const SUB_DIRECTORIES: u16 = 0x14A;
const EXIF: u16 = 0x8769;
const EXIF_WIDTH: u16 = 0xA002;
const EXIF_HEIGHT: u16 = 0xA003;
/// Panasonic's, in its first directory.
const SENSOR_WIDTH: u16 = 2;
const SENSOR_HEIGHT: u16 = 3;

/// More directories are not in any camera's files, and may lead to each other.
const MOST_DIRECTORIES: usize = 64;
/// Canon's third kind keeps its tags in blocks of these names near the start of the file.
const CANON_BLOCKS: [&[u8; 4]; 2] = [b"CMT1", b"CMT2"];
const CANON_SEARCHED: usize = 1 << 20;

/// What is taken from a file's tags.
pub(super) struct Header {
    pub orientation: Orientation,
    /// The longer side of what the sensor saw, in pixels.
    pub sensor_side: Option<u32>,
    /// An EXIF block with the lens.
    pub exif: Option<Vec<u8>>,
}

impl Header {
    /// From a file that is a TIFF file by its structure, whatever its magic number is, or Canon's CR3. `None` for others:
    /// Fujifilm's files, where the preview has tags of its own.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        if bytes.get(4..8) == Some(b"ftyp") {
            let searched = &bytes[..bytes.len().min(CANON_SEARCHED)];
            let [main, lens] = CANON_BLOCKS.map(|name| {
                let at = searched.windows(4).position(|four| four == name)?;
                let length = u32::from_be_bytes(*bytes.get(at.checked_sub(4)?..)?.first_chunk()?) as usize;
                bytes.get(at + 4..(at - 4).checked_add(length)?)
            });
            return Some(Self { exif: lens.and_then(nested), ..Self::of(&Tags::of(main?)?) });
        }
        let tags = Tags::of(bytes)?;
        let mut exif = bytes.to_vec();
        let magic = if tags.is_big_endian { [0, 42] } else { [42, 0] };
        exif[2..4].copy_from_slice(&magic);
        Some(Self { exif: Some(exif), ..Self::of(&tags) })
    }

    fn of(tags: &Tags) -> Self {
        let directories = tags.directories();
        let number = |directory: &[Tag], id| directory.iter().find(|tag| tag.id == id).map(|tag| tag.value);
        let first = directories.first().map_or(&[][..], Vec::as_slice);
        let orientation = number(first, ORIENTATION).and_then(|value| Orientation::from_exif(value.try_into().ok()?));
        let sides = [WIDTH, HEIGHT, EXIF_WIDTH, EXIF_HEIGHT];
        let mut sides: Vec<u32> = directories.iter().flat_map(|d| sides.map(|id| number(d, id))).flatten().collect();
        if tags.is_panasonic {
            sides.extend([SENSOR_WIDTH, SENSOR_HEIGHT].map(|id| number(first, id)).into_iter().flatten());
        }
        Self {
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
            sensor_side: sides.into_iter().max().filter(|side| *side > 0),
            exif: None,
        }
    }
}

/// A block whose first directory is the one that EXIF keeps the lens in, under a first directory that says so.
fn nested(block: &[u8]) -> Option<Vec<u8>> {
    let tags = Tags::of(block)?;
    let mut out = block.to_vec();
    out.resize(out.len().next_multiple_of(2), 0);
    let (old, new) = (tags.long(4)?, u32::try_from(out.len()).ok()?);
    let short = |value: u16| if tags.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if tags.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    out[4..8].copy_from_slice(&long(new));
    let one_long = [short(1), short(EXIF), short(4)].concat();
    out.extend([one_long, long(1).to_vec(), long(old).to_vec(), long(0).to_vec()].concat());
    Some(out)
}

/// A tag with its first value, or where its values lie if there are more than fit.
struct Tag {
    id: u16,
    count: u32,
    value: u32,
}

/// A block in TIFF's structure.
struct Tags<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    is_panasonic: bool,
}

impl<'a> Tags<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let is_big_endian = match bytes.get(..4)? {
            b"MM\0*" | b"MMOR" => true,
            b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => false,
            _ => return None,
        };
        Some(Self { bytes, is_big_endian, is_panasonic: bytes.starts_with(b"IIU") })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let pair = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }

    /// The directories in the chain, those under them and EXIF's; the first one first.
    fn directories(&self) -> Vec<Vec<Tag>> {
        let mut waiting: VecDeque<u32> = self.long(4).into_iter().collect();
        let mut seen = Vec::new();
        let mut directories = Vec::new();
        while let Some(at) = waiting.pop_front()
            && directories.len() < MOST_DIRECTORIES
        {
            if at == 0 || seen.contains(&at) {
                continue;
            }
            seen.push(at);
            let Some((directory, next)) = self.directory(at as usize) else { continue };
            for tag in &directory {
                match tag.id {
                    EXIF => waiting.push_back(tag.value),
                    SUB_DIRECTORIES if tag.count == 1 => waiting.push_back(tag.value),
                    SUB_DIRECTORIES => {
                        let offsets = (0..tag.count.min(16)).map(|index| tag.value as usize + 4 * index as usize);
                        waiting.extend(offsets.filter_map(|at| self.long(at)));
                    }
                    _ => {}
                }
            }
            waiting.extend(next);
            directories.push(directory);
        }
        directories
    }

    /// A directory, and where the next one in the chain lies.
    fn directory(&self, at: usize) -> Option<(Vec<Tag>, Option<u32>)> {
        const SHORT: u16 = 3;
        let entries = usize::from(self.short(at)?);
        let mut tags = Vec::new();
        for entry in 0..entries {
            let at = at + 2 + 12 * entry;
            let (Some(id), Some(kind), Some(count)) = (self.short(at), self.short(at + 2), self.long(at + 4)) else {
                break;
            };
            let value = if kind == SHORT && count <= 2 { self.short(at + 8).map(u32::from) } else { self.long(at + 8) };
            let Some(value) = value else { break };
            tags.push(Tag { id, count, value });
        }
        Some((tags, self.long(at + 2 + 12 * entries)))
    }
}
