//! What can go wrong between a page and the server, and the words for it.

use crate::wire::JsonText;
use leptos::prelude::*;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{Bytes, Decodes};
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::BadQuery;

use crate::i18n::{Locale, td, td_string};

/// Why a page or a server function has no answer. Holds nothing that the asker may not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is logged in, or no longer.
    #[error("not logged in")]
    NotLoggedIn,
    /// The asker's role does not suffice.
    #[error("this role may not do that")]
    Forbidden,
    /// What was asked cannot be asked.
    #[error("{parameter} is “{given}”; allowed: {allowed}")]
    BadInput {
        /// Which part of the question.
        parameter: String,
        /// What came.
        given: String,
        /// What may come.
        allowed: String,
    },
    /// There is no such thing.
    #[error("there is no such thing")]
    Missing,
    /// There is one like it already.
    #[error("there is one like it already")]
    Duplicate,
    /// The answers on the page do not have it yet: it was not asked when they came.
    #[error("not answered yet")]
    Unanswered,
    /// The page was made by another build than the one that answers.
    #[error("the page and the server are of different builds")]
    Stale,
    /// The store does not answer. The reason stands in the server's log.
    #[error("the store does not answer")]
    Unavailable,
    /// The browser cannot reach the server.
    #[error("the server cannot be reached")]
    Offline,
}

impl AppError {
    /// The HTTP status of an answer with this error.
    pub fn status_code(&self) -> u16 {
        match self {
            Self::NotLoggedIn => 401,
            Self::Forbidden => 403,
            Self::BadInput { .. } => 400,
            Self::Missing => 404,
            Self::Duplicate | Self::Stale => 409,
            Self::Unavailable | Self::Unanswered | Self::Offline => 503,
        }
    }

    /// May the same succeed in a while?
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable | Self::Offline)
    }

    /// The error in the reader's language.
    pub fn words(self, locale: Locale) -> AnyView {
        match self {
            Self::NotLoggedIn => td_string!(locale, error.not_logged_in).into_any(),
            Self::Forbidden => td_string!(locale, error.forbidden).into_any(),
            Self::BadInput { parameter, given, allowed } => {
                td!(locale, error.bad_input, parameter, given, allowed).into_any()
            }
            Self::Missing => td_string!(locale, error.missing).into_any(),
            Self::Duplicate => td_string!(locale, error.duplicate).into_any(),
            Self::Stale => td_string!(locale, error.stale).into_any(),
            Self::Unanswered => td_string!(locale, loading).into_any(),
            Self::Unavailable => td_string!(locale, error.unavailable).into_any(),
            Self::Offline => td_string!(locale, error.offline).into_any(),
        }
    }
}

impl From<BadQuery> for AppError {
    fn from(BadQuery { parameter, came, allowed }: BadQuery) -> Self {
        Self::BadInput { parameter: parameter.to_owned(), given: came, allowed }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let error = match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            // An answer that cannot be read comes from a server with other types.
            ServerFnErrorErr::Deserialization(_) => Self::Stale,
            ServerFnErrorErr::Args(given) | ServerFnErrorErr::MissingArg(given) => {
                Self::BadInput { parameter: "body".to_owned(), given, allowed: "JSON".to_owned() }
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Self::Unavailable,
        };
        // On the server this is the answer: without a word of ours it would be a 500.
        #[cfg(feature = "ssr")]
        crate::context::set_status(error.status_code());
        error
    }

    /// What a failed answer says. One that is not ours comes from somebody in between, who cannot reach the server.
    fn de(data: Bytes) -> Self {
        JsonText::decode(data).unwrap_or(Self::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_somebody_in_between_is_no_other_build() {
        let read = |text: &'static str| AppError::de(Bytes::from_static(text.as_bytes()));
        assert_eq!(read("\"Stale\""), AppError::Stale);
        assert_eq!(read("<html>503 Service Unavailable</html>"), AppError::Unavailable);
        assert_eq!(read(""), AppError::Unavailable);
    }
}
