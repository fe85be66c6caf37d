//! A line without axes: how a number went over the period, drawn by the server.

use std::fmt::Write;

use leptos::prelude::*;

/// How wide and high the line is, in its own units.
const SIZE: (f64, f64) = (100.0, 30.0);
/// So much of the height is left free, for the line's own thickness.
const EDGE: f64 = 2.0;

/// The line of `values`, the oldest first, with a gap where there is none. Nothing is drawn of fewer than two.
pub fn spark(values: &[Option<f64>]) -> Option<AnyView> {
    let (line, area) = paths(values)?;
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

/// The line, and what lies beneath it.
#[expect(clippy::cast_precision_loss, reason = "few points")]
fn paths(values: &[Option<f64>]) -> Option<(String, String)> {
    let known = || values.iter().copied().flatten();
    let steps = values.len().checked_sub(1).filter(|_| known().nth(1).is_some())?;
    let least = known().fold(0.0, f64::min);
    let range = (known().fold(0.0, f64::max) - least).max(f64::MIN_POSITIVE);
    let (mut line, mut area) = (String::new(), String::new());
    let mut at = 0.0;
    for (place, value) in values.iter().enumerate() {
        let is_first = place == 0 || values[place - 1].is_none();
        let is_last = values.get(place + 1).is_none_or(Option::is_none);
        let Some(value) = value else { continue };
        let x = place as f64 / steps as f64 * SIZE.0;
        let y = SIZE.1 - EDGE - (value - least) / range * (SIZE.1 - 2.0 * EDGE);
        // Writing to a String cannot fail.
        if is_first {
            at = x;
            let _ = write!(line, "M{x:.1} {y:.1}");
            let _ = write!(area, "M{x:.1} {}", SIZE.1);
        }
        // The first one as well: a point between two gaps is a dot.
        let _ = write!(line, "L{x:.1} {y:.1}");
        let _ = write!(area, "L{x:.1} {y:.1}");
        if is_last {
            let _ = write!(area, "L{x:.1} {0}L{at:.1} {0}Z", SIZE.1);
        }
    }
    Some((line, area))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[Option<f64>]) -> Option<String> {
        paths(values).map(|(line, _)| line)
    }

    #[test]
    fn a_line_fills_its_box() {
        let whole = line(&[Some(0.0), Some(5.0), Some(10.0)]);
        assert_eq!(whole.as_deref(), Some("M0.0 28.0L0.0 28.0L50.0 15.0L100.0 2.0"));
        assert_eq!(line(&[Some(0.0), Some(0.0)]).as_deref(), Some("M0.0 28.0L0.0 28.0L100.0 28.0"));
        assert_eq!(line(&[Some(-1.0), Some(1.0)]).as_deref(), Some("M0.0 28.0L0.0 28.0L100.0 2.0"));
        for nothing in [&[][..], &[Some(1.0)], &[None, None, None], &[None, Some(1.0), None]] {
            assert_eq!(line(nothing), None);
        }
    }

    #[test]
    fn what_is_not_known_is_a_gap_and_no_fall() {
        let (line, area) = paths(&[Some(10.0), Some(5.0), None, None, Some(10.0), None]).unwrap();
        assert_eq!(line, "M0.0 2.0L0.0 2.0L20.0 15.0M80.0 2.0L80.0 2.0");
        assert_eq!(area, "M0.0 30L0.0 2.0L20.0 15.0L20.0 30L0.0 30ZM80.0 30L80.0 2.0L80.0 30L80.0 30Z");
    }
}
