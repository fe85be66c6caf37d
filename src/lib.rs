//! The shared model and rules of UTM Dispatcher: values in, values out.
//!
//! # Glossary
//!
//! | word | meaning |
//! | --- | --- |
//! | visitor | one browser |
//! | session | a visitor's requests with no gap over 30 minutes and no new campaign or click id |
//! | touch | the marketing facts with which a session began |
//! | source, medium, campaign, content, term | the `utm_*` values, or what stands for them when they are absent |
//! | channel | the group that rules assign to a touch |
//! | click id | the parameter that an advertising platform adds to a link |
//! | action | something a visitor did: `page_view`, `product_view`, `add_to_cart` … |
//! | order | what the shop sold; a *lead* while prepaid, a *purchase* once paid in full |
//! | conversion | a session with a lead or purchase that stands |
//! | points | the score of actions |
//! | metric, dimension, period, report, table | what can be asked, and the answer |
//! | login | an administrator's; never called a session |
//! | exclusion | whose requests an administrator does not want counted |
//!
//! Nothing in here has a clock, a network or HTTP types; only [`store`] does I/O, and only with the
//! feature `ssr`. The browser's build has [`model`] and [`report`] alone.

#[cfg(all(feature = "ssr", target_arch = "wasm32"))]
compile_error!("the feature `ssr` of utm-dispatcher must never be switched on for the browser's build");

#[cfg(feature = "ssr")]
pub mod message;
pub mod model;
pub mod report;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod tracking;
