//! A link to a file that says how far the file has come. Without a script it is a plain link.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A link to a file.
#[component]
pub fn Download(
    /// The file's address.
    href: Signal<String>,
    /// The link's class.
    class: &'static str,
    /// What stands on it.
    label: AnyView,
    /// Says how many bytes are there.
    progress: impl Fn(f64) -> String + Clone + Send + Sync + 'static,
    /// Says why no file came, by the status of the answer; 0 when there was none.
    failed: fn(u16) -> &'static str,
) -> impl IntoView {
    let is_coming = RwSignal::new(false);
    let note = RwSignal::new(String::new());
    let start = move |event: MouseEvent| {
        #[cfg(feature = "hydrate")]
        fetch::start(&event, &href.get_untracked(), fetch::Signs { is_coming, note, failed }, progress.clone());
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, failed, &progress);
    };
    view! {
        <span class="download">
            <a
                class=class
                href=href
                download=""
                rel="external"
                aria-busy=move || is_coming.get().then_some("true")
                on:click=start
            >
                {label}
            </a>
            <span class="download-note" role="status">
                {note}
            </span>
        </span>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod fetch {
    use std::time::Duration;

    use leptos::ev::MouseEvent;
    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use web_sys::{Blob, HtmlAnchorElement, ProgressEvent, Url, XmlHttpRequest, XmlHttpRequestResponseType};

    /// Long enough for any browser to have taken the file over.
    const KEPT: Duration = Duration::from_mins(1);

    /// What the reader sees of it.
    #[derive(Clone, Copy)]
    pub struct Signs {
        /// Is the file on its way?
        pub is_coming: RwSignal<bool>,
        /// How far it has come, or that it has not.
        pub note: RwSignal<String>,
        /// What is said when no file came, by the status.
        pub failed: fn(u16) -> &'static str,
    }

    impl Signs {
        /// The reader may have left the page by then.
        fn end(self, failure: Option<u16>) {
            self.is_coming.try_set(false);
            self.note.try_set(failure.map_or_else(String::new, |status| (self.failed)(status).to_owned()));
        }
    }

    /// Fetches the file in place of the browser, unless the click asks for more than that.
    pub fn start(event: &MouseEvent, href: &str, signs: Signs, progress: impl Fn(f64) -> String + 'static) {
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        if !signs.is_coming.get_untracked() {
            signs.is_coming.set(true);
            signs.note.set(progress(0.0));
            if fetch(href, signs, progress).is_err() {
                signs.end(Some(0));
            }
        }
    }

    fn fetch(href: &str, signs: Signs, progress: impl Fn(f64) -> String + 'static) -> Result<(), JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open("GET", href)?;
        request.set_response_type(XmlHttpRequestResponseType::Blob);
        let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            signs.note.try_set(progress(event.loaded()));
        });
        request.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        let ended = request.clone();
        let end = Closure::once_into_js(move || {
            ended.set_onprogress(None);
            drop(progress);
            let is_saved = save(&ended).is_some();
            signs.end((!is_saved).then(|| ended.status().unwrap_or(0)));
        });
        request.set_onloadend(Some(end.unchecked_ref()));
        request.send()
    }

    /// Hands the file over to the browser; `None` when there is none.
    fn save(request: &XmlHttpRequest) -> Option<()> {
        if request.status().ok()? != 200 {
            return None;
        }
        let blob: Blob = request.response().ok()?.dyn_into().ok()?;
        let named = request.get_response_header("content-disposition").ok()??;
        let name = named.split_once("filename=\"")?.1.split('"').next()?;
        let url = Url::create_object_url_with_blob(&blob).ok()?;
        let link: HtmlAnchorElement = document().create_element("a").ok()?.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.set_rel("external");
        link.click();
        set_timeout(move || drop(Url::revoke_object_url(&url)), KEPT);
        Some(())
    }
}
