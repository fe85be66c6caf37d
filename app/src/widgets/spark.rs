//! A line without axes: how a number went over the period, drawn by the server.

use std::fmt::Write;

use leptos::prelude::*;

/// How wide and high the line is, in its own units.
const SIZE: (f64, f64) = (100.0, 30.0);
/// So much of the height is left free, for the line's own thickness.
const EDGE: f64 = 2.0;

/// The line of `values`, the oldest first; what has no value counts as nothing. Nothing is drawn of a single point.
pub fn spark(values: &[Option<f64>]) -> Option<AnyView> {
    let line = path(values)?;
    let area = format!("{line}L{} {}L0 {}Z", SIZE.0, SIZE.1, SIZE.1);
    Some(
        view! {
            <svg class="spark" viewBox=format!("0 0 {} {}", SIZE.0, SIZE.1) preserveAspectRatio="none" aria-hidden="true">
                <path class="spark-area" d=area />
                <path class="spark-line" d=line />
            </svg>
        }
        .into_any(),
    )
}

#[expect(clippy::cast_precision_loss, reason = "few points")]
fn path(values: &[Option<f64>]) -> Option<String> {
    let values: Vec<f64> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
    let steps = values.len().checked_sub(1).filter(|steps| *steps > 0)?;
    let least = values.iter().copied().fold(0.0, f64::min);
    let range = (values.iter().copied().fold(0.0, f64::max) - least).max(f64::MIN_POSITIVE);
    let mut path = String::new();
    for (place, value) in values.iter().enumerate() {
        let x = place as f64 / steps as f64 * SIZE.0;
        let y = SIZE.1 - EDGE - (value - least) / range * (SIZE.1 - 2.0 * EDGE);
        let letter = if place == 0 { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fills_its_box() {
        assert_eq!(path(&[Some(0.0), Some(5.0), Some(10.0)]).as_deref(), Some("M0.0 28.0L50.0 15.0L100.0 2.0"));
        assert_eq!(path(&[Some(3.0), None]).as_deref(), Some("M0.0 2.0L100.0 28.0"));
        assert_eq!(path(&[Some(0.0), Some(0.0)]).as_deref(), Some("M0.0 28.0L100.0 28.0"));
        assert_eq!(path(&[Some(-1.0), Some(1.0)]).as_deref(), Some("M0.0 28.0L100.0 2.0"));
        for nothing in [&[][..], &[Some(1.0)]] {
            assert_eq!(path(nothing), None);
        }
    }
}
