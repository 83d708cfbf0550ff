//! What only moves numbers, or does little to them, is the same whoever calculates.

use candle_core::{Device, Tensor};

use super::*;
use crate::model::candle::Candle;
use crate::model::on_kernels::Kernels;

fn tensor(dims: &[usize]) -> Tensor {
    let numbers: Vec<f32> = (0..dims.iter().product()).map(|i: usize| (i as f32 * 0.37).sin()).collect();
    Tensor::from_vec(numbers, dims, &Device::Cpu).expect("numbers")
}

/// What an operation gives: its name, shape and numbers.
type Given = (&'static str, Vec<usize>, Vec<f32>);

fn all<O: MapLayers>(on: &O) -> Result<Vec<Given>, ModelError> {
    let array = |dims: &[usize]| on.upload(tensor(dims).flatten_all()?.to_vec1()?, dims);
    let x = array(&[3, 5, 4])?;
    let local = on.activated(&x, Activation::Relu)?;
    let (map, learned, stored) = (array(&[2, 3, 7])?, array(&[1, 2, 4])?, array(&[1, 1370, 4])?);
    let logits = on.planes(&map)?;
    let order = Some(&[2, 0, 1][..]);
    let mut seen = vec![("first tokens", vec![], on.first_tokens(&x)?)];
    let [rays, confidence] = on.rays(&logits)?;
    let [channels, opacity] = on.gaussians(&array(&[2, 3, 38])?)?;
    seen.extend([("rays", rays), ("confidence", confidence)].map(|(name, numbers)| (name, vec![], numbers)));
    seen.extend([("channels", channels), ("opacity", opacity)].map(|(name, numbers)| (name, vec![], numbers)));
    let arrays = [
        ("order", on.in_order(&x, &[2, 0, 1])?),
        ("one view", on.repeated(&learned, 1)?),
        ("two views", on.repeated(&learned, 2)?),
        ("four views", on.repeated(&learned, 4)?),
        ("first tokens replaced", on.with_first_tokens(&x, &array(&[3, 4])?)?),
        ("camera tokens", on.camera_tokens(&local, &x, None)?),
        ("camera tokens in order", on.camera_tokens(&local, &x, order)?),
        ("beside", on.beside(vec![array(&[3, 2])?, array(&[3, 4])?])?),
        ("GELU", on.activated(&x, Activation::Gelu)?),
        ("one plane", on.planes(&array(&[2, 3, 1])?)?),
        ("exp", on.ended(&logits, 1, End::Exp)?),
        ("exp plus one", on.ended(&logits, 6, End::ExpPlusOne)?),
        ("ReLU", on.ended(&logits, 0, End::Relu)?),
        ("sigmoid", on.ended(&logits, 2, End::Sigmoid(20.0))?),
        ("image", on.image_map(&on.images(&tensor(&[2, 3, 4, 5]))?[1])?),
        ("small embedding", on.embedding(&stored, 3, 5)?),
        ("stored embedding", on.embedding(&stored, 37, 37)?),
        ("planes", logits),
        ("local", local),
    ];
    for (name, array) in arrays {
        seen.push((name, on.dims(&array).to_vec(), array.numbers()?));
    }
    Ok(seen)
}

#[test]
fn numbers_are_moved_alike() {
    let on_candle = all(&Candle::new(&Device::Cpu)).expect("numbers on candle");
    let on_kernels = all(&Kernels).expect("numbers on kernels");
    assert_eq!(on_candle.len(), on_kernels.len());
    for (expected, actual) in on_candle.iter().zip(&on_kernels) {
        assert_eq!(expected, actual);
    }
}
