//! Why a message is refused: the field, what came, and what is allowed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tracking::text;

/// So many characters of what came are said again.
const MAX_CAME: usize = 80;

/// A field that breaks a rule. Written in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadField {
    /// The field's place: `events[3].value`.
    pub field: String,
    /// What came, cleaned and cut; `None` when nothing did.
    pub came: Option<String>,
    /// What is allowed there.
    pub allowed: String,
}

impl BadField {
    /// `came` where only `allowed` may stand.
    pub fn new(field: impl Into<String>, came: &str, allowed: impl Into<String>) -> Self {
        let mut short = text::plain(came.as_bytes(), MAX_CAME);
        if short.len() < came.len() && came.chars().nth(MAX_CAME).is_some() {
            short.push('…');
        }
        Self { field: field.into(), came: Some(short), allowed: allowed.into() }
    }

    /// Nothing where `allowed` has to stand.
    pub fn missing(field: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { field: field.into(), came: None, allowed: allowed.into() }
    }

    /// The same, found inside of `parent`.
    #[must_use]
    pub fn inside(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field), ..self }
    }
}

impl fmt::Display for BadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, came, allowed } = self;
        match came {
            Some(came) => write!(f, "{field}: “{came}” came; allowed is {allowed}"),
            None => write!(f, "{field} is missing; allowed is {allowed}"),
        }
    }
}

impl std::error::Error for BadField {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_of_bounded_length() {
        let bad = BadField::new("value", &format!("a\nb{}", "x".repeat(500)), "an amount").inside("events[3]");
        let line = bad.to_string();
        assert!(line.starts_with("events[3].value: “abxxx"), "{line}");
        assert!(line.ends_with("x…” came; allowed is an amount"), "{line}");
        assert!(!line.contains('\n') && line.chars().count() < 150, "{line}");
        assert_eq!(BadField::new("a", "", "b").to_string(), "a: “” came; allowed is b");
        assert_eq!(BadField::missing("a", "b").to_string(), "a is missing; allowed is b");
    }
}
