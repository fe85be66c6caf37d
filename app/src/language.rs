//! The reader's language: Ukrainian unless they chose otherwise; a cookie remembers the choice.
//!
//! The switch is a plain link with `?lang=`. The server sets the cookie and sends the reader back to the same
//! address without it, so it works before any script and leaves addresses clean.

use leptos_i18n::context::UseLocalesOptions;

use crate::i18n::{Locale, use_i18n};

/// The parameter of an address that chooses a language.
pub const PARAMETER: &str = "lang";

/// Where the library finds the language of a request: in the place of the browser's own list.
pub fn of_request() -> UseLocalesOptions {
    UseLocalesOptions::default().ssr_lang_header_getter(|| {
        #[cfg(feature = "ssr")]
        return request::language();
        #[cfg(not(feature = "ssr"))]
        None
    })
}

/// The language of the page. It changes by loading the page anew, so nothing has to follow it.
pub fn use_locale() -> Locale {
    use_i18n().get_locale_untracked()
}

#[cfg(feature = "ssr")]
pub use request::remember_choice;

#[cfg(feature = "ssr")]
mod request {
    use std::str::FromStr;

    use http::header::{COOKIE, HeaderValue, SET_COOKIE};
    use http::request::Parts;
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;
    use leptos_i18n::Locale as _;
    use leptos_router::location::RequestUrl;

    use super::PARAMETER;
    use crate::i18n::Locale;
    use crate::query;

    /// The cookie that remembers the choice.
    const NAME: &str = "ud_lang";

    /// The remembered language.
    pub fn language() -> Option<String> {
        let parts = use_context::<Parts>()?;
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        remembered(cookies).map(|locale| locale.as_str().to_owned())
    }

    fn remembered<'a>(cookies: impl Iterator<Item = &'a str>) -> Option<Locale> {
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == NAME).then(|| Locale::from_str(value).ok()).flatten())
    }

    /// Answers a request that chooses a language: the cookie, and back to the address without the choice.
    pub fn remember_choice() {
        let Some(url) = use_context::<RequestUrl>().and_then(|url| url.parse().ok()) else { return };
        let Some((locale, back)) = chosen(url.path(), url.search()) else { return };
        if let Some(response) = use_context::<ResponseOptions>()
            && let Ok(cookie) = HeaderValue::from_str(&cookie(locale))
        {
            response.append_header(SET_COOKIE, cookie);
            leptos_axum::redirect(&back);
        }
    }

    fn chosen(path: &str, search: &str) -> Option<(Locale, String)> {
        let mut pairs = search.split('&').filter_map(|pair| pair.split_once('='));
        let (_, locale) = pairs.find(|(name, _)| *name == PARAMETER)?;
        let locale = Locale::from_str(locale).ok()?;
        Some((locale, query::with_parameter(path, search, PARAMETER, None)))
    }

    fn cookie(locale: Locale) -> String {
        format!("{NAME}={}; Path=/admin-panel; Max-Age=31536000; SameSite=Lax", locale.as_str())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_cookie_is_found_among_others() {
            let cases: [(&[&str], Option<Locale>); 6] = [
                (&["ud_lang=en"], Some(Locale::en)),
                (&["ud_vid=1; ud_lang=uk; other=2"], Some(Locale::uk)),
                (&["a=b", "ud_lang=en"], Some(Locale::en)),
                (&["ud_lang=klingon"], None),
                (&["xud_lang=en; ud_lang"], None),
                (&[], None),
            ];
            for (cookies, locale) in cases {
                assert_eq!(remembered(cookies.iter().copied()), locale, "{cookies:?}");
            }
        }

        #[test]
        fn a_choice_leads_back_to_the_same_address() {
            assert_eq!(
                chosen("/admin-panel", "period=month&lang=en"),
                Some((Locale::en, "/admin-panel?period=month".to_owned()))
            );
            assert_eq!(chosen("/admin-panel", "lang=xx"), None);
            assert_eq!(chosen("/admin-panel", "period=month"), None);
        }
    }
}
