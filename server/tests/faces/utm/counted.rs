//! What every endpoint says of the known day: its name, more of the query, the answer.

use serde_json::{Value, json};

type Case = (&'static str, &'static str, Value);

/// Everything.
pub fn cases() -> impl Iterator<Item = Case> {
    totals().into_iter().chain(origins()).chain(visits())
}

/// The period as a whole.
fn totals() -> Vec<Case> {
    vec![
        (
            "general_stats",
            "",
            // A product shown 3, into the cart 10, checkout 20, purchase 100 + 14; a product shown 3, lead 50 + 2.
            json!({"total_sessions": 4, "unique_visitors": 3, "total_conversions": 2, "conversion_rate": 50.0,
                   "total_revenue": 1499.0, "avg_order_value": 1499.0, "total_score": 202,
                   "avg_score_per_session": 50.5}),
        ),
        (
            "funnel",
            "",
            json!({"total": 4, "product_views": 2, "add_to_cart": 2, "initiate_checkout": 2, "leads": 2,
                   "purchases": 1, "product_views_rate": 50.0, "add_to_cart_rate": 50.0, "checkout_rate": 50.0,
                   "lead_rate": 50.0, "purchase_rate": 25.0}),
        ),
        (
            "funnel",
            "&mode=independent",
            json!({"total": 4, "product_views": 2, "add_to_cart": 1, "initiate_checkout": 1, "leads": 1,
                   "purchases": 1, "product_views_rate": 50.0, "add_to_cart_rate": 25.0, "checkout_rate": 25.0,
                   "lead_rate": 25.0, "purchase_rate": 25.0}),
        ),
        (
            "returning_visitors",
            "",
            json!({"total_sessions": 4, "first_visits": 3, "returning_visits": 1, "first_visits_rate": 75.0,
                   "returning_visits_rate": 25.0}),
        ),
        (
            "roi",
            "&ad_spend=1000",
            json!({"revenue": 1499.0, "ad_spend": 1000.0, "profit": 499.0, "roi": 49.9, "roas": 1.5,
                   "conversions": 2, "cost_per_conversion": 500.0, "avg_order_value": 1499.0}),
        ),
        (
            "roi",
            "",
            json!({"revenue": 1499.0, "ad_spend": 0.0, "profit": 1499.0, "roi": 0, "roas": 0, "conversions": 2,
                   "cost_per_conversion": 0.0, "avg_order_value": 1499.0}),
        ),
    ]
}

/// Where the sessions came from.
fn origins() -> Vec<Case> {
    vec![
        (
            "sources",
            "",
            json!([
                {"utm_source": "facebook", "sessions": 2, "conversions": 2, "conversion_rate": 100.0,
                 "revenue": 1499.0, "avg_order_value": 1499.0, "total_score": 202},
                {"utm_source": "direct", "sessions": 1, "conversions": 0, "conversion_rate": 0.0,
                 "revenue": 0.0, "avg_order_value": 0, "total_score": 0},
                {"utm_source": "google", "sessions": 1, "conversions": 0, "conversion_rate": 0.0,
                 "revenue": 0.0, "avg_order_value": 0, "total_score": 0},
            ]),
        ),
        ("campaigns", "", json!([winter(), campaign("N/A", "direct"), campaign("spring", "google")])),
        ("campaigns", "&source=facebook", json!([winter()])),
        ("campaigns", "&source=direct", json!([campaign("N/A", "direct")])),
        ("campaigns", "&source=Facebook", json!([])),
        ("content", "&campaign=N/A", json!([content("N/A", "N/A", 0, 0.0, 0)])),
        (
            "content",
            "",
            json!([
                content("N/A", "N/A", 0, 0.0, 0),
                content("N/A", "spring", 0, 0.0, 0),
                content("blue", "winter", 1, 1499.0, 147),
                content("red", "winter", 1, 0.0, 55),
            ]),
        ),
    ]
}

/// Where the visitors were, and with what in their hands.
fn visits() -> Vec<Case> {
    vec![
        (
            "geo",
            "",
            json!({
                "countries": [
                    {"country": "Ukraine", "code": "UA", "sessions": 2, "conversions": 1, "conversion_rate": 50.0},
                    {"country": "Poland", "code": "PL", "sessions": 1, "conversions": 1, "conversion_rate": 100.0},
                    {"country": "Unknown", "code": null, "sessions": 1, "conversions": 0, "conversion_rate": 0.0},
                ],
                "cities": [
                    {"city": "Kyiv", "country": "Ukraine", "sessions": 2, "conversions": 1, "conversion_rate": 50.0},
                    {"city": "Warsaw", "country": "Poland", "sessions": 1, "conversions": 1,
                     "conversion_rate": 100.0},
                    {"city": "Unknown", "country": "Unknown", "sessions": 1, "conversions": 0,
                     "conversion_rate": 0.0},
                ],
            }),
        ),
        (
            "devices",
            "",
            json!([
                visit("device_type", "mobile", [2, 1], 50.0),
                visit("device_type", "desktop", [1, 1], 100.0),
                visit("device_type", "tablet", [1, 0], 0.0),
            ]),
        ),
        (
            "browsers",
            "",
            json!([
                visit("browser_name", "Chrome Mobile", [2, 1], 50.0),
                visit("browser_name", "Chrome", [1, 1], 100.0),
                visit("browser_name", "Unknown", [1, 0], 0.0),
            ]),
        ),
        (
            "operating_systems",
            "",
            json!([
                visit("os_name", "Android", [2, 1], 50.0),
                visit("os_name", "Windows", [1, 1], 100.0),
                visit("os_name", "Unknown", [1, 0], 0.0),
            ]),
        ),
    ]
}

fn campaign(campaign: &str, source: &str) -> Value {
    json!({"utm_campaign": campaign, "utm_source": source, "sessions": 1, "conversions": 0,
           "conversion_rate": 0.0, "revenue": 0.0, "total_score": 0})
}

fn winter() -> Value {
    json!({"utm_campaign": "winter", "utm_source": "facebook", "sessions": 2, "conversions": 2,
           "conversion_rate": 100.0, "revenue": 1499.0, "total_score": 202})
}

fn content(content: &str, campaign: &str, conversions: u32, revenue: f64, score: u32) -> Value {
    json!({"utm_content": content, "utm_campaign": campaign, "sessions": 1, "conversions": conversions,
           "conversion_rate": f64::from(conversions) * 100.0, "revenue": revenue, "total_score": score})
}

fn visit(name: &str, label: &str, [sessions, conversions]: [u32; 2], rate: f64) -> Value {
    let mut row = json!({"sessions": sessions, "conversions": conversions, "conversion_rate": rate});
    row[name] = label.into();
    row
}
