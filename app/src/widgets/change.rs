//! By how much a number differs from the earlier period's: an arrow, green for good and red for bad.

use std::cmp::Ordering;

use maud::{Markup, html};
use utm_dispatcher::report::{Change, Compare, Metric, Value};

use crate::format::{self, CHANGE_DIGITS};
use crate::i18n::{Locale, td_string};
use crate::labels;

/// The change of `metric` from `before` to `now`; `compare` says which days were before.
pub fn change(locale: Locale, metric: Metric, now: &Value, before: &Value, currency: &str, compare: Compare) -> Markup {
    let change = Change::of(metric, now, before);
    let direction = change.direction(CHANGE_DIGITS);
    let (arrow, way) = match direction {
        Ordering::Greater => ("▲", td_string!(locale, change.more)),
        Ordering::Less => ("▼", td_string!(locale, change.less)),
        Ordering::Equal => ("", td_string!(locale, change.same)),
    };
    let class = match (metric.good(), direction) {
        (None, _) | (_, Ordering::Equal) => "change",
        (Some(good), way) if good == way => "change good",
        (Some(_), _) => "change bad",
    };
    let earlier = format::value(locale, before, metric.definition().0, currency);
    let earlier = format!("{} {earlier}", when(locale, compare));
    html! {
        span class=(class) title=(earlier) {
            span aria-hidden="true" { (arrow) }
            (format::change(locale, &change))
            span.sr-only { " " (way) ", " (earlier) }
        }
    }
}

/// When that was: `у попередньому періоді:`, `рік тому:`.
fn when(locale: Locale, compare: Compare) -> String {
    match compare {
        Compare::None | Compare::Previous => td_string!(locale, change.earlier).to_owned(),
        Compare::Year | Compare::Range { .. } => format!("{}:", labels::compare(locale, compare)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_when_it_was_otherwise() {
        assert_eq!(when(Locale::uk, Compare::Previous), "у попередньому періоді:");
        assert_eq!(when(Locale::uk, Compare::Year), "рік тому:");
        assert_eq!(when(Locale::en, Compare::Year), "a year earlier:");
    }
}
