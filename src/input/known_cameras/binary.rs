//! COLMAP's `cameras.bin` and `images.bin`: little-endian numbers, one after the other.

use super::found::newer;
use super::models::model_numbered;
use super::rows::{Image, Images, Lens, Lenses};

/// Bytes of one observed point: two coordinates and a number.
const OBSERVATION_BYTES: usize = 24;
/// No camera model has so many parameters.
const MOST_PARAMETERS: usize = 32;

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

/// # Errors
/// What is wrong with the file.
pub fn lenses(bytes: &[u8]) -> Result<Lenses, String> {
    let mut unknown = None;
    let found = lenses_with(bytes, None, &mut unknown);
    let Some(number) = unknown else { return found };
    // How many numbers a lens of a newer model has, the file does not say. Only one count makes all of it fit.
    (0..=MOST_PARAMETERS)
        .find_map(|count| lenses_with(bytes, Some(count), &mut unknown).ok())
        .ok_or_else(|| format!("camera model {number} is newer than this Fathom knows"))
}

/// `newer_count`: how many parameters a lens has whose model is not known. Without it, such a lens ends the reading.
fn lenses_with(bytes: &[u8], newer_count: Option<usize>, unknown: &mut Option<u32>) -> Result<Lenses, String> {
    let mut from = Reader(bytes);
    let mut lenses = Lenses::default();
    for _ in 0..from.u64()? {
        let number = from.u32()?;
        let model_number = from.u32()?;
        let model = model_numbered(model_number);
        let mut side = || from.u64().map(|side| u32::try_from(side).unwrap_or(0));
        let size = [side()?, side()?];
        let count = match (model, newer_count) {
            (Some(model), _) => model.parameters,
            (None, Some(count)) => count,
            (None, None) => {
                *unknown = Some(model_number);
                return Err(String::new());
            }
        };
        let parameters = (0..count).map(|_| from.f64s::<1>().map(|[v]| v)).collect::<Result<_, _>>()?;
        let lens = model.map(|model| Lens { model, size, parameters });
        lenses.by_number.insert(u64::from(number), lens.ok_or_else(|| newer(&model_number.to_string())));
    }
    from.end().map(|()| lenses)
}

/// # Errors
/// What is wrong with the file.
pub fn images(bytes: &[u8]) -> Result<Images, String> {
    let mut from = Reader(bytes);
    let mut images = Images::default();
    for _ in 0..from.u64()? {
        from.u32()?;
        let pose = Ok((from.f64s()?, from.f64s()?));
        let lens = Some(u64::from(from.u32()?));
        let name = from.text()?;
        let points = usize::try_from(from.u64()?).ok().and_then(|points| points.checked_mul(OBSERVATION_BYTES));
        from.take(points.ok_or("it ends too early")?)?;
        images.rows.push(Image { name, lens, pose });
    }
    from.end().map(|()| images)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lenses: &[(u32, u32, &[f64])]) -> Vec<u8> {
        let mut bytes = (lenses.len() as u64).to_le_bytes().to_vec();
        for (number, model, parameters) in lenses {
            bytes.extend(number.to_le_bytes().iter().chain(&model.to_le_bytes()));
            [640u64, 480].iter().for_each(|side| bytes.extend(side.to_le_bytes()));
            parameters.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
        }
        bytes
    }

    #[test]
    fn a_newer_model_costs_its_own_lenses() {
        let pinhole = [500.0, 510.0, 320.0, 240.0];
        let bytes =
            file(&[(1, 1, &pinhole), (2, 77, &[0.25; 7]), (3, 1, &pinhole), (4, 77, &[0.25; 7]), (5, 16, &[0.5; 6])]);
        let lenses = lenses(&bytes).expect("a whole file");
        assert_eq!(lenses.by_number.len(), 5);
        for number in [1, 3] {
            assert_eq!(lenses.by_number[&number].as_ref().map(|lens| lens.parameters.clone()), Ok(pinhole.to_vec()));
        }
        for number in [2, 4] {
            assert!(lenses.by_number[&number].as_ref().is_err_and(|why| why.contains("77") && why.contains("newer")));
        }
        let error = super::lenses(&bytes[..bytes.len() - 1]).expect_err("cut off");
        assert!(error.contains("newer"), "{error}");
        assert!(super::lenses(&file(&[(1, 1, &pinhole)])[..50]).expect_err("cut off").contains("early"));
    }
}
