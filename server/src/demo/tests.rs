//! The world as a whole: the same twice, by the rules of live traffic, and with every fate in it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::session::TIMEOUT;
use utm_dispatcher::model::{Action, Id, OrderStatus, PaymentStatus};
use utm_dispatcher::store::StoredOrder;
use utm_dispatcher::tracking::{Agents, Request, Rules, bot, read};

use super::*;

const KYIV: chrono_tz::Tz = chrono_tz::Tz::Europe__Kyiv;
/// 2026-11-30T12:00:00Z, the Monday after Black Friday.
const MONDAY: Millis = 1_796_040_000_000;

fn options(sessions: u64) -> Options {
    Options { sessions, days: 120, seed: 7, until: Some(MONDAY), actions: Actions::Full }
}

fn rows(options: &Options) -> Stretch {
    let mut stretch = Stretch::default();
    let mut ledger = Ledger::default();
    for visit in World::new(options, MONDAY, KYIV) {
        ledger.enter(visit, &mut stretch);
    }
    ledger.close(&mut stretch);
    stretch
}

#[test]
fn one_seed_is_one_world() {
    assert_eq!(rows(&options(800)), rows(&options(800)));
    assert_ne!(rows(&options(800)), rows(&Options { seed: 8, ..options(800) }));
}

#[test]
fn there_are_as_many_sessions_as_were_asked_for_all_in_the_past() {
    for (sessions, days) in [(1, 1), (37, 3), (2000, 1)] {
        let rows = rows(&Options { days, ..options(sessions) });
        assert_eq!(rows.sessions.len() as u64, sessions);
        assert!(rows.sessions.iter().all(|session| session.hit.at < MONDAY && session.last_seen < MONDAY));
        assert!(rows.actions.iter().all(|action| action.at < MONDAY));
        assert!(rows.orders.iter().all(|sold| sold.order.state.updated_at < Some(MONDAY)));
    }
}

#[test]
fn ids_rise_with_time() {
    let rows = rows(&options(3000));
    assert!(rows.sessions.is_sorted_by_key(|session| (session.hit.at, session.id)));
    assert!(rows.actions.is_sorted_by_key(|action| action.at));
    assert!(rows.actions.is_sorted_by_key(|action| action.id));
    assert!(rows.orders.is_sorted_by_key(|sold| (sold.order.state.created_at, sold.order.id)));
    let ids: HashSet<Id> = rows
        .sessions
        .iter()
        .map(|session| session.id)
        .chain(rows.actions.iter().map(|action| action.id))
        .chain(rows.orders.iter().map(|sold| sold.order.id))
        .collect();
    assert_eq!(ids.len(), rows.sessions.len() + rows.actions.len() + rows.orders.len());
}

#[test]
fn visitors_come_again_only_when_their_session_is_over() {
    let rows = rows(&options(5000));
    let mut seen: HashMap<Id, (i64, Millis, String)> = HashMap::new();
    for session in &rows.sessions {
        let key = session.hit.visitor.0.clone();
        let (ordinal, last, known) = seen.get(&session.visitor_id).cloned().unwrap_or((0, Millis::MIN, key.clone()));
        assert_eq!((session.ordinal, &key), (ordinal + 1, &known));
        assert!(session.hit.at.saturating_sub(last) > TIMEOUT, "{session:?}");
        assert!(session.last_seen >= session.hit.at);
        seen.insert(session.visitor_id, (session.ordinal, session.last_seen, key));
    }
    let keys: HashSet<&String> = seen.values().map(|(_, _, key)| key).collect();
    assert_eq!(keys.len(), seen.len());
    let again = seen.values().filter(|(ordinal, ..)| *ordinal > 1).count();
    assert!(again * 10 > seen.len(), "{again} of {} came again", seen.len());
    assert!(seen.values().any(|(ordinal, ..)| *ordinal > 4));
}

