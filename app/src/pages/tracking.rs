//! What is tracked and what is left out: counters and exclusions, for administrators.

use leptos::prelude::*;
use leptos_meta::Title;
use utm_dispatcher::model::Role;

use crate::error::AppError;
use crate::frame::use_frame;
use crate::functions::tracking::{AddExclusion, DeleteExclusion, SwitchExclusion, tracking};
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::routes::HOME;
use crate::widgets::{Alert, Counters, Exclusions, Footer, LanguageSwitch, ThemeSwitch};

/// The page of counters and exclusions.
#[component]
pub fn Tracking() -> impl IntoView {
    let locale = use_locale();
    let frame = use_frame();
    let is_admin = frame.viewer.is_some_and(|viewer| viewer.role >= Role::Admin);
    #[cfg(feature = "ssr")]
    if !is_admin {
        crate::context::refused(AppError::Forbidden);
    }
    let build = StoredValue::new(frame.build);
    let (add, switch, delete) = (
        ServerAction::<AddExclusion>::new(),
        ServerAction::<SwitchExclusion>::new(),
        ServerAction::<DeleteExclusion>::new(),
    );
    let overview = Resource::new(
        move || [add.version().get(), switch.version().get(), delete.version().get()],
        move |_| async move { tracking(build.get_value()).await },
    );
    let content = if is_admin {
        view! {
            <Exclusions overview add switch delete />
            <Counters overview />
        }
        .into_any()
    } else {
        view! { <Alert error=AppError::Forbidden /> }.into_any()
    };
    view! {
        <Title text=td_string!(locale, tracking.title) />
        <a class="skip" href="#main" rel="external">
            {td_string!(locale, skip)}
        </a>
        <header class="top">
            <h1>{td_string!(locale, tracking.title)}</h1>
            <div class="looks">
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
            <a class="button" href=HOME>
                {td_string!(locale, tracking.back)}
            </a>
        </header>
        <main id="main" class="board">
            {content}
        </main>
        <Footer />
    }
    .into_any()
}
