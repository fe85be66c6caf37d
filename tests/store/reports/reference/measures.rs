//! What a group comes to in each metric.

use super::*;

pub fn line(shop: &Shop, query: &ReportQuery, key: &Key2, group: &Group, total: &Group) -> Vec<Cell> {
    let label = |(value, dimension): (&Option<String>, &D)| match value {
        None => Cell::Null,
        Some(text) if matches!(dimension, D::Hour | D::Weekday) => Cell::Number(text.parse().unwrap(), 1),
        Some(text) => Cell::Text(text.clone()),
    };
    let labels = key.iter().zip(query.dimensions()).map(label);
    labels.chain(query.metrics().iter().map(|metric| measured(shop, query, *metric, group, total))).collect()
}

pub fn measured(shop: &Shop, query: &ReportQuery, metric: M, group: &Group, total: &Group) -> Cell {
    let is_of_actions = query.dimensions().iter().any(|one| matches!(one, D::Product | D::SearchTerm));
    let size = |length: usize| i128::try_from(length).unwrap();
    let place = |visit: &Visit| shop.visits.iter().position(|other| other.id == visit.id).unwrap();
    let count = |test: &dyn Fn(&Visit) -> bool| size(group.visits.iter().filter(|visit| test(visit)).count());
    let had = |visit: &Visit, kind: &str| had(shop, visit, place(visit), kind);
    let is_lead = |visit: &Visit| {
        let mut own = shop.orders.iter().filter(|sold| sold.visit == Some(place(visit)) && stands(sold));
        visit.done.iter().any(|done| done.kind == ActionKind::Lead)
            || own.any(|sold| matches!(sold.payment, PaymentStatus::Prepaid | PaymentStatus::Partial))
    };
    let actions = |kind: ActionKind| {
        let all: Vec<_> = group.visits.iter().flat_map(|visit| &visit.done).collect();
        let rows = if is_of_actions && !std::ptr::eq(group, total) { group.actions.clone() } else { all };
        size(rows.iter().filter(|done| done.kind == kind).count())
    };
    let steps = ["product_view", "add_to_cart", "initiate_checkout", "lead", "purchase"];
    let reached = |step: usize| {
        count(&|visit| match query.mode {
            Mode::Nested => steps[step..].iter().any(|kind| had(visit, kind)),
            Mode::Independent => had(visit, steps[step]),
        })
    };
    let sessions = size(group.visits.len());
    let visitors = |test: &dyn Fn(&Visit) -> bool| {
        let mut ids: Vec<i64> = group.visits.iter().filter(|visit| test(visit)).map(|visit| visit.visitor).collect();
        ids.sort_unstable();
        ids.dedup();
        size(ids.len())
    };
    let new = visitors(&|visit| visit.is_first);
    let sold: Vec<_> = group.orders.iter().filter(|sold| is_revenue(sold)).collect();
    let revenue: i128 = sold.iter().map(|sold| i128::from(sold.total - sold.refunded)).sum();
    let refunds: i128 = sold.iter().map(|sold| i128::from(sold.refunded)).sum();
    let orders = size(sold.len());
    let conversions = count(&|visit| is_lead(visit) || had(visit, "purchase"));
    let purchases = count(&|visit| had(visit, "purchase"));
    let points = || -> i128 {
        let of_actions = |visit: &&Visit| visit.done.iter().map(|done| i128::from(done.points)).sum::<i128>();
        group.visits.iter().map(|visit| of_actions(visit) + order_points(shop, place(visit))).sum()
    };
    let seconds: i128 = group.visits.iter().map(|visit| i128::from(visit.seconds)).sum();
    let pages = actions(ActionKind::PageView);
    let bounces =
        count(&|visit| visit.done.len() <= 1 && visit.done.iter().all(|done| done.kind == ActionKind::PageView));
    let spend: i128 = group.spend.iter().map(|spent| i128::from(spent.amount)).sum();
    let clicks: i128 = group.spend.iter().map(|spent| i128::from(spent.clicks)).sum();
    let impressions: i128 = group.spend.iter().map(|spent| i128::from(spent.impressions)).sum();
    let per = |of: i128, per: i128| if per == 0 { Cell::Null } else { Cell::Number(of, per) };
    let whole = |number: i128| Cell::Number(number, 1);
    match metric {
        M::Sessions => whole(sessions),
        M::Visitors => whole(visitors(&|_| true)),
        M::NewVisitors => whole(new),
        M::ReturningVisitors => whole(visitors(&|_| true) - new),
        M::PageViews => whole(pages),
        M::PagesPerSession => per(pages, sessions),
        M::Duration => per(seconds, sessions),
        M::BounceRate => per(bounces * 100, sessions),
        M::ProductViews => whole(actions(ActionKind::ProductView)),
        M::AddToCart => whole(actions(ActionKind::AddToCart)),
        M::RemoveFromCart => whole(actions(ActionKind::RemoveFromCart)),
        M::InitiateCheckout => whole(actions(ActionKind::InitiateCheckout)),
        M::Searches => whole(actions(ActionKind::Search)),
        M::Leads => whole(count(&is_lead)),
        M::Purchases => whole(purchases),
        M::Conversions => whole(conversions),
        M::Cr => per(conversions * 100, sessions),
        M::Orders => whole(orders),
        M::Revenue => whole(revenue),
        M::Refunds => whole(refunds),
        M::Aov => per(revenue, orders),
        M::RevenuePerSession => per(revenue, sessions),
        M::Points => whole(points()),
        M::PointsPerSession => per(points(), sessions),
        M::Spend => whole(spend),
        M::Clicks => whole(clicks),
        M::Impressions => whole(impressions),
        M::Cpc => per(spend, clicks),
        M::Cpa => per(spend, conversions),
        M::Roas => per(revenue, spend),
        M::Roi => per((revenue - spend) * 100, spend),
        M::Profit => whole(revenue - spend),
        M::Share => per(sessions * 100, size(total.visits.len())),
        M::FunnelProductView => whole(reached(0)),
        M::FunnelAddToCart => whole(reached(1)),
        M::FunnelInitiateCheckout => whole(reached(2)),
        M::FunnelLead => whole(reached(3)),
        M::FunnelPurchase => whole(reached(4)),
        M::ProductViewRate => per(reached(0) * 100, sessions),
        M::AddToCartRate => per(reached(1) * 100, sessions),
        M::InitiateCheckoutRate => per(reached(2) * 100, sessions),
        M::LeadRate => per(reached(3) * 100, sessions),
        M::PurchaseRate => per(reached(4) * 100, sessions),
        M::AddToCartStepRate => per(reached(1) * 100, reached(0)),
        M::InitiateCheckoutStepRate => per(reached(2) * 100, reached(1)),
        M::LeadStepRate => per(reached(3) * 100, reached(2)),
        M::PurchaseStepRate => per(reached(4) * 100, reached(3)),
    }
}

/// 50 for a lead, 100 for a purchase, and one for each whole hundred of what it is worth; nothing once it has fallen.
pub fn order_points(shop: &Shop, place: usize) -> i128 {
    let own = shop.orders.iter().filter(|sold| sold.visit == Some(place) && stands(sold));
    let points = own.map(|sold| {
        let bonus = sold.total / 100 / 100;
        let lead = if sold.lead_at.is_some() { 50 + bonus } else { 0 };
        let purchase = if sold.payment == PaymentStatus::Paid { 100 + bonus } else { 0 };
        lead + purchase
    });
    points.map(i128::from).sum()
}
