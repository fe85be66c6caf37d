//! A request's body, read to its end.

use axum::body::{Body, Bytes, to_bytes};
use http_body_util::LengthLimitError;

use crate::error::ApiError;

/// The whole body, of at most `most` bytes.
pub async fn whole(body: Body, most: usize) -> Result<Bytes, ApiError> {
    to_bytes(body, most).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return ApiError::TooLarge(most);
            }
            cause = error.source();
        }
        ApiError::BrokenBody
    })
}
