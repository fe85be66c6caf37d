//! Exact fractions, rounded half to even and only at the edge.

/// `numerator / denominator` in units of 10^-`places`, rounded half to even. `denominator` is positive.
fn scaled(numerator: i128, denominator: i128, places: u32) -> i128 {
    let numerator = numerator * 10_i128.pow(places);
    let floor = numerator.div_euclid(denominator);
    let twice_rest = numerator.rem_euclid(denominator) * 2;
    if twice_rest > denominator || (twice_rest == denominator && floor % 2 != 0) { floor + 1 } else { floor }
}

/// `numerator / denominator` as a decimal with exactly `places` digits after the point: `"12.35"`.
/// `None` when the denominator is 0.
pub fn decimal(numerator: i128, denominator: i128, places: u32) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    let units = scaled(numerator * denominator.signum(), denominator.abs(), places);
    let sign = if units < 0 { "-" } else { "" };
    let digits = units.unsigned_abs();
    let base = 10_u128.pow(places);
    if places == 0 {
        return Some(format!("{sign}{digits}"));
    }
    Some(format!("{sign}{}.{:0width$}", digits / base, digits % base, width = places as usize))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [
            (1, 8, 2, "0.12"),
            (3, 8, 2, "0.38"),
            (1, 3, 2, "0.33"),
            (2, 3, 2, "0.67"),
            (-1, 8, 2, "-0.12"),
            (-1, 3, 2, "-0.33"),
            (5, 2, 0, "2"),
            (7, 2, 0, "4"),
            (0, 7, 2, "0.00"),
            (1, -4, 2, "-0.25"),
            (149_900, 100, 2, "1499.00"),
        ];
        for (numerator, denominator, places, text) in cases {
            assert_eq!(decimal(numerator, denominator, places).as_deref(), Some(text), "{numerator}/{denominator}");
        }
        assert_eq!(decimal(1, 0, 2), None);
    }

    proptest! {
        #[test]
        fn the_error_is_at_most_half_a_unit(numerator in -1_000_000_000_i128..1_000_000_000, denominator in 1_i128..1_000_000) {
            let units = scaled(numerator, denominator, 2);
            prop_assert!((units * denominator - numerator * 100).abs() * 2 <= denominator);
        }
    }
}
