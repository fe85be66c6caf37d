//! The cards on top: the period in numbers, each beside the earlier period and with its line.

use leptos::prelude::*;
use utm_dispatcher::report::{Metric, Report, ReportQuery, Table};

use super::change::change;
use super::spark::spark;
use super::{Panel, Stat, timeseries};
use crate::desk::{Answers, use_desk};
use crate::error::AppError;
use crate::format::{self, NONE};
use crate::frame::{Frame, use_frame};
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;
use crate::ui::written;

/// What the cards count.
const METRICS: [Metric; 7] =
    [Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov, Metric::Visitors, Metric::Points];

/// What the cards ask.
pub fn queries(view: &View) -> Vec<ReportQuery> {
    vec![totals(view), timeseries::query(view)]
}

fn totals(view: &View) -> ReportQuery {
    with_spend(view.query(Report::General), &METRICS)
}

/// `query` about `metrics` and what advertising cost, unless that cannot be asked: spend has neither places nor devices.
pub fn with_spend(query: ReportQuery, metrics: &[Metric]) -> ReportQuery {
    let all = metrics.iter().copied().chain([Metric::Spend, Metric::Roas]).collect();
    let full = ReportQuery { metrics: Some(all), ..query.clone() };
    if full.check().is_ok() { full } else { ReportQuery { metrics: Some(metrics.to_vec()), ..query } }
}

/// Sessions, conversions, revenue, visitors, points and return of the period.
#[component]
pub fn Cards() -> impl IntoView {
    let locale = use_locale();
    let desk = use_desk();
    let frame = StoredValue::new(use_frame());
    let draw = move |answers: Answers| {
        Numbers::of(locale, &frame.get_value(), &answers)?;
        // They are asked for more often than all the rest.
        let cards = move || {
            let fresh = desk.fresh.get().filter(|fresh| fresh.is_newer(&answers));
            let (answers, frame) = (fresh.as_ref().unwrap_or(&answers), frame.get_value());
            Numbers::of(locale, &frame, answers).ok().map(|numbers| numbers.cards())
        };
        Ok(cards)
    };
    view! {
        <Panel title=labels::report(locale, Report::General) data=desk.answers draw bare=true />
    }
}

/// What the cards are drawn from.
struct Numbers<'a> {
    locale: Locale,
    frame: &'a Frame,
    view: &'a View,
    totals: &'a Table,
    over_time: &'a Table,
}

impl<'a> Numbers<'a> {
    fn of(locale: Locale, frame: &'a Frame, answers: &'a Answers) -> Result<Self, AppError> {
        let view = &answers.view;
        let (totals, over_time) = (answers.table(&totals(view))?, answers.table(&timeseries::query(view))?);
        Ok(Self { locale, frame, view, totals, over_time })
    }

    fn cards(&self) -> AnyView {
        let locale = self.locale;
        let beside = |metric: Metric| self.beside(metric);
        let cards = [
            self.card(td_string!(locale, cards.sessions), Metric::Sessions, "violet", None),
            self.card(td_string!(locale, cards.conversions), Metric::Conversions, "green", Some(beside(Metric::Cr))),
            self.card(td_string!(locale, cards.revenue), Metric::Revenue, "amber", Some(beside(Metric::Aov))),
            self.card(td_string!(locale, cards.visitors), Metric::Visitors, "blue", None),
            self.card(td_string!(locale, cards.points), Metric::Points, "pink", None),
            self.card(labels::metric(locale, Metric::Roas), Metric::Roas, "red", Some(self.of_spend())),
        ];
        view! { <dl class="cards">{cards.into_iter().collect_view()}</dl> }.into_any()
    }

    fn card(&self, label: &'static str, metric: Metric, tone: &'static str, note: Option<AnyView>) -> AnyView {
        let points = timeseries::known_points(self.view, &self.frame.today, self.over_time, metric);
        let value = self.value(metric);
        let spark = spark(&points);
        view! { <Stat label value change=self.change(metric) note spark tone /> }.into_any()
    }

    fn value(&self, metric: Metric) -> String {
        format::value(self.locale, self.totals.total(metric), metric.definition().0, &self.frame.currency)
    }

    /// The change of a metric that is there; nothing when no earlier period was asked for.
    fn change(&self, metric: Metric) -> Option<AnyView> {
        let is_known = self.totals.total(metric).fraction().is_some() && self.totals.previous.is_some();
        is_known.then(|| {
            let (now, before) = (self.totals.total(metric), self.totals.previous_total(metric));
            written(change(self.locale, metric, now, before, &self.frame.currency, self.view.scope.whole_compare()))
        })
    }

    /// The metric that stands under the big number, with its own change.
    fn beside(&self, metric: Metric) -> AnyView {
        let label = match metric {
            Metric::Cr => td_string!(self.locale, cards.cr),
            _ => td_string!(self.locale, cards.aov),
        };
        view! {
            {format!("{label} {}", self.value(metric))}
            " "
            {self.change(metric)}
        }
        .into_any()
    }

    /// What was spent, or why that is not known.
    fn of_spend(&self) -> AnyView {
        let locale = self.locale;
        if self.totals.column_of(Metric::Roas).is_none() {
            let filters = self.view.scope.filters.iter();
            let foreign = filters.filter(|one| !one.dimension().is_some_and(|one| one.definition().has_spend));
            let names: Vec<_> = foreign.map(|filter| labels::subject(locale, filter.subject).to_lowercase()).collect();
            return format!("{} {}", td_string!(locale, cards.spend_impossible), names.join(", ")).into_any();
        }
        if self.value(Metric::Roas) == NONE {
            return td_string!(locale, cards.spend_none).into_any();
        }
        format!("{}: {}", labels::metric(locale, Metric::Spend), self.value(Metric::Spend)).into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spend_is_asked_where_it_can_be() {
        let asks = |text: &str| {
            let view = View::read(text).unwrap();
            let all = queries(&view);
            assert!(all.iter().all(|query| query.check().is_ok()), "{text}: {all:?}");
            (all[0].metrics().contains(&Metric::Roas), all[1].metrics().contains(&Metric::Roas))
        };
        assert_eq!(asks("period=week"), (true, true));
        assert_eq!(asks("period=week&filter=source:is:facebook"), (true, true));
        // Spend is known by day.
        assert_eq!(asks("period=today"), (true, false));
        for filter in ["country:is:UA", "device_type:is:mobile", "action:has:purchase"] {
            assert_eq!(asks(&format!("period=week&filter={filter}")), (false, false), "{filter}");
        }
    }
}
