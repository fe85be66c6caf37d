//! A posted form: names and values, cleaned.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};

use super::view::{clean, value_of};

/// The fields of a posted form. Any body can be read as one; what is no field is not found.
pub(super) struct Form {
    body: String,
}

impl Form {
    /// The last value of a field without control characters and blank edges; empty when there is none.
    pub fn text(&self, name: &str) -> String {
        clean(&value_of(Some(&self.body), name).unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, BytesRejection> {
        let bytes = Bytes::from_request(request, state).await?;
        Ok(Self { body: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

#[cfg(test)]
impl From<&str> for Form {
    fn from(body: &str) -> Self {
        Self { body: body.to_owned() }
    }
}
