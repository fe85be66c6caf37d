//! Countries of ISO 3166-1: two letters and the English short name.

/// The English short name of the country with these two letters.
pub fn name(code: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(code).map(|country| country.name)
}

/// The two letters of the country with this English short name.
pub fn code(name: &str) -> Option<&'static str> {
    rust_iso3166::ALL.iter().find(|country| country.name == name).map(|country| country.alpha2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_english_names() {
        assert_eq!((name("UA"), code("Ukraine")), (Some("Ukraine"), Some("UA")));
        assert_eq!((name("ua"), name("ZZ"), code("UA"), code("Ukrain")), (None, None, None, None));
    }
}