/// Counts again, by plain loops over actions and orders, what the sessions say of themselves.
#[test]
fn counters_are_what_a_recount_gives() {
    for actions in [Actions::Full, Actions::Few] {
        let rows = rows(&Options { actions, ..options(6000) });
        let mut actions_of: HashMap<Id, Vec<&Action>> = HashMap::new();
        for action in &rows.actions {
            actions_of.entry(action.session_id).or_default().push(action);
        }
        let mut orders_of: HashMap<Id, Vec<&StoredOrder>> = HashMap::new();
        for sold in &rows.orders {
            if let Some((visitor, session)) = sold.order.session {
                assert_eq!(
                    rows.sessions.iter().find(|other| other.id == session).map(|of| of.visitor_id),
                    Some(visitor)
                );
                orders_of.entry(session).or_default().push(sold);
            }
        }
        assert!(rows.orders.iter().any(|sold| sold.order.session.is_none()));
        for session in &rows.sessions {
            let actions = actions_of.remove(&session.id).unwrap_or_default();
            let orders = orders_of.remove(&session.id).unwrap_or_default();
            let (mut pages, mut others, mut points, mut last) = (0, 0, 0, session.hit.at);
            let mut had = BTreeSet::new();
            for action in &actions {
                assert_eq!(action.visitor_id, session.visitor_id);
                if action.what.kind.is_conversion() {
                    continue;
                }
                let is_new = had.insert((action.what.kind.key().to_owned(), action.what.subject().to_owned()));
                assert_eq!(action.points, if is_new { action.what.kind.points() } else { 0 });
                assert!((0..=TIMEOUT).contains(&(action.at - last)), "{session:?}");
                points += action.points;
                last = action.at;
                if action.what.kind == ActionKind::PageView { pages += 1 } else { others += 1 }
            }
            let tally = session.tally;
            let counted = tally.product_views
                + tally.add_to_cart
                + tally.remove_from_cart
                + tally.initiate_checkout
                + tally.searches
                + tally.other_actions;
            assert_eq!((tally.page_views, counted, tally.points), (pages, others, points));
            assert_eq!(session.last_seen, last);
            assert_eq!(tally.is_bounce(), pages <= 1 && others == 0);
            let sales = session.sales;
            let stored =
                (sales.has_lead, sales.has_purchase, sales.converted_at, sales.orders, sales.revenue, sales.refunds);
            let (counted, points) = recount(&orders, &actions);
            assert_eq!((stored, sales.points), (counted, points));
        }
    }
}

/// Lead, purchase, the earliest conversion, orders, revenue and refunds.
type Sold = (bool, bool, Option<Millis>, i64, Money, Money);

/// What the orders of a session make of it, and the points of its conversions, counted again.
fn recount(orders: &[&StoredOrder], actions: &[&Action]) -> (Sold, i64) {
    let (mut lead, mut purchase, mut at) = (false, false, None);
    let (mut count, mut revenue, mut refunds, mut points) = (0, Money::ZERO, Money::ZERO, 0);
    for sold in orders {
        let state = &sold.order.state;
        let is_void = matches!(state.status, OrderStatus::Cancelled | OrderStatus::Returned);
        let is_paid = state.payment_status == PaymentStatus::Paid;
        let is_part = matches!(state.payment_status, PaymentStatus::Prepaid | PaymentStatus::Partial);
        if is_paid && !is_void {
            count += 1;
            revenue = revenue + (state.total - state.refunded);
            refunds = refunds + state.refunded;
        }
        let stands = !is_void && state.refunded < state.total;
        purchase |= stands && is_paid;
        lead |= stands && is_part;
        if stands && (is_paid || is_part) {
            at = [at, sold.lead_at, sold.purchase_at].into_iter().flatten().min();
        }
        for action in actions.iter().filter(|action| action.what.order.as_ref() == Some(&state.number)) {
            assert!(action.what.kind.is_conversion());
            assert_eq!(action.points > 0, stands);
            points += action.points;
        }
    }
    ((lead, purchase, at, count, revenue, refunds), points)
}

