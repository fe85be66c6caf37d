//! The session rule: does what happened belong to a session that is there, or does it open one?

use crate::model::Millis;
use crate::model::session::TIMEOUT;
use crate::model::touch::{ClickId, Utm};
use crate::model::visitor::Hit;

/// What the rule needs to know of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it opened.
    pub started_at: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// The five values of the link that opened it; `None` when they were not kept (the day had no room for more
    /// different ones), so that nothing can be compared with them.
    pub campaign: Option<Utm>,
    /// The click ids of that link.
    pub click_ids: Vec<ClickId>,
}

/// The place in `spans` (a visitor's sessions, the oldest first) of the session that something at `at` belongs to;
/// `None` when it opens a new one.
///
/// Only what follows on the newest session may open another one by its campaign. What comes late joins the
/// session whose span holds it and changes nothing else.
pub fn belongs(spans: &[Span], hit: &Hit, at: Millis) -> Option<usize> {
    let newest = spans.len().checked_sub(1)?;
    if at >= spans[newest].started_at {
        return (at - spans[newest].last_seen <= TIMEOUT && !is_new_campaign(&spans[newest], hit)).then_some(newest);
    }
    // The newest one too: two requests of one page may arrive in either order.
    spans.iter().rposition(|span| span.started_at - TIMEOUT <= at && at <= span.last_seen + TIMEOUT)
}

/// Does the link carry a value or click id other than the one with which the session opened? What the session
/// lacks counts as different; what the link lacks compares nothing.
fn is_new_campaign(span: &Span, hit: &Hit) -> bool {
    let other_utm = span.campaign.as_ref().is_some_and(|opened| {
        hit.utm.values().iter().zip(opened.values()).any(|(new, old)| new.is_some() && *new != old)
    });
    let other_click = hit.click_ids.iter().any(|click| !span.click_ids.contains(click));
    other_utm || other_click
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::touch::Touch;
    use crate::model::visitor::{Agent, VisitorKey};

    const MINUTE: Millis = 60_000;

    fn utm(source: &str, campaign: &str) -> Utm {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Utm { source: some(source), campaign: some(campaign), ..Utm::default() }
    }

    fn click(value: &str) -> Vec<ClickId> {
        if value.is_empty() { vec![] } else { vec![ClickId { name: "gclid".into(), value: value.into() }] }
    }

    fn hit(utm: Utm, click_ids: Vec<ClickId>) -> Hit {
        Hit {
            at: 0,
            visitor: VisitorKey("v".into()),
            before: vec![],
            utm,
            click_ids,
            meta_cookies: (None, None),
            touch: Touch::default(),
            path: "/".into(),
            referrer: None,
            ip: None,
            agent: Agent::default(),
        }
    }

    fn span(started_at: Millis, last_seen: Millis) -> Span {
        Span { started_at, last_seen, campaign: Some(utm("facebook", "winter")), click_ids: click("a") }
    }

    #[test]
    fn a_session_ends_after_more_than_thirty_minutes() {
        let spans = [span(0, 10 * MINUTE)];
        let plain = hit(Utm::default(), vec![]);
        assert_eq!(belongs(&[], &plain, 0), None);
        assert_eq!(belongs(&spans, &plain, 40 * MINUTE), Some(0));
        assert_eq!(belongs(&spans, &plain, 40 * MINUTE + 1), None);
    }

    #[test]
    fn a_campaign_opens_a_session_only_when_it_is_another_one() {
        let cases = [
            ("the same link again", utm("facebook", "winter"), "a", Some(0)),
            ("no campaign at all", utm("", ""), "", Some(0)),
            ("only the source, the same", utm("facebook", ""), "", Some(0)),
            ("another campaign", utm("facebook", "summer"), "a", None),
            ("another click", utm("", ""), "b", None),
            ("another source", utm("google", ""), "", None),
        ];
        for (what, utm, id, expected) in cases {
            assert_eq!(belongs(&[span(0, MINUTE)], &hit(utm, click(id)), 2 * MINUTE), expected, "{what}");
        }
    }

    #[test]
    fn a_value_that_the_session_lacks_counts_as_different() {
        let direct = Span { campaign: Some(Utm::default()), click_ids: vec![], ..span(0, MINUTE) };
        assert_eq!(belongs(std::slice::from_ref(&direct), &hit(utm("", "winter"), vec![]), 2 * MINUTE), None);
        assert_eq!(belongs(&[direct], &hit(Utm::default(), click("a")), 2 * MINUTE), None);
    }

    #[test]
    fn values_that_were_not_kept_are_compared_with_nothing() {
        let capped = Span { campaign: None, ..span(0, MINUTE) };
        assert_eq!(belongs(std::slice::from_ref(&capped), &hit(utm("google", "x"), click("a")), 2 * MINUTE), Some(0));
        assert_eq!(belongs(&[capped], &hit(utm("google", "x"), click("b")), 2 * MINUTE), None);
    }

    #[test]
    fn what_comes_late_joins_the_session_that_holds_it_whatever_its_campaign() {
        let spans = [span(0, 10 * MINUTE), span(200 * MINUTE, 210 * MINUTE)];
        let other = hit(utm("google", "x"), click("z"));
        assert_eq!(belongs(&spans, &other, 5 * MINUTE), Some(0));
        assert_eq!(belongs(&spans, &other, 200 * MINUTE - 1), Some(1));
        assert_eq!(belongs(&spans, &other, 100 * MINUTE), None);
    }
}
