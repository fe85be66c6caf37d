//! `/t.js`: the script that counts on pages which do not pass the layer, and tells what only a page knows.

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::HeaderName;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};

/// The script without what only its readers need: comments, which have lines of their own, and spaces.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("script/t.js").lines().map(str::trim);
    let code: Vec<String> = lines.filter(|line| !line.is_empty() && !line.starts_with("//")).map(tight).collect();
    code.join("\n")
});

/// A line without the spaces beside its punctuation; those inside of quotes stay.
fn tight(line: &str) -> String {
    let is_mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '$' | '_' | '\'' | '"' | '`');
    let (mut code, mut quote) = (String::with_capacity(line.len()), None);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let mut is_beside_mark = || code.ends_with(is_mark) || rest.peek().copied().is_some_and(is_mark);
        match quote {
            None if c == ' ' && is_beside_mark() => continue,
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        code.push(c);
    }
    code
}

/// `GET /t.js`, for the pages of any site.
pub async fn show() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=3600"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, SCRIPT.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_that_mean_nothing_go() {
        for (line, expected) in [
            ("const a = b ? 'x ; y' : `z ${ c } (`", "const a=b?'x ; y':`z ${ c } (`"),
            ("return result", "return result"),
            (
                "if (what == 'a = b') send([{ ...fields, type: name }])",
                "if(what=='a = b')send([{...fields,type:name}])",
            ),
            ("for (const name of ['x', \"y, z\"]) {", "for(const name of['x',\"y, z\"]){"),
        ] {
            assert_eq!(tight(line), expected);
        }
    }
}
