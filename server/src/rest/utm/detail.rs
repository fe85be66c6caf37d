//! One session with what was done and bought in it.

use app::i18n::Locale;
use app::labels;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use serde_json::{Value as JsonValue, json};
use utm_dispatcher::model::{Id, Money, Viewer};
use utm_dispatcher::report::SessionDetail;
use utm_dispatcher::report::session_detail::{ActionRow, OrderRow};

use super::sessions;
use crate::error::ApiError;
use crate::rest::query::bad;
use crate::rest::{number, time};
use crate::state::AppState;

/// Ids are whole numbers below this: all of them are exact in JavaScript.
const ID_END: i64 = 1 << 53;

pub async fn session_detail(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<JsonValue>, ApiError> {
    let id = id.map_err(|_| bad("id", "what is no UTF-8 once its percent signs are read", ALLOWED))?;
    let detail = state.store.session_detail(id_of(&id)?).await?.ok_or(ApiError::NoSession)?;
    Ok(Json(answer(&detail.seen_by(viewer.role))))
}

const ALLOWED: &str = "a session's id, a whole number from 0 to 9007199254740991";

fn id_of(text: &str) -> Result<Id, ApiError> {
    // `parse` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    let id = digits.and_then(|text| text.parse().ok()).filter(|id| *id < ID_END);
    id.map(Id).ok_or_else(|| bad("id", text, ALLOWED))
}

fn answer(detail: &SessionDetail) -> JsonValue {
    let mut session = sessions::fields(&detail.session);
    session.insert("device_brand".to_owned(), detail.client.brand.as_deref().into());
    session.insert("visit_count".to_owned(), detail.session.visit_count.into());
    session.insert("landing_page".to_owned(), detail.landing_page.as_str().into());
    session.insert("referrer".to_owned(), detail.referrer.as_deref().into());
    json!({
        "session": session,
        "actions": detail.actions.iter().map(action).collect::<Vec<_>>(),
        "orders": detail.orders.iter().map(order).collect::<Vec<_>>(),
    })
}

fn action(row: &ActionRow) -> JsonValue {
    json!({
        "id": row.id,
        "action_type": row.kind.key(),
        // The original has no other language.
        "action_type_display": labels::action(Locale::uk, &row.kind),
        "page_path": row.page,
        "product_id": row.product_id,
        "product_name": row.product_name,
        "cart_value": row.value.filter(|value| *value != Money::ZERO).map(number::money),
        "order_number": row.order,
        "points_earned": row.points,
        "timestamp": time(row.at),
    })
}

fn order(row: &OrderRow) -> JsonValue {
    json!({
        "id": row.id,
        "order_number": row.number,
        "total_sum": number::money(row.total),
        "payment_status": row.payment_status.key(),
        "status": row.status.key(),
        "created": time(row.created_at),
    })
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
