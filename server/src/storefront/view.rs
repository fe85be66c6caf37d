//! What every page of the shop knows of the request that it answers.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use cookie::Cookie;
use http::Method;
use http::header::{COOKIE, HeaderMap};
use http::request::Parts;
use utm_dispatcher::model::{Money, SessionCode};

use super::cart::Cart;
use crate::track::visit::Visit;

/// The cookie that remembers the chosen language.
pub(super) const LANGUAGE_COOKIE: &str = "shop_lang";

/// A language of the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// Ukrainian, unless somebody asks for the other.
    #[default]
    Uk,
    /// English.
    En,
}

impl Language {
    /// Its code in addresses, cookies and HTML.
    pub fn code(self) -> &'static str {
        match self {
            Self::Uk => "uk",
            Self::En => "en",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Uk, Self::En].into_iter().find(|language| language.code() == code)
    }

    /// The language that an address asks for.
    pub fn asked_for(query: Option<&str>) -> Option<Self> {
        Self::of(&value_of(query, "lang")?)
    }
}

/// The request as a page sees it.
pub(super) struct View {
    /// What to write in.
    pub language: Language,
    /// What is in the cart.
    pub cart: Cart,
    /// The path that was asked for.
    pub path: String,
    /// What was searched for; at most [`QUERY_CHARACTERS`].
    pub query: String,
    /// What names the visit to whoever takes orders by phone.
    pub code: Option<SessionCode>,
}

/// More of a search is neither looked for nor told.
pub(super) const QUERY_CHARACTERS: usize = 100;

impl View {
    /// The text in the language of the page.
    pub fn say(&self, uk: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Uk => uk,
            Language::En => en,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for View {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let remembered = || cookie(&parts.headers, LANGUAGE_COOKIE).and_then(|code| Language::of(&code));
        let query = value_of(parts.uri.query(), "q").unwrap_or_default();
        let visit = parts.extensions.get::<Visit>().filter(|_| parts.method == Method::GET);
        let code = match visit {
            Some(visit) => visit.code().await,
            None => None,
        };
        Ok(Self {
            language: Language::asked_for(parts.uri.query()).or_else(remembered).unwrap_or_default(),
            cart: Cart::read(&cookie(&parts.headers, Cart::COOKIE).unwrap_or_default()),
            path: parts.uri.path().to_owned(),
            query: clean(&query).chars().take(QUERY_CHARACTERS).collect(),
            code,
        })
    }
}

/// The variable part of a path; empty when it is no text, and then it names nothing.
pub(super) struct Word(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Word {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Path::from_request_parts(parts, state).await.map_or_else(|_| String::new(), |Path(word)| word)))
    }
}

/// The last value of a parameter; bytes that are no text become U+FFFD.
pub(super) fn value_of(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.filter(|(key, _)| key == name).last().map(|(_, value)| value.into_owned())
}

/// The value of a request's cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(Cookie::split_parse)
        .flatten()
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Typed text without control characters and blank edges.
pub(super) fn clean(text: &str) -> String {
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    text.trim().to_owned()
}

/// An amount as customers read it: `1 499 ₴`, kopiykas only where there are any.
pub(super) fn price(amount: Money) -> String {
    let digits = amount.whole().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    match amount.0.rem_euclid(100) {
        0 => format!("{grouped}\u{a0}₴"),
        kopiykas => format!("{grouped},{kopiykas:02}\u{a0}₴"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_grouped_by_thousands() {
        for (amount, written) in
            [(0, "0 ₴"), (24_900, "249 ₴"), (99_999, "999,99 ₴"), (149_905, "1 499,05 ₴"), (123_456_700, "1 234 567 ₴")]
        {
            assert_eq!(price(Money(amount)).replace('\u{a0}', " "), written);
        }
    }

    #[test]
    fn the_last_of_repeated_parameters_wins() {
        for (query, value) in [
            (None, None),
            (Some("q=a&q=b"), Some("b")),
            (Some("q"), Some("")),
            (Some("x=1&q=%D1%87%D0%B0%D0%B9+%ff%"), Some("чай \u{fffd}%")),
        ] {
            assert_eq!(value_of(query, "q").as_deref(), value, "{query:?}");
        }
    }
}
