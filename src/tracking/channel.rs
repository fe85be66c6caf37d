//! The channel of a touch: GA4's default channel groups, and messengers.
//!
//! The rules are asked from the most to the least specific; the first that fits decides. They are those that Google
//! publishes for traffic that is tagged by hand, so that both tools show the same numbers. Where we differ:
//!
//! - [`Channel::Messengers`] is ours. It takes what GA4 would call organic social of Telegram, Viber and
//!   others, and mediums such as `viber`. What is paid there stays [`Channel::PaidSocial`].
//! - GA4 learns from Google Ads which campaigns are Performance Max, Shopping or Display. We see names only, hence a
//!   paid campaign at Google called `pmax` or `performance max` is [`Channel::CrossNetwork`].
//! - A visit with Merchant Center's `srsltid` that was not paid for is [`Channel::OrganicShopping`], whatever the
//!   campaign is called.
//! - [`Channel::AiAssistant`] goes by the source and not only by the medium, for more assistants than GA4 knows.
//! - Payment providers are no shops, and mailboxes are no search engines: GA4 lists Stripe and Gmail as such.
//! - What GA4 leaves unassigned is asked for further words that are customary (`newsletter`, `smm`, `ads`, `partner`,
//!   `teaser`): see [`by_custom`]. GA4's own answer is never changed by them.

use std::fmt;

use super::referrer::{self, Kind};
use crate::model::touch::{DIRECT, NO_MEDIUM};

/// A group of sources and mediums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Nothing is known of where the visit came from.
    Direct,
    /// Ads that run in several networks at once.
    CrossNetwork,
    /// Ads at shops, marketplaces, or of a shopping campaign.
    PaidShopping,
    /// Ads at search engines.
    PaidSearch,
    /// Ads in social networks and messengers.
    PaidSocial,
    /// Ads at video sites.
    PaidVideo,
    /// Banners.
    Display,
    /// Other ads.
    PaidOther,
    /// Free listings of shops and marketplaces.
    OrganicShopping,
    /// Links in messengers.
    Messengers,
    /// Links in social networks.
    OrganicSocial,
    /// Links at video sites.
    OrganicVideo,
    /// Search results.
    OrganicSearch,
    /// Links in answers of AI assistants.
    AiAssistant,
    /// Links on other sites.
    Referral,
    /// Mailings.
    Email,
    /// Partners who are paid for sales.
    Affiliates,
    /// Ads in audio.
    Audio,
    /// Text messages.
    Sms,
    /// Push notifications.
    MobilePush,
    /// None of these.
    Unassigned,
}

impl Channel {
    /// All channels, in the order of the rules.
    pub const ALL: [Self; 21] = [
        Self::Direct,
        Self::CrossNetwork,
        Self::PaidShopping,
        Self::PaidSearch,
        Self::PaidSocial,
        Self::PaidVideo,
        Self::Display,
        Self::PaidOther,
        Self::OrganicShopping,
        Self::Messengers,
        Self::OrganicSocial,
        Self::OrganicVideo,
        Self::OrganicSearch,
        Self::AiAssistant,
        Self::Referral,
        Self::Email,
        Self::Affiliates,
        Self::Audio,
        Self::Sms,
        Self::MobilePush,
        Self::Unassigned,
    ];

