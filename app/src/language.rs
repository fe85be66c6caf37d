//! The reader's language: Ukrainian unless they chose otherwise; a cookie remembers the choice (`choice.rs`).

use leptos_i18n::context::UseLocalesOptions;

use crate::i18n::{Locale, use_i18n};

/// The parameter of an address that chooses a language.
pub const PARAMETER: &str = "lang";

/// Where the library finds the language of a request: in the place of the browser's own list.
pub fn of_request() -> UseLocalesOptions {
    UseLocalesOptions::default().ssr_lang_header_getter(|| {
        #[cfg(feature = "ssr")]
        return crate::choice::LANGUAGE.remembered();
        #[cfg(not(feature = "ssr"))]
        None
    })
}

/// The language of the page. It changes by loading the page anew, so nothing has to follow it.
pub fn use_locale() -> Locale {
    use_i18n().get_locale_untracked()
}