#[test]
fn every_hit_is_what_tracking_reads_of_such_a_request() {
    let mut sources = BTreeMap::new();
    let mut click_ids = BTreeSet::new();
    let mut returned = 0;
    for visit in World::new(&Options { days: 400, ..options(6000) }, MONDAY, KYIV) {
        let hit = visit.hit;
        *sources.entry((hit.touch.source.clone(), hit.touch.channel.clone())).or_insert(0) += 1;
        click_ids.extend(hit.click_ids.iter().map(|id| id.name.clone()));
        returned += usize::from(visit.ordinal > 1);
        let raw = [
            ("utm_source", &hit.touch.utm.source, &hit.touch.raw.source),
            ("utm_medium", &hit.touch.utm.medium, &hit.touch.raw.medium),
            ("utm_campaign", &hit.touch.utm.campaign, &hit.touch.raw.campaign),
            ("utm_content", &hit.touch.utm.content, &hit.touch.raw.content),
            ("utm_term", &hit.touch.utm.term, &hit.touch.raw.term),
        ];
        let values = raw.into_iter().filter_map(|(name, clean, raw)| Some((name, raw.as_ref().or(clean.as_ref())?)));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(values)
            .extend_pairs(hit.click_ids.iter().map(|id| (&id.name, &id.value)))
            .finish();
        let bytes = |text: &'_ Option<String>| text.clone().map(String::into_bytes);
        let agent = &hit.agent;
        let owned = [&agent.brands, &agent.mobile, &agent.platform, &agent.platform_version, &agent.model].map(bytes);
        let [brands, mobile, platform, platform_version, model] = owned.each_ref().map(Option::as_deref);
        let request = Request {
            path: &hit.path,
            query: query.as_bytes(),
            referrer: hit.referrer.as_deref().map(str::as_bytes),
            user_agent: Some(agent.user_agent.as_bytes()),
            brands,
            mobile,
            platform,
            platform_version,
            model,
            accept_language: agent.language.as_deref().map(str::as_bytes),
            fbc: hit.meta_cookies.0.as_deref().map(str::as_bytes),
            fbp: hit.meta_cookies.1.as_deref().map(str::as_bytes),
            peer: hit.ip,
            host: Some(b"shop.example"),
            ..Request::default()
        };
        let draft = read(&request, &Rules::default(), hit.at).unwrap();
        assert_eq!(draft.of(hit.visitor.clone()), hit);
    }
    assert!(returned > 1500, "{returned}");
    for source in
        ["instagram", "facebook", "google", "tiktok", "telegram", "viber", "direct", "hotline", "rozetka", "chatgpt"]
    {
        assert!(sources.keys().any(|(name, _)| name == source), "{source}");
    }
    for channel in [
        "paid_social",
        "organic_social",
        "paid_search",
        "organic_search",
        "cross_network",
        "email",
        "messengers",
        "direct",
        "ai_assistant",
        "sms",
        "affiliates",
        "referral",
    ] {
        assert!(sources.keys().any(|(_, name)| name == channel), "{channel}");
    }
    for name in ["fbclid", "gclid", "ttclid", "gbraid", "srsltid", "mc_eid"] {
        assert!(click_ids.contains(name), "{name}");
    }
}

#[test]
fn browsers_are_people_and_what_tracking_takes_them_for() {
    let mut agents = Agents::new();
    for browser in clients::BROWSERS {
        assert_eq!(bot(browser.user_agent), None, "{}", browser.user_agent);
        assert_eq!(*agents.client(&browser.agent("uk")), browser.client("uk"), "{}", browser.user_agent);
    }
}

#[test]
fn sources_differ_in_what_they_are_worth() {
    let rows = rows(&options(20_000));
    let mut by_source: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for session in &rows.sessions {
        let (sessions, converted) = by_source.entry(session.hit.touch.source.as_str()).or_default();
        *sessions += 1;
        *converted += u32::from(session.sales.conversion().is_some());
    }
    let rate = |source: &str| f64::from(by_source[source].1) / f64::from(by_source[source].0);
    assert!(rate("newsletter") > rate("instagram") && rate("instagram") > rate("tiktok"), "{by_source:#?}");
    let mut summary = Summary::default();
    summary.add(&rows);
    let conversions: u32 = by_source.values().map(|(_, converted)| converted).sum();
    let share = f64::from(conversions) / 20_000.0;
    assert!((0.015..0.05).contains(&share), "{share} {summary}");
    assert!(summary.revenue > Money(50_000_000), "{summary}");
}

#[test]
fn few_actions_leave_everything_else_as_it_is() {
    let (few, full) = (rows(&Options { actions: Actions::Few, ..options(3000) }), rows(&options(3000)));
    assert!(few.actions.len() < full.actions.len());
    for (few, full) in few.sessions.iter().zip(&full.sessions) {
        assert_eq!((&few.hit, few.ordinal, few.sales), (&full.hit, full.ordinal, full.sales));
        assert_eq!(few.tally.is_bounce(), full.tally.is_bounce());
    }
    assert_eq!(few.orders.len(), full.orders.len());
}

#[test]
fn the_world_ends_between_the_years_of_ids() {
    assert_eq!(instant("2026-11-30T14:00:00+02:00"), Ok(MONDAY));
    for text in ["", "2026-11-30", "2026-11-30T14:00:00", "2019-12-31T23:59:59Z", "2089-01-01T00:00:00Z"] {
        assert!(instant(text).is_err(), "{text}");
    }
}
