//! Logging in and out: plain forms.

use std::net::IpAddr;
use std::time::Instant;

use app::routes::{HOME, LOGIN};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use url::Url;
use utm_dispatcher::store::StoreError;

use super::attempts::Limited;
use super::password::CheckError;
use super::{cookie, secret};
use crate::client::ClientAddress;
use crate::page::apology;
use crate::state::{AppState, now};

/// The login form.
#[derive(Deserialize)]
pub struct LoginForm {
    email: String,
    password: String,
    next: Option<String>,
}

/// What a login came to.
enum Outcome {
    /// The cookie's new secret.
    Welcome(String),
    /// Wrong e-mail or password, or a disabled account.
    Refused,
    /// Too many failures.
    Limited(Limited),
    /// Too many logins at once.
    Busy,
}

/// Why a login had no outcome. For the log alone.
#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Password(String),
    #[error(transparent)]
    Random(#[from] getrandom::Error),
}

/// `POST /admin-panel/login`: the cookie and the page that was wanted, or back to the form.
pub async fn login(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return apology(StatusCode::BAD_REQUEST) };
    let next = own_path(form.next.as_deref().unwrap_or(HOME));
    let is_https = state.config.is_https();
    let outcome = match attempt(&state, address, form.email, form.password).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, "a login failed");
            return apology(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    match outcome {
        Outcome::Welcome(secret) => {
            // Whoever used this browser before is not logged in any more.
            end(&state, &headers).await;
            redirect(&next, cookie::write(&secret, is_https, state.auth.lasts))
        }
        Outcome::Refused => {
            tracing::info!(%address, "a login was refused");
            let mut back = format!("{LOGIN}?error=credentials");
            if next != HOME {
                back.push_str("&next=");
                back.extend(url::form_urlencoded::byte_serialize(next.as_bytes()));
            }
            redirect(&back, None)
        }
        Outcome::Limited(Limited(wait)) => {
            tracing::warn!(%address, "logins are limited after too many failures");
            let mut answer = apology(StatusCode::TOO_MANY_REQUESTS);
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            answer
        }
        Outcome::Busy => {
            tracing::warn!("too many logins at once");
            apology(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// `POST /admin-panel/logout`: ends the login of this browser.
pub async fn logout(State(state): State<AppState>, headers: HeaderMap) -> Response {
    end(&state, &headers).await;
    redirect(LOGIN, cookie::erase(state.config.is_https()))
}

async fn attempt(state: &AppState, address: IpAddr, email: String, password: String) -> Result<Outcome, LoginError> {
    // An address that no account can have counts as one account, so that the memory stays small.
    let email = normal_email(&email).unwrap_or_default();
    if let Err(limited) = state.auth.attempts.begin(address, &email, Instant::now()) {
        return Ok(Outcome::Limited(limited));
    }
    let credentials = state.store.credentials(&email).await?;
    let stored = credentials.as_ref().map(|credentials| credentials.password_hash.as_str());
    let is_right = match state.auth.passwords.check(password, stored).await {
        Ok(is_right) => is_right,
        Err(CheckError::Busy) => return Ok(Outcome::Busy),
        Err(error @ CheckError::Failed(_)) => return Err(LoginError::Password(error.to_string())),
    };
    let Some(credentials) = credentials.filter(|_| is_right) else { return Ok(Outcome::Refused) };
    let (secret, now) = (secret::new_secret()?, now());
    let lasts = i64::try_from(state.auth.lasts.as_millis()).unwrap_or(i64::MAX / 2);
    if !state.store.add_login(&credentials, &secret::hash(&secret), now, now + lasts).await? {
        return Ok(Outcome::Refused);
    }
    state.auth.attempts.succeeded(address, &email);
    Ok(Outcome::Welcome(secret))
}

async fn end(state: &AppState, headers: &HeaderMap) {
    let Some(secret) = cookie::read(headers, state.config.is_https()) else { return };
    if let Err(error) = state.store.end_login(&secret::hash(&secret)).await {
        tracing::error!(%error, "a login could not be ended");
    }
}

fn redirect(path: &str, cookie: Option<HeaderValue>) -> Response {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static(HOME));
    answer.headers_mut().insert(LOCATION, location);
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

/// An e-mail as it is stored: trimmed, in lower case. `None` if it can be none.
pub fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.split_once('@')?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    (!name.is_empty() && !host.is_empty() && email.len() <= 254 && !name.contains(is_odd) && !host.contains(is_odd))
        .then_some(email)
}

/// `next` if it is a page of the dashboard, else the first page: a login must not lead to another site.
fn own_path(next: &str) -> String {
    let is_own = |url: &Url| url.host_str() == Some("own.invalid") && url.port().is_none() && url.scheme() == "http";
    Url::parse("http://own.invalid/")
        .and_then(|base| base.join(next))
        .ok()
        .filter(is_own)
        .filter(|url| url.path() == HOME || url.path().starts_with("/admin-panel/"))
        .map_or_else(|| HOME.to_owned(), |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_only_into_the_dashboard() {
        let cases = [
            ("/admin-panel?period=month", "/admin-panel?period=month"),
            ("/admin-panel/session/17#top", "/admin-panel/session/17"),
            ("/admin-panel/../cart", HOME),
            ("/admin-panel/%2e%2e/cart", HOME),
            ("/admin-panels", HOME),
            ("//evil.example/admin-panel", HOME),
            ("/\\evil.example/admin-panel", HOME),
            ("https://evil.example/admin-panel", HOME),
            ("javascript:alert(1)", HOME),
            // Line breaks are no part of an address: what is left names no page of ours.
            ("/admin-panel\r\nSet-Cookie: a=b", HOME),
            ("", HOME),
        ];
        for (next, path) in cases {
            assert_eq!(own_path(next), path, "{next:?}");
        }
    }

    #[test]
    fn emails_are_compared_in_lower_case() {
        assert_eq!(normal_email(" Owner@Shop.Example ").as_deref(), Some("owner@shop.example"));
        for text in ["", "owner", "@shop", "owner@", "a b@c", "a@b@c", "a\0@c"] {
            assert_eq!(normal_email(text), None, "{text:?}");
        }
    }
}
