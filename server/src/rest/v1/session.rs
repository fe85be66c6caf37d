//! One session with everything around it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::touch::ClickId;
use utm_dispatcher::model::{Id, Money, Viewer};
use utm_dispatcher::report::session_detail::{ActionRow, OrderRow, TouchLabels};
use utm_dispatcher::report::{SessionDetail, SessionRow};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::rest::utm::detail::id_in;
use crate::rest::{etag, time};
use crate::state::AppState;

/// A session with its actions, its orders and its visitor's other sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionAnswer {
    /// What the list shows of it.
    session: SessionEntry,
    /// The path on which it began.
    landing_page: String,
    referrer: Option<String>,
    click_ids: Vec<ClickIdEntry>,
    device: DeviceEntry,
    /// Whole seconds from its start to its last page view or action.
    duration: i64,
    /// When its visitor registered with the shop in it.
    #[schema(format = DateTime)]
    registered_at: Option<String>,
    /// The touch that it is credited to.
    touch: TouchEntry,
    /// The first touch of its visitor.
    first_touch: Option<TouchEntry>,
    /// The last touch of its visitor.
    last_touch: Option<TouchEntry>,
    /// The newest 50, the newest first.
    actions: Vec<ActionEntry>,
    total_actions: usize,
    /// The newest first.
    orders: Vec<OrderEntry>,
    /// The visitor's newest 50 other sessions, the newest first.
    other_sessions: Vec<SessionEntry>,
}

/// A session as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
struct SessionEntry {
    /// Below 2^53.
    #[schema(value_type = i64)]
    id: Id,
    #[schema(value_type = i64)]
    visitor_id: Id,
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(format = DateTime)]
    last_seen: String,
    source: String,
    medium: String,
    channel: String,
    country: Option<String>,
    region: Option<String>,
    city: Option<String>,
    /// Null for viewers.
    ip: Option<String>,
    /// `lead` or `purchase`, while it stands.
    conversion: Option<&'static str>,
    #[schema(format = DateTime)]
    converted_at: Option<String>,
    /// 1 for the visitor's first session, 2 for the next …
    visit_count: i64,
    page_views: i64,
    points: i64,
    /// A decimal text: `"1499.00"`.
    #[schema(value_type = String)]
    revenue: Money,
}

/// What visitors hold in their hands.
#[derive(Debug, Serialize, ToSchema)]
struct DeviceEntry {
    /// `desktop`, `mobile`, `tablet` or `unknown`.
    device_type: &'static str,
    brand: Option<String>,
    model: Option<String>,
    os: Option<String>,
    os_version: Option<String>,
    browser: Option<String>,
    browser_version: Option<String>,
    language: Option<String>,
}

/// A parameter that an advertising platform added to the link.
#[derive(Debug, Serialize, ToSchema)]
struct ClickIdEntry {
    name: String,
    value: String,
}

/// What a touch is counted under.
#[derive(Debug, Serialize, ToSchema)]
struct TouchEntry {
    source: String,
    medium: String,
    campaign: String,
    content: String,
    term: Option<String>,
    channel: String,
    click_platform: Option<String>,
    referrer: Option<String>,
}

/// Something done in the session.
#[derive(Debug, Serialize, ToSchema)]
struct ActionEntry {
    #[schema(value_type = i64)]
    id: Id,
    #[schema(format = DateTime)]
    at: String,
    action: String,
    page: Option<String>,
    product_id: Option<String>,
    product_name: Option<String>,
    #[schema(value_type = Option<String>)]
    value: Option<Money>,
    /// Null for viewers.
    order: Option<String>,
    query: Option<String>,
    points: i64,
}

/// An order of the session.
#[derive(Debug, Serialize, ToSchema)]
struct OrderEntry {
    /// Null for viewers.
    number: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(value_type = String)]
    total: Money,
    #[schema(value_type = String)]
    refunded: Money,
    payment_status: &'static str,
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    status: &'static str,
}

/// `GET /api/v1/sessions/{id}`.
pub async fn session(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let detail = state.store.session_detail(id_in(id)?).await?.ok_or(ApiError::NoSession)?;
    let answer = SessionAnswer::of(detail.seen_by(viewer.role));
    Ok(etag::json(&headers, etag::PRIVATE, serde_json::to_vec(&answer).unwrap_or_default()))
}

impl SessionAnswer {
    fn of(detail: SessionDetail) -> Self {
        let client = detail.client;
        Self {
            session: SessionEntry::of(detail.session),
            landing_page: detail.landing_page,
            referrer: detail.referrer,
            click_ids: detail
                .click_ids
                .into_iter()
                .map(|ClickId { name, value }| ClickIdEntry { name, value })
                .collect(),
            device: DeviceEntry {
                device_type: client.device.key(),
                brand: client.brand,
                model: client.model,
                os: client.os,
                os_version: client.os_version,
                browser: client.browser,
                browser_version: client.browser_version,
                language: client.language,
            },
            duration: detail.duration,
            registered_at: detail.registered_at.map(time),
            touch: TouchEntry::of(detail.touch),
            first_touch: detail.first_touch.map(TouchEntry::of),
            last_touch: detail.last_touch.map(TouchEntry::of),
            actions: detail.actions.into_iter().map(ActionEntry::of).collect(),
            total_actions: detail.total_actions,
            orders: detail.orders.into_iter().map(OrderEntry::of).collect(),
            other_sessions: detail.other_sessions.into_iter().map(SessionEntry::of).collect(),
        }
    }
}

impl SessionEntry {
    fn of(row: SessionRow) -> Self {
        Self {
            id: row.id,
            visitor_id: row.visitor_id,
            started_at: time(row.started_at),
            last_seen: time(row.last_seen),
            source: row.source,
            medium: row.medium,
            channel: row.channel,
            country: row.place.country,
            region: row.place.region,
            city: row.place.city,
            ip: row.ip,
            conversion: row.conversion.map(Conversion::key),
            converted_at: row.converted_at.map(time),
            visit_count: row.visit_count,
            page_views: row.page_views,
            points: row.points,
            revenue: row.revenue,
        }
    }
}

impl TouchEntry {
    fn of(touch: TouchLabels) -> Self {
        Self {
            source: touch.source,
            medium: touch.medium,
            campaign: touch.campaign,
            content: touch.content,
            term: touch.term,
            channel: touch.channel,
            click_platform: touch.click_platform,
            referrer: touch.referrer_host,
        }
    }
}

impl ActionEntry {
    fn of(row: ActionRow) -> Self {
        Self {
            id: row.id,
            at: time(row.at),
            action: row.kind.key().to_owned(),
            page: row.page,
            product_id: row.product_id,
            product_name: row.product_name,
            value: row.value,
            order: row.order,
            query: row.query,
            points: row.points,
        }
    }
}

impl OrderEntry {
    fn of(row: OrderRow) -> Self {
        Self {
            number: row.number,
            created_at: time(row.created_at),
            total: row.total,
            refunded: row.refunded,
            payment_status: row.payment_status.key(),
            paid_at: row.paid_at.map(time),
            status: row.status.key(),
        }
    }
}
