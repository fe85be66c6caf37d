//! The parameters that advertising platforms, networks and mailers add to links.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::query::Params;
use super::text;
use crate::model::touch::ClickId;

/// A value is kept up to so many characters.
const MAX_VALUE: usize = 255;

/// What the presence of a click id says of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The parameter's name in its customary spelling; links may spell it otherwise.
    pub name: &'static str,
    /// Who adds it: `google_ads`.
    pub platform: &'static str,
    /// The source that it stands for.
    pub source: &'static str,
    /// The medium that it stands for.
    pub medium: &'static str,
    /// Does it stand for several sources, of which the known referrer decides?
    pub is_shared: bool,
}

const fn rule(name: &'static str, platform: &'static str, source: &'static str, medium: &'static str) -> Rule {
    Rule { name, platform, source, medium, is_shared: false }
}

/// All known click ids. Where a link has several, the first of this list decides: what was paid for before what only
/// shows where a link was shared.
pub const RULES: &[Rule] = &[
    // Paid clicks.
    rule("gclid", "google_ads", "google", "cpc"),
    rule("gbraid", "google_ads", "google", "cpc"),
    rule("wbraid", "google_ads", "google", "cpc"),
    rule("msclkid", "microsoft_ads", "bing", "cpc"),
    rule("ttclid", "tiktok_ads", "tiktok", "cpc"),
    rule("twclid", "twitter_ads", "twitter", "cpc"),
    rule("li_fat_id", "linkedin_ads", "linkedin", "cpc"),
    rule("ScCid", "snapchat_ads", "snapchat", "cpc"),
    rule("epik", "pinterest_ads", "pinterest", "cpc"),
    rule("rdt_cid", "reddit_ads", "reddit", "cpc"),
    rule("qclid", "quora_ads", "quora", "cpc"),
    rule("yclid", "yandex_direct", "yandex", "cpc"),
    rule("ymclid", "yandex_market", "yandex_market", "cpc"),
    rule("sznclid", "sklik", "seznam", "cpc"),
    rule("ldtag_cl", "line_ads", "line", "cpc"),
    rule("ndclid", "nextdoor_ads", "nextdoor", "cpc"),
    rule("rb_clickid", "vk_ads", "vk", "cpc"),
    rule("vmcid", "yahoo_ads", "yahoo", "cpc"),
    rule("aff_fcid", "aliexpress_ads", "aliexpress", "cpc"),
    rule("dclid", "display_video_360", "doubleclick", "cpm"),
    rule("s_kwcid", "adobe_advertising", "adobe_advertising", "cpc"),
    rule("ef_id", "adobe_advertising", "adobe_advertising", "cpc"),
    rule("tblci", "taboola", "taboola", "cpc"),
    rule("tblclid", "taboola", "taboola", "cpc"),
    rule("dicbo", "outbrain", "outbrain", "cpc"),
    rule("obOrigUrl", "outbrain", "outbrain", "cpc"),
    rule("ob_click_id", "outbrain", "outbrain", "cpc"),
    rule("cto_pld", "criteo", "criteo", "cpc"),
    rule("crto_pld", "criteo", "criteo", "cpc"),
    rule("wickedid", "wicked_reports", "wicked_reports", "cpc"),
    rule("gad_campaignid", "google_ads", "google", "cpc"),
    rule("gad_source", "google_ads", "google", "cpc"),
    // Affiliate networks.
    rule("irclickid", "impact", "impact", "affiliate"),
    rule("irgwc", "impact", "impact", "affiliate"),
    rule("cjevent", "cj", "cj", "affiliate"),
    rule("cjdata", "cj", "cj", "affiliate"),
    rule("awc", "awin", "awin", "affiliate"),
    rule("zanpid", "awin", "awin", "affiliate"),
    rule("sscid", "shareasale", "shareasale", "affiliate"),
    rule("ranSiteID", "rakuten_advertising", "rakuten_advertising", "affiliate"),
    rule("ranEAID", "rakuten_advertising", "rakuten_advertising", "affiliate"),
    rule("admitad_uid", "admitad", "admitad", "affiliate"),
    rule("tduid", "tradedoubler", "tradedoubler", "affiliate"),
    rule("clickref", "partnerize", "partnerize", "affiliate"),
    rule("wgu", "webgains", "webgains", "affiliate"),
    rule("daisyconid", "daisycon", "daisycon", "affiliate"),
    // Mailings.
    rule("mc_cid", "mailchimp", "mailchimp", "email"),
    rule("mc_eid", "mailchimp", "mailchimp", "email"),
    rule("_kx", "klaviyo", "klaviyo", "email"),
    rule("vero_id", "vero", "vero", "email"),
    rule("vero_conv", "vero", "vero", "email"),
    rule("mkt_tok", "marketo", "marketo", "email"),
    rule("_hsenc", "hubspot", "hubspot", "email"),
    rule("_hsmi", "hubspot", "hubspot", "email"),
    rule("ml_subscriber_hash", "mailerlite", "mailerlite", "email"),
    rule("ml_subscriber", "mailerlite", "mailerlite", "email"),
    rule("ck_subscriber_id", "kit", "kit", "email"),
    rule("omnisendContactID", "omnisend", "omnisend", "email"),
    rule("dm_i", "dotdigital", "dotdigital", "email"),
    rule("elqTrackId", "eloqua", "eloqua", "email"),
    rule("trk_contact", "listrak", "listrak", "email"),
    rule("bsft_clkid", "blueshift", "blueshift", "email"),
    rule("_bta_tid", "bronto", "bronto", "email"),
    rule("oly_enc_id", "omeda", "omeda", "email"),
    rule("oly_anon_id", "omeda", "omeda", "email"),
    rule("ss_email_id", "sharpspring", "sharpspring", "email"),
    rule("vgo_ee", "activecampaign", "activecampaign", "email"),
    rule("sfmc_id", "salesforce", "salesforce", "email"),
    rule("et_rid", "salesforce", "salesforce", "email"),
    rule("_cio_id", "customer_io", "customer_io", "email"),
    rule("iterableEmailCampaignId", "iterable", "iterable", "email"),
    rule("nb_klid", "newsletter2go", "newsletter2go", "email"),
    // Shared links: no proof that anything was paid.
    rule("igshid", "instagram", "instagram", "social"),
    rule("igsh", "instagram", "instagram", "social"),
    Rule { name: "fbclid", platform: "meta", source: "facebook", medium: "social", is_shared: true },
    Rule { name: "mibextid", platform: "meta", source: "facebook", medium: "social", is_shared: true },
    // Free listings and search results: they stay in an address that is passed on, hence last.
    rule("srsltid", "google_merchant", "google", "organic"),
    rule("ysclid", "yandex_search", "yandex", "organic"),
];

