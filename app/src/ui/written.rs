//! Elements written as HTML text: for tables, whose cells are many and hold nothing that acts.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::renderer::{CastFrom, Rndr};
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlTemplateElement;
use maud::Markup;

/// The one element that `markup` consists of, as a view.
///
/// Drawn anew, a view's element sets all its attributes again, each a call into the browser: for the tables of a page some ten
/// thousand. This one is replaced as a whole, and only if its text is another. Text within is escaped by [`maud`]. Nothing in
/// it can listen or change by itself, but its links are links.
pub fn written(markup: Markup) -> AnyView {
    Written(markup.into_string()).into_any()
}

struct Written(String);

/// What stands on the page, and the text that it was made of.
struct Standing {
    text: String,
    element: Element,
}

/// The element that `text` describes.
fn element(text: &str) -> Element {
    thread_local! {
        // The one place where such text is read, as what it is read beside decides what a cell of a table becomes.
        static READ: HtmlTemplateElement = Rndr::create_element("template", None).unchecked_into();
    }
    READ.with(|read| {
        read.set_inner_html(text);
        read.content().first_element_child()
    })
    .unwrap_or_else(|| Rndr::create_element("span", None))
}

impl Render for Written {
    type State = Standing;

    fn build(self) -> Standing {
        Standing { element: element(&self.0), text: self.0 }
    }

    fn rebuild(self, standing: &mut Standing) {
        if self.0 != standing.text {
            let mut new = self.build();
            #[cfg(feature = "hydrate")]
            let focused = focus::link_within(&standing.element);
            standing.insert_before_this(&mut new);
            standing.unmount();
            #[cfg(feature = "hydrate")]
            if let Some(place) = focused {
                focus::set(&new.element, place);
            }
            *standing = new;
        }
    }
}

impl Mountable for Standing {
    fn unmount(&mut self) {
        self.element.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.element.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.element.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}

impl AddAnyAttr for Written {
    type Output<Added: Attribute> = Self;

    fn add_any_attr<Added: Attribute>(self, _: Added) -> Self {
        self
    }
}

impl RenderHtml for Written {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn html_len(&self) -> usize {
        self.0.len()
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, html: &mut String, position: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {
        html.push_str(&self.0);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Standing {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        position.set(Position::NextChild);
        let element = Element::cast_from(cursor.current()).unwrap_or_else(|| element(&self.0));
        Standing { text: self.0, element }
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// The focus must not be lost because a number beside it has changed, or because the link that has it was pressed.
#[cfg(feature = "hydrate")]
mod focus {
    use wasm_bindgen::JsCast;
    use web_sys::{Element, FocusOptions, HtmlElement};

    /// Which of the links within has the focus.
    pub fn link_within(element: &Element) -> Option<u32> {
        let focused = element.query_selector("a:focus").ok()??;
        let links = element.query_selector_all("a").ok()?;
        (0..links.length()).find(|place| links.item(*place).is_some_and(|link| link.is_same_node(Some(&focused))))
    }

    /// Sets the focus to a link within, wherever the page is scrolled to.
    pub fn set(element: &Element, place: u32) {
        let link = element.query_selector_all("a").ok().and_then(|links| links.item(place));
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let quietly = FocusOptions::new();
            quietly.set_prevent_scroll(true);
            // What cannot be focused does no harm.
            drop(link.focus_with_options(&quietly));
        }
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    #[cfg(feature = "ssr")]
    fn what_visitors_wrote_is_only_ever_text() {
        let hostile = "<img src=x onerror=alert(1)>\"'&";
        let cell = written(html! { th scope="row" { a href=(hostile) { (hostile) } } });
        assert_eq!(
            cell.to_html(),
            "<th scope=\"row\"><a href=\"&lt;img src=x onerror=alert(1)&gt;&quot;'&amp;\">\
             &lt;img src=x onerror=alert(1)&gt;&quot;'&amp;</a></th>"
        );
    }
}
