//! Values as links: each narrows the dashboard to itself.

use leptos::prelude::*;
use utm_dispatcher::model::visitor::Place;
use utm_dispatcher::report::{Dimension, Value};

use crate::format::NONE;
use crate::i18n::Locale;
use crate::labels;
use crate::query::View;

/// A value in words, as a link to the dashboard with it alone. Whatever session is open is closed.
pub fn narrow(locale: Locale, view: Signal<View>, dimension: Dimension, key: &str) -> AnyView {
    let words = labels::text(locale, dimension, key);
    let key = Value::Text(key.to_owned());
    let href = move || view.with(|view| view.with_session(None).narrowed(dimension, &key).href());
    view! {
        <a class="value" href=href data-noscroll>
            <bdi>{words}</bdi>
        </a>
    }
    .into_any()
}

/// What is known of a place, each part a link: `Київ, Україна`; else a dash.
pub fn place(locale: Locale, view: Signal<View>, place: &Place) -> AnyView {
    let parts = parts(place);
    if parts.is_empty() {
        return NONE.into_any();
    }
    let part = |(place, (dimension, key)): (usize, (Dimension, &str))| {
        let link = narrow(locale, view, dimension, key);
        view! { {(place > 0).then_some(", ")} {link} }.into_any()
    };
    parts.into_iter().enumerate().map(part).collect_view().into_any()
}

/// The same without links: for notices that pass.
pub fn place_name(locale: Locale, place: &Place) -> Option<String> {
    let names: Vec<_> = parts(place).into_iter().map(|(dimension, key)| labels::text(locale, dimension, key)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn parts(place: &Place) -> Vec<(Dimension, &str)> {
    let known = [(Dimension::City, &place.city), (Dimension::Country, &place.country)];
    known.into_iter().filter_map(|(dimension, key)| Some((dimension, key.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_they_are_known() {
        let at = |locale, city: Option<&str>, country: Option<&str>| {
            let place = Place { city: city.map(str::to_owned), country: country.map(str::to_owned), region: None };
            place_name(locale, &place)
        };
        assert_eq!(at(Locale::uk, Some("Kyiv"), Some("UA")).as_deref(), Some("Київ, Україна"));
        assert_eq!(at(Locale::en, Some("Kyiv"), Some("UA")).as_deref(), Some("Kyiv, Ukraine"));
        assert_eq!(at(Locale::uk, None, Some("UA")).as_deref(), Some("Україна"));
        assert_eq!(at(Locale::uk, Some("Ky"), None).as_deref(), Some("Ky"));
        assert_eq!(at(Locale::uk, None, None), None);
    }
}