/// The click ids among `params`, the deciding one first. Values are kept as they came, without control characters.
pub fn find(params: &Params) -> Vec<ClickId> {
    let mut places: Vec<usize> = params.iter().filter_map(|(name, _)| place(name)).collect();
    places.sort_unstable();
    places.dedup();
    let value = |rule: &Rule| text::some(params.last(rule.name)?.as_bytes(), MAX_VALUE);
    let id = |rule: &Rule| Some(ClickId { name: rule.name.to_owned(), value: value(rule)? });
    places.into_iter().filter_map(|place| id(&RULES[place])).collect()
}

/// The place among [`RULES`] of the click id `name`, in whatever case its letters are.
fn place(name: &str) -> Option<usize> {
    static PLACES: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
        RULES.iter().enumerate().map(|(place, rule)| (rule.name.to_ascii_lowercase(), place)).collect()
    });
    PLACES.get(&name.to_ascii_lowercase()).copied()
}

/// The rule of the click id that decides among `ids`.
pub fn deciding(ids: &[ClickId]) -> Option<&'static Rule> {
    RULES.iter().find(|rule| ids.iter().any(|id| id.name == rule.name))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn found(query: &str) -> Vec<(String, String)> {
        find(&Params::parse(query.as_bytes())).into_iter().map(|id| (id.name, id.value)).collect()
    }

    #[test]
    fn the_table_is_broad_and_names_are_unique() {
        let names: HashSet<String> = RULES.iter().map(|rule| rule.name.to_ascii_lowercase()).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.len() >= 30);
        for rule in RULES {
            for word in [rule.platform, rule.source, rule.medium] {
                assert_eq!(super::super::utm::medium(word).as_deref(), Some(word));
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_values_are_kept() {
        assert_eq!(found("FBCLID=IwAR0_x-Y"), [("fbclid".into(), "IwAR0_x-Y".into())]);
        assert_eq!(found("sccid=A-b.c"), [("ScCid".into(), "A-b.c".into())]);
        assert_eq!(found("gclid=&ttclid=%20"), []);
        assert_eq!(found("gclid=a%00b%0d"), [("gclid".into(), "ab".into())]);
        assert_eq!(found(&format!("gclid={}", "x".repeat(999)))[0].1.len(), MAX_VALUE);
        assert_eq!(found("gclid=1&gclid=2"), [("gclid".into(), "2".into())]);
        assert_eq!(found("q=gclid"), []);
    }

    #[test]
    fn those_that_every_shop_meets_are_known() {
        let names = "gclid gbraid wbraid gad_source dclid srsltid msclkid fbclid igshid ttclid twclid li_fat_id ScCid epik \
                     rdt_cid qclid yclid ysclid tblci dicbo obOrigUrl irclickid cjevent awc s_kwcid mc_cid mc_eid _kx vero_id \
                     mkt_tok _hsenc";
        for name in names.split_whitespace() {
            for spelling in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                assert_eq!(found(&format!("{spelling}=Aa-1_.~")), [(name.into(), "Aa-1_.~".into())], "{spelling}");
            }
        }
    }

    #[test]
    fn what_was_paid_for_decides() {
        for (query, platform) in [
            ("fbclid=1&gclid=2", "google_ads"),
            ("srsltid=1&gclid=2", "google_ads"),
            ("srsltid=1", "google_merchant"),
            ("mc_cid=1&fbclid=2", "mailchimp"),
            ("fbclid=1", "meta"),
            ("igshid=1&fbclid=2", "instagram"),
            ("srsltid=1&fbclid=2", "meta"),
            ("ysclid=1", "yandex_search"),
        ] {
            let ids = find(&Params::parse(query.as_bytes()));
            assert_eq!(deciding(&ids).map(|rule| rule.platform), Some(platform), "{query}");
        }
        assert_eq!(deciding(&[]), None);
    }

    proptest! {
        #[test]
        fn any_value_is_bounded_and_plain(value: Vec<u8>) {
            let query = [b"fbclid=".as_slice(), &value].concat();
            for id in find(&Params::parse(&query)) {
                prop_assert!(id.value.chars().count() <= MAX_VALUE);
                prop_assert!(id.value.chars().all(text::is_plain));
            }
        }
    }
}
