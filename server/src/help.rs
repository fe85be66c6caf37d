//! The help page: the marketers' guide of `docs/`, in the reader's language and theme, without any script.

use std::sync::LazyLock;

use app::choice;
use app::i18n::Locale;
use app::labels;
use app::routes::HOME;
use app::theme::Theme;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue};
use maud::{DOCTYPE, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::state::AppState;

/// Style and fonts of our own, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static UKRAINIAN: LazyLock<Guide> = LazyLock::new(|| Guide::read(include_str!("../../docs/marketers.md")));
static ENGLISH: LazyLock<Guide> = LazyLock::new(|| Guide::read(include_str!("../../docs/marketers.en.md")));

/// A guide as HTML.
struct Guide {
    title: String,
    /// Its sections, each with the anchor that leads there.
    sections: Vec<(String, String)>,
    body: String,
}

impl Guide {
    fn read(markdown: &str) -> Self {
        let mut events: Vec<Event> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
        let mut guide = Self { title: String::new(), sections: Vec::new(), body: String::new() };
        for event in &mut events {
            // Files beside it are the same page in another language.
            if let Event::Start(Tag::Link { dest_url, .. }) = event
                && dest_url.ends_with(".md")
            {
                *dest_url = if dest_url.ends_with(".en.md") { "?lang=en" } else { "?lang=uk" }.into();
            }
        }
        for place in 0..events.len() {
            let Event::Start(Tag::Heading { level, .. }) = events[place] else { continue };
            let words = words(&events[place + 1..]);
            match level {
                HeadingLevel::H1 => guide.title = words,
                HeadingLevel::H2 => {
                    let anchor = format!("s{}", guide.sections.len() + 1);
                    if let Event::Start(Tag::Heading { id, .. }) = &mut events[place] {
                        *id = Some(anchor.clone().into());
                    }
                    guide.sections.push((anchor, words));
                }
                _ => {}
            }
        }
        pulldown_cmark::html::push_html(&mut guide.body, events.into_iter());
        guide
    }
}

/// The text of a heading that has just begun.
fn words(events: &[Event]) -> String {
    let heading = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    heading
        .filter_map(|event| if let Event::Text(text) | Event::Code(text) = event { Some(&**text) } else { None })
        .collect()
}

/// `GET /admin-panel/help`, in the language of `?lang=`, else of the cookie.
pub async fn help(State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let asked = query.as_deref().and_then(|query| query.strip_prefix("lang=")).map(str::to_owned);
    let locale = match asked.or_else(|| choice::LANGUAGE.read(&headers)).as_deref() {
        Some("en") => Locale::en,
        _ => Locale::uk,
    };
    let (guide, lang) = match locale {
        Locale::uk => (&*UKRAINIAN, "uk"),
        Locale::en => (&*ENGLISH, "en"),
    };
    let theme = choice::THEME.read(&headers).and_then(|name| Theme::named(&name)).unwrap_or_default();
    let style = format!("{HOME}/pkg/{}/dispatcher.css", state.assets.build());
    let [title, back] = labels::help(locale);
    let page = html! {
        (DOCTYPE)
        html lang=(lang) data-theme=(theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (guide.title) }
                link rel="stylesheet" href=(style);
            }
            body {
                header class="top" {
                    a class="button" href=(HOME) { (back) }
                }
                main id="content" class="guide panel" {
                    nav aria-label=(title) {
                        ul class="menu" {
                            @for (anchor, title) in &guide.sections {
                                li { a href={ "#" (anchor) } { (title) } }
                            }
                        }
                    }
                    article { (PreEscaped(&guide.body)) }
                }
            }
        }
    };
    let mut answer = page.into_response();
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_guides_have_the_same_sections_and_their_anchors() {
        assert_eq!(UKRAINIAN.sections.len(), ENGLISH.sections.len());
        assert!(UKRAINIAN.sections.len() >= 6);
        for guide in [&*UKRAINIAN, &*ENGLISH] {
            assert!(!guide.title.is_empty());
            for (anchor, title) in &guide.sections {
                assert!(guide.body.contains(&format!("<h2 id=\"{anchor}\">")), "{title}");
            }
            assert!(!guide.body.contains(".md\""), "a file's name leads nowhere on the page");
            assert!(guide.body.contains("<table>") && !guide.body.contains("<script"), "{}", guide.title);
        }
    }
}
