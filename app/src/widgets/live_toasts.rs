//! A quiet notice of each sale.

use leptos::prelude::*;
use utm_dispatcher::model::Id;
use utm_dispatcher::model::live::Moment;

use super::live_feed::{money, what};
use super::narrow::place_name;
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::live::use_live;
use crate::ui::toast::{Toast, Toasts};

/// The sales of this moment.
#[component]
pub fn LiveToasts() -> impl IntoView {
    let locale = use_locale();
    let currency = use_frame().currency;
    let Some(live) = use_live() else { return ().into_any() };
    let toasts = move || live.sales.with(|sales| sales.iter().map(|sale| toast(locale, &currency, sale)).collect());
    view! {
        <Toasts
            toasts=Signal::derive(toasts)
            close=Callback::new(move |id| live.dismiss(Id(id)))
            label=td_string!(locale, live.toasts)
            close_label=td_string!(locale, live.close)
        />
    }
    .into_any()
}

fn toast(locale: Locale, currency: &str, sale: &Moment) -> Toast {
    let amount = sale.amount.map(|amount| money(locale, amount.0, currency));
    let title = std::iter::once(what(locale, &sale.what)).chain(amount).collect::<Vec<_>>().join(" · ");
    let place = place_name(locale, &sale.place);
    let detail = std::iter::once(sale.source.clone()).chain(place).collect::<Vec<_>>().join(" · ");
    Toast { id: sale.id.0, title, detail }
}
