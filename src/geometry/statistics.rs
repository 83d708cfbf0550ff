//! Order statistics of depth and confidence maps.

/// The `p`-th percentile (0..=100) of the finite values, interpolated linearly between order statistics;
/// `None` when there is no finite value.
pub fn percentile(values: impl IntoIterator<Item = f32>, p: f32) -> Option<f32> {
    percentiles(values, [p]).map(|[value]| value)
}

/// Several percentiles of the same values, sorted once.
pub fn percentiles<const N: usize>(values: impl IntoIterator<Item = f32>, p: [f32; N]) -> Option<[f32; N]> {
    let mut finite: Vec<f32> = values.into_iter().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return None;
    }
    finite.sort_unstable_by(f32::total_cmp);
    let last = finite.len() - 1;
    Some(p.map(|p| {
        let rank = f64::from(p.clamp(0.0, 100.0)) / 100.0 * last as f64;
        let below = rank.floor() as usize;
        let above = (below + 1).min(last);
        let fraction = rank - below as f64;
        let (a, b) = (f64::from(finite[below]), f64::from(finite[above]));
        (a + (b - a) * fraction) as f32
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_order_statistics() {
        assert_eq!(percentile([4.0, 1.0, 3.0, 2.0], 50.0), Some(2.5));
        assert_eq!(percentile([4.0, 1.0, f32::NAN, f32::INFINITY], 100.0), Some(4.0));
        assert_eq!(percentile([f32::NAN], 50.0), None);
        assert_eq!(percentiles([0.0, 10.0], [0.0, 25.0, 100.0]), Some([0.0, 2.5, 10.0]));
    }
}
