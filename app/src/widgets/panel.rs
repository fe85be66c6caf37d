//! The frame around a widget: waiting, errors and dimming of old numbers, once for all.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Alert;
use crate::desk::Desk;
use crate::error::AppError;
use crate::i18n::td_string;
use crate::language::use_locale;

/// Draws `data` once it is there; draws it anew, the old dimmed meanwhile, whenever it is loaded again at the reader's wish.
/// `children` stand above and are not drawn anew.
#[component]
pub fn Panel<T, V>(
    /// The heading; hidden from the eye when `bare`.
    title: &'static str,
    /// What is drawn.
    data: Resource<Result<T, AppError>>,
    /// How it is drawn.
    draw: impl Fn(T) -> Result<V, AppError> + Clone + Send + Sync + 'static,
    /// Without heading and background.
    #[prop(optional)]
    bare: bool,
    /// What stands above what is drawn.
    #[prop(optional)]
    children: Option<Children>,
    /// What stands beneath, and is not drawn anew either.
    #[prop(optional)]
    foot: Option<AnyView>,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let retry = Callback::new(move |()| data.refetch());
    let drawing: Drawing = Box::new(move || {
        let draw = draw.clone();
        Suspend::new(async move { data.await.and_then(draw).map(IntoAny::into_any) })
    });
    frame(title, drawing, retry, bare, children, foot)
}

/// How a panel comes to what it shows. Of one type for all panels: each type more is some kilobytes more for browsers.
type Drawing = Box<dyn Fn() -> Suspend<Result<AnyView, AppError>> + Send>;

fn frame(
    title: &'static str,
    drawing: Drawing,
    retry: Callback<()>,
    bare: bool,
    children: Option<Children>,
    foot: Option<AnyView>,
) -> AnyView {
    let pending = RwSignal::new(false);
    let waiting = TransitionProps::builder().fallback(Waiting).children(ToChildren::to_children(move || {
        view! {
            <ErrorBoundary fallback=move |errors| {
                view! { <Alert error=first(&errors.get()) retry /> }
            }>{drawing}</ErrorBoundary>
        }
    }));
    // Not on the server: there it is written by another thread while the page is rendered, and a signal that is being
    // written cannot be read: "already been disposed", and no page.
    #[cfg(not(feature = "ssr"))]
    let waiting = waiting.set_pending(pending);
    // What comes by itself dims nothing.
    let is_quiet = use_context::<Desk>().map(|desk| desk.is_quiet);
    let pending = move || pending.get() && !is_quiet.is_some_and(|is_quiet| is_quiet.get());
    let class = if bare { "bare" } else { "panel" };
    let heading = if bare { "sr-only" } else { "panel-title" };
    view! {
        <section class=class class:pending=pending aria-busy=move || pending().to_string()>
            <h2 class=heading>{title}</h2>
            {children.map(|children| children())}
            {Transition(waiting.build())}
            {foot}
        </section>
    }
    .into_any()
}

/// Keeps the place of what is not there yet.
#[component]
pub fn Waiting() -> impl IntoView {
    let locale = use_locale();
    view! {
        <p class="skeleton" role="status">
            {td_string!(locale, loading)}
        </p>
    }
}

fn first(errors: &Errors) -> AppError {
    errors.iter().find_map(|(_, error)| error.downcast_ref().cloned()).unwrap_or(AppError::Unavailable)
}