    /// The key by which it is stored and asked for.
    pub fn key(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::CrossNetwork => "cross_network",
            Self::PaidShopping => "paid_shopping",
            Self::PaidSearch => "paid_search",
            Self::PaidSocial => "paid_social",
            Self::PaidVideo => "paid_video",
            Self::Display => "display",
            Self::PaidOther => "paid_other",
            Self::OrganicShopping => "organic_shopping",
            Self::Messengers => "messengers",
            Self::OrganicSocial => "organic_social",
            Self::OrganicVideo => "organic_video",
            Self::OrganicSearch => "organic_search",
            Self::AiAssistant => "ai_assistant",
            Self::Referral => "referral",
            Self::Email => "email",
            Self::Affiliates => "affiliates",
            Self::Audio => "audio",
            Self::Sms => "sms",
            Self::MobilePush => "mobile_push",
            Self::Unassigned => "unassigned",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// The channel of a touch with this `source` and `medium` (cleaned, in lower case, by their usual names), `campaign`
/// (cleaned), the `kind` of its source, and the platform of the click id in its link.
pub fn channel(
    source: &str,
    medium: &str,
    campaign: Option<&str>,
    kind: Option<Kind>,
    click_platform: Option<&str>,
) -> Channel {
    let campaign = campaign.unwrap_or_default().to_lowercase();
    let is_paid = is_paid(medium);
    if matches!(source, DIRECT | "_direct_") && matches!(medium, "" | NO_MEDIUM | "_none_" | "not_set" | "_not_set_") {
        return Channel::Direct;
    }
    if is_cross_network(&campaign, source, is_paid) {
        return Channel::CrossNetwork;
    }
    let is_shopping = kind == Some(Kind::Shopping) || is_shopping_campaign(&campaign);
    if is_paid {
        return by_payment(kind, is_shopping, medium);
    }
    if is_display(medium) {
        return Channel::Display;
    }
    if is_shopping || click_platform == Some("google_merchant") {
        return Channel::OrganicShopping;
    }
    by_kind(source, kind, medium).or_else(|| by_medium(source, medium)).unwrap_or_else(|| by_custom(source, medium))
}

fn by_payment(kind: Option<Kind>, is_shopping: bool, medium: &str) -> Channel {
    match kind {
        _ if is_shopping => Channel::PaidShopping,
        Some(Kind::Search) => Channel::PaidSearch,
        Some(Kind::Social | Kind::Messenger) => Channel::PaidSocial,
        Some(Kind::Video) => Channel::PaidVideo,
        _ if is_display(medium) => Channel::Display,
        _ => Channel::PaidOther,
    }
}

fn by_kind(source: &str, kind: Option<Kind>, medium: &str) -> Option<Channel> {
    if kind == Some(Kind::Messenger) || is_messenger(medium) {
        return Some(Channel::Messengers);
    }
    if kind == Some(Kind::Social) || is_social(medium) {
        return Some(Channel::OrganicSocial);
    }
    if kind == Some(Kind::Video) || medium.contains("video") {
        return Some(Channel::OrganicVideo);
    }
    if kind == Some(Kind::Search) || medium == "organic" {
        return Some(Channel::OrganicSearch);
    }
    let is_ai = kind == Some(Kind::Ai) || is_ai(medium) || is_ai(source);
    is_ai.then_some(Channel::AiAssistant)
}

/// GA4's rules that look at names alone.
fn by_medium(source: &str, medium: &str) -> Option<Channel> {
    let is_mail = |word| matches!(word, "email" | "e-mail" | "e_mail");
    let is_push = medium.ends_with("push") || medium.contains("mobile") || medium.contains("notification");
    Some(match medium {
        "referral" | "app" | "link" => Channel::Referral,
        _ if is_mail(source) || is_mail(medium) => Channel::Email,
        "affiliate" => Channel::Affiliates,
        "audio" => Channel::Audio,
        _ if source == "sms" || medium == "sms" => Channel::Sms,
        _ if is_push || source == "firebase" => Channel::MobilePush,
        _ => return None,
    })
}

/// Words that GA4 does not know, in English and Ukrainian. Mail, text messages and pushes are
/// recognised by the source as well.
fn by_custom(source: &str, medium: &str) -> Channel {
    let begins = |word: &str| {
        let found = CUSTOM_STARTS.iter().find(|(start, _)| word.starts_with(start));
        found.map(|(_, channel)| *channel)
    };
    let is = |word: &str| CUSTOM_WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(channel, _)| *channel);
    let of_source = || begins(source).or_else(|| is(source));
    // Some write the site where the medium belongs: `utm_medium=instagram`.
    let by_site = || match referrer::kind_of(medium)? {
        Kind::Social => Some(Channel::OrganicSocial),
        Kind::Messenger => Some(Channel::Messengers),
        Kind::Video => Some(Channel::OrganicVideo),
        Kind::Search => Some(Channel::OrganicSearch),
        Kind::Ai => Some(Channel::AiAssistant),
        Kind::Shopping | Kind::Mail | Kind::Payment | Kind::Browser => None,
    };
    begins(medium)
        .or_else(|| is(medium))
        .or_else(by_site)
        .or_else(|| {
            of_source().filter(|channel| matches!(channel, Channel::Email | Channel::Sms | Channel::MobilePush))
        })
        .unwrap_or(Channel::Unassigned)
}

const CUSTOM_STARTS: &[(&str, Channel)] = &[
    ("email", Channel::Email),
    ("newsletter", Channel::Email),
    ("sms", Channel::Sms),
    ("push", Channel::MobilePush),
    ("web_push", Channel::MobilePush),
    ("webpush", Channel::MobilePush),
    ("social", Channel::OrganicSocial),
    ("affiliat", Channel::Affiliates),
    ("banner", Channel::Display),
    ("display", Channel::Display),
];

const CUSTOM_WORDS: &[(Channel, &[&str])] = &[
    (Channel::Email, &["mail", "mailing", "e.mail", "edm", "digest", "trigger_email", "розсилка", "лист"]),
    (Channel::Sms, &["смс", "text_message", "rcs", "turbosms", "alphasms"]),
    (Channel::MobilePush, &["пуш"]),
    (
        Channel::OrganicSocial,
        &["smm", "post", "story", "stories", "reels", "bio", "community", "соцмережі", "пост", "сторіз"],
    ),
    (Channel::Affiliates, &["partner", "partners", "partnership", "партнер", "партнери"]),
    (Channel::Display, &["gdn", "programmatic", "media", "банер", "медійка"]),
    (
        Channel::PaidOther,
        &[
            "ads",
            "ad",
            "adwords",
            "remarketing",
            "sponsored",
            "sponsor",
            "promoted",
            "native",
            "teaser",
            "target",
            "targeting",
            "targeted",
            "sem",
            "реклама",
            "таргет",
            "тизер",
            "ремаркетинг",
        ],
    ),
    (Channel::OrganicSearch, &["seo", "search"]),
    (Channel::Audio, &["podcast", "radio", "подкаст"]),
    (Channel::Referral, &["referer", "referrer", "site", "website", "blog", "article", "сайт", "стаття"]),
];

/// `^(.*cp.*|ppc|retargeting|paid.*)$`, by which GA4 tells what was paid for.
fn is_paid(medium: &str) -> bool {
    medium.contains("cp") || matches!(medium, "ppc" | "retargeting") || medium.starts_with("paid")
}

fn is_display(medium: &str) -> bool {
    matches!(medium, "display" | "banner" | "expandable" | "interstitial" | "cpm")
}

fn is_social(medium: &str) -> bool {
    matches!(
        medium,
        "social"
            | "social-network"
            | "social-media"
            | "sm"
            | "social_network"
            | "social_media"
            | "socialnetwork"
            | "socialmedia"
    )
}

fn is_messenger(medium: &str) -> bool {
    matches!(
        medium,
        "messenger"
            | "messengers"
            | "messaging"
            | "viber"
            | "telegram"
            | "whatsapp"
            | "месенджер"
            | "месенджери"
            | "chatbot"
            | "viber_sms"
            | "im"
    )
}

fn is_ai(word: &str) -> bool {
    matches!(
        word,
        "ai" | "ai-assistant" | "ai_assistant" | "ai_assistants" | "llm" | "ai-search" | "ai_search" | "genai"
    )
}

fn is_cross_network(campaign: &str, source: &str, is_paid: bool) -> bool {
    let words = ["pmax", "p-max", "p_max", "performance_max", "performance-max", "performancemax", "performance.max"];
    campaign.contains("cross-network")
        || (is_paid && source == "google" && words.iter().any(|word| campaign.contains(word)))
}

/// `^(.*(([^a-df-z]|^)shop|shopping).*)$`: `shopping` anywhere, or a `shop` that no letter but `e` precedes.
fn is_shopping_campaign(campaign: &str) -> bool {
    campaign.contains("shopping")
        || campaign.match_indices("shop").any(|(at, _)| {
            campaign[..at].chars().next_back().is_none_or(|before| !matches!(before, 'a'..='d' | 'f'..='z'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::referrer::kind_of;
    use crate::tracking::utm;

    fn of(source: &str, medium: &str, campaign: &str) -> &'static str {
        let source = utm::source(source).unwrap_or_else(|| "direct".to_owned());
        let medium = utm::medium(medium).unwrap_or_else(|| "none".to_owned());
        channel(&source, &medium, utm::clean(campaign).as_deref(), kind_of(&source), None).key()
    }

    #[test]
    fn every_channel_has_a_key_of_its_own() {
        let keys: std::collections::HashSet<_> = Channel::ALL.iter().map(|channel| channel.key()).collect();
        assert_eq!(keys.len(), Channel::ALL.len());
    }

    #[test]
    fn rules_go_from_the_most_to_the_least_specific() {
        let cases = [
            ("", "", "", "direct"),
            ("(direct)", "(none)", "", "direct"),
            ("direct", "(not set)", "", "direct"),
            ("google", "cpc", "x-cross-network", "cross_network"),
            ("google", "cpc", "PMax_Взуття", "cross_network"),
            ("google", "cpc", "Shopping - взуття", "paid_shopping"),
            ("google", "cpc", "Eshop", "paid_shopping"),
            ("google", "cpc", "workshop", "paid_search"),
            ("rozetka", "cpc", "", "paid_shopping"),
            ("hotline", "cpc", "", "paid_shopping"),
            ("google", "cpc", "brand", "paid_search"),
            ("google", "cpm", "", "paid_search"),
            ("bing", "ppc", "", "paid_search"),
            ("facebook", "cpc", "", "paid_social"),
            ("facebook", "cpm", "", "paid_social"),
            ("instagram", "paid_social", "", "paid_social"),
            ("facebook", "retargeting", "", "paid_social"),
            ("fb_ads", "cpc", "", "paid_social"),
            ("telegram", "cpc", "", "paid_social"),
            ("youtube", "cpv", "", "paid_video"),
            ("youtube", "cpc", "", "paid_video"),
            ("youtube", "paid_video", "", "paid_video"),
            ("adnetwork", "cpm", "", "display"),
            ("adnetwork", "banner", "", "display"),
            ("google", "display", "", "display"),
            ("mgid", "cpc", "", "paid_other"),
            ("admitad", "cpa", "", "paid_other"),
            ("rozetka.com.ua", "referral", "", "organic_shopping"),
            ("prom", "", "", "organic_shopping"),
            ("t.me", "referral", "", "messengers"),
            ("telegram", "social", "", "messengers"),
            ("viber", "message", "", "messengers"),
            ("esputnik", "viber", "", "messengers"),
            ("facebook", "social", "", "organic_social"),
            ("instagram", "bio", "", "organic_social"),
            ("facebook", "referral", "", "organic_social"),
            ("blog", "social", "", "organic_social"),
            ("tiktok", "organic", "", "organic_social"),
            ("youtube", "referral", "", "organic_video"),
            ("partner", "video", "", "organic_video"),
            ("google", "organic", "", "organic_search"),
            ("google", "", "", "organic_search"),
            ("somewhere", "organic", "", "organic_search"),
            ("chatgpt.com", "", "", "ai_assistant"),
            ("perplexity.ai", "referral", "", "ai_assistant"),
            ("gemini", "ai", "", "ai_assistant"),
            ("chatgpt", "ai-assistant", "", "ai_assistant"),
            ("blog.example.com", "referral", "", "referral"),
            ("newsletter", "email", "", "email"),
            ("email", "", "", "email"),
            ("esputnik", "e-mail", "", "email"),
            ("sendpulse", "newsletter", "", "email"),
            ("newsletter", "", "", "email"),
            ("admitad", "affiliate", "", "affiliates"),
            ("megogo_radio", "audio", "", "audio"),
            ("turbosms", "sms", "", "sms"),
            ("sms", "", "", "sms"),
            ("onesignal", "push", "", "mobile_push"),
            ("esputnik", "web_push", "", "mobile_push"),
            ("esputnik", "mobile-notification", "", "mobile_push"),
            ("leaflet", "qr", "", "unassigned"),
            ("x-promo", "ooh", "", "unassigned"),
            ("mgid", "teaser", "", "paid_other"),
        ];
        for (source, medium, campaign, expected) in cases {
            assert_eq!(of(source, medium, campaign), expected, "{source} / {medium} / {campaign}");
        }
    }

    #[test]
    fn free_listings_are_organic_shopping() {
        let kind = kind_of("google");
        assert_eq!(channel("google", "organic", None, kind, Some("google_merchant")), Channel::OrganicShopping);
        assert_eq!(channel("google", "cpc", None, kind, Some("google_merchant")), Channel::PaidSearch);
    }

    /// Links and referrers as marketers make them, labelled apart from the rules.
    fn touch_of(query: &'static str, referrer: &'static str) -> crate::model::Touch {
        use crate::tracking::steps::{Request, Rules, read};
        let given = |field: &'static str| (field != "-").then_some(field.as_bytes());
        let request = Request {
            query: given(query).unwrap_or_default(),
            referrer: given(referrer),
            host: Some(b"shop.example"),
            ..Request::default()
        };
        read(&request, &Rules::default(), 0).unwrap().touch
    }

    fn rows(data: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
        data.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
    }

    #[test]
    fn labelled_links_find_their_channel() {
        let (mut count, mut wrong) = (0, Vec::new());
        for fields in rows(include_str!("data/labelled_channels.tsv")) {
            let [query, referrer, expected] = fields[..] else { panic!("{fields:?}") };
            let found = touch_of(query, referrer).channel;
            count += 1;
            if found != expected {
                wrong.push(format!("{fields:?}: {found}"));
            }
        }
        assert!(count >= 100);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// Written apart from the rules, by what GA4 publishes and platforms document.
    #[test]
    fn labelled_links_find_their_source_and_medium_too() {
        let (mut count, mut wrong) = (0, Vec::new());
        for fields in rows(include_str!("data/second_channels.tsv")) {
            let [query, referrer, expected @ ..] = &fields[..] else { panic!("{fields:?}") };
            let touch = touch_of(query, referrer);
            let found = [touch.source.as_str(), &touch.medium, &touch.channel];
            count += 1;
            if found != *expected {
                wrong.push(format!("{fields:?}: {found:?}"));
            }
        }
        assert!(count >= 150);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
