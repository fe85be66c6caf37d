//! What a reader chose once and a cookie remembers: language and theme. Each switch is a plain link with a parameter; the
//! server sets the cookie and sends the reader back to the same address without it.

use std::str::FromStr;

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;

use crate::i18n::Locale;
use crate::theme::Theme;
use crate::{language, query, theme};

/// Something that a reader may choose.
pub struct Choice {
    parameter: &'static str,
    cookie: &'static str,
    is_one: fn(&str) -> bool,
}

/// The language.
pub const LANGUAGE: Choice =
    Choice { parameter: language::PARAMETER, cookie: "ud_lang", is_one: |text| Locale::from_str(text).is_ok() };
/// The colours.
pub const THEME: Choice =
    Choice { parameter: theme::PARAMETER, cookie: "ud_theme", is_one: |text| Theme::named(text).is_some() };

impl Choice {
    /// What the request that is answered remembers.
    pub fn remembered(&self) -> Option<String> {
        self.read(&use_context::<Parts>()?.headers)
    }

    /// What the cookies of a request remember.
    pub fn read(&self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.cookie).map(|(_, value)| value);
        values.find(|value| (self.is_one)(value)).map(str::to_owned)
    }

    /// What an address chooses, and the same address without the choice.
    fn made(&self, path: &str, search: &str) -> Option<(String, String)> {
        let mut pairs = search.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, value)| *name == self.parameter && (self.is_one)(value))?;
        Some((value.to_owned(), query::with_parameter(path, search, self.parameter, None)))
    }
}

/// Answers a request that chooses something: the cookie, and back to the address without the choice.
pub fn remember() {
    let Some(url) = use_context::<RequestUrl>().and_then(|url| url.parse().ok()) else { return };
    for choice in [LANGUAGE, THEME] {
        if let Some((value, back)) = choice.made(url.path(), url.search())
            && let Some(response) = use_context::<ResponseOptions>()
            && let Ok(cookie) = HeaderValue::from_str(&format!(
                "{}={value}; Path=/admin-panel; Max-Age=31536000; SameSite=Lax",
                choice.cookie
            ))
        {
            response.append_header(SET_COOKIE, cookie);
            leptos_axum::redirect(&back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let cases: [(&[&'static str], Option<&str>, Option<&str>); 7] = [
            (&["ud_lang=en"], Some("en"), None),
            (&["ud_vid=1; ud_lang=uk; other=2", "ud_theme=light"], Some("uk"), Some("light")),
            (&["a=b", "ud_lang=en; ud_theme=system"], Some("en"), Some("system")),
            (&["ud_lang=klingon; ud_theme=pink"], None, None),
            (&["ud_lang=klingon", "ud_lang=en"], Some("en"), None),
            (&["xud_lang=en; ud_lang"], None, None),
            (&[], None, None),
        ];
        for (lines, language, theme) in cases {
            let headers: HeaderMap = lines.iter().map(|line| (COOKIE, HeaderValue::from_static(line))).collect();
            assert_eq!(LANGUAGE.read(&headers).as_deref(), language, "{lines:?}");
            assert_eq!(THEME.read(&headers).as_deref(), theme, "{lines:?}");
        }
    }

    #[test]
    fn a_choice_leads_back_to_the_same_address() {
        let made = |choice: Choice, search| choice.made("/admin-panel", search);
        let back = |value: &str, to: &str| Some((value.to_owned(), to.to_owned()));
        assert_eq!(made(LANGUAGE, "period=month&lang=en"), back("en", "/admin-panel?period=month"));
        assert_eq!(made(THEME, "theme=light&board=x"), back("light", "/admin-panel?board=x"));
        assert_eq!(made(LANGUAGE, "lang=xx"), None);
        assert_eq!(made(THEME, "theme=%22"), None);
        assert_eq!(made(LANGUAGE, "period=month"), None);
    }
}
