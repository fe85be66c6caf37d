//! Where a visit came from: link, click id and referrer weighed against each other.

use super::channel::channel;
use super::click_id::{self, Rule};
use super::referrer::{self, Origin};
use super::utm::{self, Reading};
use crate::model::touch::{ClickId, DIRECT, NO_MEDIUM, Touch};

/// The touch of a visit.
///
/// The source is `utm_source`, else the click id's, else the known referrer's name, else the referring host, else
/// [`DIRECT`]. The medium is `utm_medium`, else the click id's, else that of the referrer's kind, else [`NO_MEDIUM`].
/// Of a click id that stands for several sources the known referrer decides.
pub fn touch(reading: Reading, click_ids: &[ClickId], origin: Option<&Origin>) -> Touch {
    let rule = click_id::deciding(click_ids);
    let clicked = rule.map(|rule| clicked(rule, origin));
    let Reading { utm, raw, has_macro } = reading;
    let source = utm.source.as_deref().or(clicked.map(|(source, _)| source)).or(origin.map(Origin::source));
    let source = source.unwrap_or(DIRECT).to_owned();
    let medium = utm.medium.as_deref().or(clicked.map(|(_, medium)| medium)).or(origin.map(Origin::medium));
    let medium = medium.unwrap_or(NO_MEDIUM).to_owned();
    let platforms = |rule: &'static Rule| rule.platform;
    // Free listings count as such even where another click id decides on the source.
    let has_listing = click_ids.iter().any(|id| id.name == "srsltid");
    let listing = (has_listing && source == "google").then_some("google_merchant");
    let channel =
        channel(&source, &medium, utm.campaign.as_deref(), referrer::kind_of(&source), listing.or(rule.map(platforms)));
    Touch {
        has_macro: has_macro || click_ids.iter().any(|id| utm::is_macro(&id.value)),
        channel: channel.key().to_owned(),
        click_platform: rule.map(|rule| rule.platform.to_owned()),
        referrer_host: origin.map(|origin| origin.host.clone()),
        source,
        medium,
        utm,
        raw,
    }
}

/// The source and medium of a click.
fn clicked(rule: &'static Rule, origin: Option<&Origin>) -> (&'static str, &'static str) {
    let known = origin.and_then(|origin| origin.known).filter(|_| rule.is_shared);
    known.map_or((rule.source, rule.medium), |known| (known.name, known.kind.medium()))
}
