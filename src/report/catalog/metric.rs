//! Every metric: what can be counted.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Aggregate, Dimension, Fact, Formula, Measure, Per, Step, Unit, catalogue};

/// A metric's unit and formula.
pub type MetricLine = (Unit, Formula);

const fn measure(fact: Fact, aggregate: Aggregate) -> Measure {
    Measure { fact, aggregate }
}

/// How many sessions.
pub const SESSIONS: Measure = measure(Fact::Session, Aggregate::Count);
const VISITORS: Measure = measure(Fact::Session, Aggregate::DistinctVisitors);
const FIRST: Measure = measure(Fact::Session, Aggregate::CountIf("is_first"));
const BOUNCES: Measure = measure(Fact::Session, Aggregate::CountIf("is_bounce"));
const DURATION: Measure = measure(Fact::Session, Aggregate::Sum("duration"));
const CONVERSIONS: Measure = measure(Fact::Session, Aggregate::CountIf("is_converted"));
const POINTS: Measure = measure(Fact::Session, Aggregate::Sum("points"));
const PAGE_VIEWS: Measure = actions("page_views", "page_view");
const ORDERS: Measure = measure(Fact::Order, Aggregate::Sum("orders"));
const REVENUE: Measure = measure(Fact::Order, Aggregate::Sum("revenue"));
const REFUNDS: Measure = measure(Fact::Order, Aggregate::Sum("refunds"));
const SPEND: Measure = measure(Fact::Spend, Aggregate::Sum("amount"));
const CLICKS: Measure = measure(Fact::Spend, Aggregate::Sum("clicks"));
const IMPRESSIONS: Measure = measure(Fact::Spend, Aggregate::Sum("impressions"));

const fn actions(counter: &'static str, kind: &'static str) -> Measure {
    measure(Fact::Action, Aggregate::Actions(counter, kind))
}

const fn step(step: Step) -> Measure {
    measure(Fact::Session, Aggregate::Reached(step))
}

const fn total(unit: Unit, of: Measure) -> MetricLine {
    (unit, Formula { of, less: None, per: Per::One, times: 1 })
}

const fn difference(unit: Unit, of: Measure, less: Measure) -> MetricLine {
    (unit, Formula { of, less: Some(less), per: Per::One, times: 1 })
}

const fn quotient(unit: Unit, of: Measure, per: Measure) -> MetricLine {
    (unit, Formula { of, less: None, per: Per::Measure(per), times: 1 })
}

const fn percent(of: Measure, per: Measure) -> MetricLine {
    (Unit::Percent, Formula { of, less: None, per: Per::Measure(per), times: 100 })
}

use Unit::{Count, Money, Number, Percent, Seconds};

