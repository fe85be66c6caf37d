//! One session with what was done and bought in it.

use app::i18n::Locale;
use app::labels;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use serde::Serialize;
use serde_json::Value as JsonValue;
use utm_dispatcher::model::{Id, Money, Viewer};
use utm_dispatcher::report::SessionDetail;
use utm_dispatcher::report::session_detail::{ActionRow, OrderRow};
use utoipa::ToSchema;

use super::sessions::UtmSession;
use crate::error::ApiError;
use crate::rest::query::bad;
use crate::rest::{number, time};
use crate::state::AppState;

/// Ids are whole numbers below this: all of them are exact in JavaScript.
pub const ID_END: i64 = 1 << 53;

/// `GET /api/utm/{id}/session_detail/`.
pub async fn session_detail(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<UtmSessionDetail>, ApiError> {
    let detail = state.store.session_detail(id_in(id)?).await?.ok_or(ApiError::NoSession)?;
    Ok(Json(UtmSessionDetail::of(detail.seen_by(viewer.role))))
}

/// Reads the session's id in a path.
pub fn id_in(path: Result<Path<String>, PathRejection>) -> Result<Id, ApiError> {
    let id = path.map_err(|_| bad("id", "what is no UTF-8 once its percent signs are read", ALLOWED))?;
    id_of(&id)
}

const ALLOWED: &str = "a session's id, a whole number from 0 to 9007199254740991";

fn id_of(text: &str) -> Result<Id, ApiError> {
    // `parse` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    let id = digits.and_then(|text| text.parse().ok()).filter(|id| *id < ID_END);
    id.map(Id).ok_or_else(|| bad("id", text, ALLOWED))
}

/// A session with its last actions and all its orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct UtmSessionDetail {
    session: UtmWholeSession,
    /// The newest 50, the newest first.
    actions: Vec<UtmAction>,
    /// The newest first.
    orders: Vec<UtmOrder>,
}

/// What the list says of a session, and more.
#[derive(Debug, Serialize, ToSchema)]
struct UtmWholeSession {
    #[serde(flatten)]
    session: UtmSession,
    device_brand: Option<String>,
    visit_count: i64,
    /// The path on which it began.
    landing_page: String,
    referrer: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UtmAction {
    #[schema(value_type = i64)]
    id: Id,
    /// The kind: `add_to_cart`.
    action_type: String,
    /// The kind in Ukrainian.
    action_type_display: String,
    page_path: Option<String>,
    product_id: Option<String>,
    product_name: Option<String>,
    /// Null when it is 0.
    #[schema(value_type = Option<f64>)]
    cart_value: Option<JsonValue>,
    /// Null for viewers.
    order_number: Option<String>,
    points_earned: i64,
    #[schema(format = DateTime)]
    timestamp: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct UtmOrder {
    #[schema(value_type = i64)]
    id: Id,
    /// Null for viewers.
    order_number: Option<String>,
    #[schema(value_type = f64)]
    total_sum: JsonValue,
    payment_status: &'static str,
    status: &'static str,
    #[schema(format = DateTime)]
    created: String,
}

impl UtmSessionDetail {
    fn of(detail: SessionDetail) -> Self {
        Self {
            session: UtmWholeSession {
                session: UtmSession::of(&detail.session),
                device_brand: detail.client.brand,
                visit_count: detail.session.visit_count,
                landing_page: detail.landing_page,
                referrer: detail.referrer,
            },
            actions: detail.actions.into_iter().map(UtmAction::of).collect(),
            orders: detail.orders.into_iter().map(UtmOrder::of).collect(),
        }
    }
}

impl UtmAction {
    fn of(row: ActionRow) -> Self {
        Self {
            id: row.id,
            action_type: row.kind.key().to_owned(),
            // The original has no other language.
            action_type_display: labels::action(Locale::uk, &row.kind),
            page_path: row.page,
            product_id: row.product_id,
            product_name: row.product_name,
            cart_value: row.value.filter(|value| *value != Money::ZERO).map(number::money),
            order_number: row.order,
            points_earned: row.points,
            timestamp: time(row.at),
        }
    }
}

impl UtmOrder {
    fn of(row: OrderRow) -> Self {
        Self {
            id: row.id,
            order_number: row.number,
            total_sum: number::money(row.total),
            payment_status: row.payment_status.key(),
            status: row.status.key(),
            created: time(row.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_whole_numbers() {
        assert_eq!(id_of("9007199254740991").unwrap(), Id(9_007_199_254_740_991));
        for text in ["", "-1", "+1", "1.0", "abc", "9007199254740992", "99999999999999999999", "١"] {
            assert!(id_of(text).unwrap_err().to_string().starts_with("id: "), "{text}");
        }
    }
}
