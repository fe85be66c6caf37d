//! The few pages that the host says in its own words, in both languages and without any file beside them.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};
use maud::{DOCTYPE, html};

/// What is said: a heading and a sentence, Ukrainian and English.
struct Words {
    title: [&'static str; 2],
    text: [&'static str; 2],
}

/// The page for `status`: bad form, other site's form, small role, unknown address, too many attempts, failure.
pub fn apology(status: StatusCode) -> Response {
    let Words { title, text } = words(status);
    let page = html! {
        (DOCTYPE)
        html lang="uk" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title[0]) }
                style { (STYLE) }
            }
            body {
                main {
                    h1 { (title[0]) }
                    p { (text[0]) }
                    hr;
                    div lang="en" {
                        h2 { (title[1]) }
                        p { (text[1]) }
                    }
                    p { a href="/admin-panel" { "UTM Dispatcher" } }
                }
            }
        }
    };
    let mut answer = (status, page).into_response();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answer
}

/// Nothing but the style inside the page, which holds nothing from outside.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "body{margin:0;background:#0b0b12;color:#e5e7eb;font:16px/1.5 system-ui,sans-serif}\
main{max-width:34rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.6rem}h2{font-size:1.1rem}\
hr{border:0;border-top:1px solid #2a2a3a;margin:1.5rem 0}div{color:#9ca3af}a{color:#a78bfa}";

fn words(status: StatusCode) -> Words {
    match status {
        StatusCode::BAD_REQUEST => Words {
            title: ["Форму не прочитано", "The form could not be read"],
            text: [
                "Поверніться до сторінки входу й надішліть її ще раз.",
                "Go back to the login page and send it again.",
            ],
        },
        StatusCode::FORBIDDEN => Words {
            title: ["Немає прав", "Not allowed"],
            text: [
                "Ваш обліковий запис не має прав на цю сторінку, або форму надіслано з іншого сайту.",
                "Your account may not see this page, or the form was sent from another site.",
            ],
        },
        StatusCode::NOT_FOUND => Words {
            title: ["Сторінки немає", "No such page"],
            text: ["За цією адресою нічого немає.", "There is nothing at this address."],
        },
        StatusCode::METHOD_NOT_ALLOWED => Words {
            title: ["Так не можна", "Not like that"],
            text: ["Ця адреса не приймає такого запиту.", "This address does not take such a request."],
        },
        StatusCode::TOO_MANY_REQUESTS => Words {
            title: ["Забагато спроб входу", "Too many login attempts"],
            text: [
                "Зачекайте чверть години й спробуйте ще раз. Якщо пароль забуто, його змінює адміністратор сервера.",
                "Wait a quarter of an hour and try again. Whoever runs the server can set a new password.",
            ],
        },
        _ => Words {
            title: ["Сервер зараз не відповідає", "The server cannot answer now"],
            text: ["Спробуйте ще раз за хвилину.", "Try again in a minute."],
        },
    }
}