catalogue! {
    /// Something that can be counted.
    Metric, NotMetric, "metric", MetricLine, {
        /// Sessions that started in the period.
        Sessions "sessions" => total(Count, SESSIONS),
        /// Distinct visitors.
        Visitors "visitors" => total(Count, VISITORS),
        /// Visitors whose first session is among these.
        NewVisitors "new_visitors" => total(Count, FIRST),
        /// The other visitors: they were here before.
        ReturningVisitors "returning_visitors" => difference(Count, VISITORS, FIRST),
        /// Pages that were shown.
        PageViews "page_views" => total(Count, PAGE_VIEWS),
        /// Pages per session.
        PagesPerSession "pages_per_session" => quotient(Number, PAGE_VIEWS, SESSIONS),
        /// Seconds from a session's start to its last page view or action, on average over all sessions.
        Duration "duration" => quotient(Seconds, DURATION, SESSIONS),
        /// Sessions of at most one page and nothing else, per hundred sessions.
        BounceRate "bounce_rate" => percent(BOUNCES, SESSIONS),
        /// How often products were shown.
        ProductViews "product_views" => total(Count, actions("product_views", "product_view")),
        /// How often something went into a cart.
        AddToCart "add_to_cart" => total(Count, actions("add_to_cart", "add_to_cart")),
        /// How often something left a cart.
        RemoveFromCart "remove_from_cart" => total(Count, actions("remove_from_cart", "remove_from_cart")),
        /// How often a checkout was opened.
        InitiateCheckout "initiate_checkout" => total(Count, actions("initiate_checkout", "initiate_checkout")),
        /// How often the shop was searched.
        Searches "searches" => total(Count, actions("searches", "search")),
        /// Sessions with an order that is prepaid and stands.
        Leads "leads" => total(Count, measure(Fact::Session, Aggregate::CountIf("has_lead"))),
        /// Sessions with an order that is paid and stands.
        Purchases "purchases" => total(Count, measure(Fact::Session, Aggregate::CountIf("has_purchase"))),
        /// Sessions with a lead or a purchase that stands.
        Conversions "conversions" => total(Count, CONVERSIONS),
        /// Conversions per hundred sessions.
        Cr "cr" => percent(CONVERSIONS, SESSIONS),
        /// Paid orders that were neither called off nor sent back.
        Orders "orders" => total(Count, ORDERS),
        /// Their totals less what was refunded.
        Revenue "revenue" => total(Money, REVENUE),
        /// What was refunded of them.
        Refunds "refunds" => total(Money, REFUNDS),
        /// Revenue per order.
        Aov "aov" => quotient(Money, REVENUE, ORDERS),
        /// Revenue per session.
        RevenuePerSession "revenue_per_session" => quotient(Money, REVENUE, SESSIONS),
        /// Points of all actions.
        Points "points" => total(Count, POINTS),
        /// Points per session.
        PointsPerSession "points_per_session" => quotient(Number, POINTS, SESSIONS),
        /// What advertising cost on these days.
        Spend "spend" => total(Money, SPEND),
        /// Clicks that were paid for.
        Clicks "clicks" => total(Count, CLICKS),
        /// How often advertisements were shown.
        Impressions "impressions" => total(Count, IMPRESSIONS),
        /// Spend per click.
        Cpc "cpc" => quotient(Money, SPEND, CLICKS),
        /// Spend per conversion.
        Cpa "cpa" => quotient(Money, SPEND, CONVERSIONS),
        /// Revenue per unit of spend.
        Roas "roas" => quotient(Number, REVENUE, SPEND),
        /// Profit per hundred of spend.
        Roi "roi" =>
            (Percent, Formula { of: REVENUE, less: Some(SPEND), per: Per::Measure(SPEND), times: 100 }),
        /// Revenue less spend.
        Profit "profit" => difference(Money, REVENUE, SPEND),
        /// Sessions per hundred of all sessions that are asked about.
        Share "share" => (Percent, Formula { of: SESSIONS, less: None, per: Per::Total, times: 100 }),
        /// Sessions in which a product was shown.
        FunnelProductView "funnel_product_view" => total(Count, step(Step::ProductView)),
        /// Sessions in which something went into the cart.
        FunnelAddToCart "funnel_add_to_cart" => total(Count, step(Step::AddToCart)),
        /// Sessions in which the checkout was opened.
        FunnelInitiateCheckout "funnel_initiate_checkout" => total(Count, step(Step::InitiateCheckout)),
        /// Sessions with a lead that stands.
        FunnelLead "funnel_lead" => total(Count, step(Step::Lead)),
        /// Sessions with a purchase that stands.
        FunnelPurchase "funnel_purchase" => total(Count, step(Step::Purchase)),
        /// Sessions with a product shown, per hundred sessions.
        ProductViewRate "product_view_rate" => percent(step(Step::ProductView), SESSIONS),
        /// Sessions with something put into the cart, per hundred sessions.
        AddToCartRate "add_to_cart_rate" => percent(step(Step::AddToCart), SESSIONS),
        /// Sessions with a checkout opened, per hundred sessions.
        InitiateCheckoutRate "initiate_checkout_rate" => percent(step(Step::InitiateCheckout), SESSIONS),
        /// Sessions with a lead, per hundred sessions.
        LeadRate "lead_rate" => percent(step(Step::Lead), SESSIONS),
        /// Sessions with a purchase, per hundred sessions.
        PurchaseRate "purchase_rate" => percent(step(Step::Purchase), SESSIONS),
        /// Carts per hundred sessions with a product shown.
        AddToCartStepRate "add_to_cart_step_rate" => percent(step(Step::AddToCart), step(Step::ProductView)),
        /// Checkouts per hundred sessions with a cart.
        InitiateCheckoutStepRate "initiate_checkout_step_rate" =>
            percent(step(Step::InitiateCheckout), step(Step::AddToCart)),
        /// Leads per hundred sessions with a checkout.
        LeadStepRate "lead_step_rate" => percent(step(Step::Lead), step(Step::InitiateCheckout)),
        /// Purchases per hundred sessions with a lead.
        PurchaseStepRate "purchase_step_rate" => percent(step(Step::Purchase), step(Step::Lead)),
    }
}

impl Metric {
    /// Can it be told apart by `dimension`? Spend has neither places nor devices, a product has no money.
    pub fn is_split_by(self, dimension: Dimension) -> bool {
        let line = dimension.definition();
        self.definition().1.measures().all(|measure| match measure.fact {
            Fact::Spend => line.has_spend,
            Fact::Order => !line.is_of_actions(),
            Fact::Session => {
                !line.is_of_actions() || (measure != BOUNCES && !matches!(measure.aggregate, Aggregate::Sum(_)))
            }
            // No action shows a page and a product at once.
            Fact::Action => !line.is_of_actions() || measure != PAGE_VIEWS,
        })
    }

    /// Which way is good: more of most, less of what costs; `None` where neither is.
    pub fn good(self) -> Option<Ordering> {
        match self {
            Self::BounceRate | Self::RemoveFromCart | Self::Refunds | Self::Cpc | Self::Cpa => Some(Ordering::Less),
            Self::Spend => None,
            _ => Some(Ordering::Greater),
        }
    }

    /// Is it counted from what was imported of advertising?
    pub fn is_of_spend(self) -> bool {
        self.definition().1.measures().any(|measure| measure.fact == Fact::Spend)
    }
}
