//! COLMAP's `cameras.bin` and `images.bin`: little-endian numbers, one after the other.

use super::colmap::{Image, Lens, Lenses, MODELS};

/// Bytes of one observed point: two coordinates and a number.
const OBSERVATION_BYTES: usize = 24;

/// The rest of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, String> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn f64s<const N: usize>(&mut self) -> Result<[f64; N], String> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = f64::from_le_bytes(self.array()?);
        }
        Ok(numbers)
    }

    /// Up to the zero that ends it.
    fn text(&mut self) -> Result<String, String> {
        let length = self.0.iter().position(|&byte| byte == 0).ok_or("a name has no end")?;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Ok(text)
    }

    /// Everything has to be read: else this is another kind of file.
    fn end(&self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("{} bytes too many", self.0.len())) }
    }
}

pub fn lenses(bytes: &[u8]) -> Result<Lenses, String> {
    let mut from = Reader(bytes);
    let mut lenses = Lenses::new();
    for _ in 0..from.u64()? {
        let number = from.u32()?;
        let model = from.u32()? as usize;
        let (_, count) = MODELS.get(model).ok_or_else(|| format!("camera model {model} is not known"))?;
        let mut side = || from.u64().map(|side| u32::try_from(side).unwrap_or(0));
        let size = [side()?, side()?];
        let parameters = (0..*count).map(|_| from.f64s::<1>().map(|[v]| v)).collect::<Result<_, _>>()?;
        lenses.insert(number, Lens { model, size, parameters });
    }
    from.end().map(|()| lenses)
}

pub fn images(bytes: &[u8]) -> Result<Vec<Image>, String> {
    let mut from = Reader(bytes);
    let mut images = Vec::new();
    for _ in 0..from.u64()? {
        from.u32()?;
        let (quaternion, translation) = (from.f64s()?, from.f64s()?);
        let lens = from.u32()?;
        let name = from.text()?;
        let points = usize::try_from(from.u64()?).ok().and_then(|points| points.checked_mul(OBSERVATION_BYTES));
        from.take(points.ok_or("it ends too early")?)?;
        images.push(Image { name, lens, quaternion, translation });
    }
    from.end().map(|()| images)
}
