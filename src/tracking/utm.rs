//! The five `utm_*` values of a link: cleaned, aliased, and as they came.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::query::Params;
use super::{referrer, text};
use crate::model::touch::Utm;

/// A cleaned value has at most so many characters.
pub const MAX_CHARS: usize = 255;
/// A value as it came is kept up to so many characters.
const MAX_RAW_CHARS: usize = 512;

/// The values of a link, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Cleaned; source and medium in lower case, the source by its usual name.
    pub utm: Utm,
    /// As they came, if cleaning changed any of them; else all `None`.
    pub raw: Utm,
    /// Does any value hold a macro that the advertising platform never filled in?
    pub has_macro: bool,
}

/// Reads the five parameters.
pub fn read(params: &Params) -> Reading {
    of(["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"].map(|name| params.last(name)))
}

/// Reads five values in the order source, medium, campaign, content, term.
pub fn of(values: [Option<&str>; 5]) -> Reading {
    let [source_value, medium_value, campaign, content, term] = values;
    let utm = Utm {
        source: source_value.and_then(source),
        medium: medium_value.and_then(medium),
        campaign: campaign.and_then(clean),
        content: content.and_then(clean),
        term: term.and_then(clean),
    };
    let has_macro = values.iter().flatten().any(|value| is_macro(value));
    let changed = values.iter().zip(utm.values()).any(|(came, is)| *came != is);
    let raw = if changed && !utm.is_empty() { as_they_came(values) } else { Utm::default() };
    Reading { utm, raw, has_macro }
}

/// A campaign, content or term: NFC, trimmed, cut to [`MAX_CHARS`] characters, every character that is neither
/// alphanumeric nor one of `_-.` replaced by `_`. `None` when empty.
pub fn clean(raw: &str) -> Option<String> {
    // ASCII is in its normal form.
    let normal = if raw.is_ascii() { Cow::Borrowed(raw) } else { raw.nfc().collect() };
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let cleaned: String = normal.trim().chars().take(MAX_CHARS).map(safe).collect();
    (!cleaned.is_empty()).then_some(cleaned)
}

/// A medium: cleaned, in lower case.
pub fn medium(raw: &str) -> Option<String> {
    // Lower case may grow (`İ` becomes two characters), hence cleaned again.
    clean(&clean(raw)?.to_lowercase())
}

/// A source: cleaned, in lower case, by its usual name (`fb` and `m.facebook.com` are `facebook`).
pub fn source(raw: &str) -> Option<String> {
    let cleaned = medium(raw)?;
    Some(referrer::usual_name(&cleaned).map_or(cleaned, str::to_owned))
}

fn as_they_came(values: [Option<&str>; 5]) -> Utm {
    let [source, medium, campaign, content, term] = values
        .map(|value| value.map(|value| text::plain(value.as_bytes(), MAX_RAW_CHARS)).filter(|value| !value.is_empty()));
    Utm { source, medium, campaign, content, term }
}

/// `{{campaign.name}}` (Meta), `{campaignid}` (Google), `__CAMPAIGN_NAME__` (TikTok), `%%campaign%%`, `${campaign}`,
/// and the first two still percent-encoded.
pub(super) fn is_macro(value: &str) -> bool {
    static MACRO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\{[^{}]+\}|%7b[^{}]+%7d|(?:^|[^\w.-])__[a-z][\w.]*__(?:$|[^\w.-])|%%[\w.]+%%")
            .expect("the pattern is constant and tested")
    });
    // Each of the forms has one of these, and hardly any other value does.
    let may_be = value.contains(['{', '%']) || value.contains("__");
    may_be && MACRO.is_match(text::cut(value, MAX_RAW_CHARS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_cleaned_by_the_rule() {
        let cases = [
            ("", None),
            ("   ", None),
            ("\u{a0}\t\n", None),
            ("  a b ", Some("a_b")),
            ("{{campaign.name}}", Some("__campaign.name__")),
            ("Київ-1.5", Some("Київ-1.5")),
            ("Зимовий розпродаж", Some("Зимовий_розпродаж")),
            ("<script>", Some("_script_")),
            ("a+b/c?d=é", Some("a_b_c_d_é")),
            ("---", Some("---")),
            ("a\0b", Some("a_b")),
            ("a\u{202e}b", Some("a_b")),
            ("и\u{306}", Some("й")),
            ("=1+1", Some("_1_1")),
            ("🔥sale", Some("_sale")),
        ];
        for (raw, expected) in cases {
            assert_eq!(clean(raw).as_deref(), expected, "{raw:?}");
        }
        assert_eq!(clean(&"ї".repeat(300)).map(|value| value.chars().count()), Some(255));
        assert_eq!(clean(&format!("  {}  ", "x".repeat(255))), Some("x".repeat(255)));
    }

    #[test]
    fn fault_c10_one_source_has_one_name() {
        for raw in [
            "facebook",
            "Facebook",
            " FACEBOOK ",
            "fb",
            "FB",
            "facebook.com",
            "m.facebook.com",
            "l.facebook.com",
            "www.facebook.com",
        ] {
            assert_eq!(source(raw).as_deref(), Some("facebook"), "{raw}");
        }
        let cases = [
            ("ig", "instagram"),
            ("l.instagram.com", "instagram"),
            ("google.com.ua", "google"),
            ("tt", "tiktok"),
            ("tg", "telegram"),
            ("t.me", "telegram"),
            ("yt", "youtube"),
            ("chatgpt.com", "chatgpt"),
            ("Розсилка", "розсилка"),
            ("blog.example.com", "blog.example.com"),
            ("paypal.com", "paypal.com"),
            ("notfacebook.com", "notfacebook.com"),
        ];
        for (raw, expected) in cases {
            assert_eq!(source(raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn fault_c10_macros_are_flagged_and_the_raw_value_is_kept() {
        let reading = read(&Params::parse(b"utm_source=FB&utm_campaign=%7B%7Bcampaign.name%7D%7D"));
        assert_eq!(reading.utm.source.as_deref(), Some("facebook"));
        assert_eq!(reading.utm.campaign.as_deref(), Some("__campaign.name__"));
        assert_eq!(reading.raw.source.as_deref(), Some("FB"));
        assert_eq!(reading.raw.campaign.as_deref(), Some("{{campaign.name}}"));
        assert!(reading.has_macro);
        for value in ["{campaignid}", "x_{keyword}", "__CAMPAIGN_NAME__", "%%campaign%%", "${id}", "%7B%7Bad.id%7D%7D"]
        {
            assert!(is_macro(value), "{value}");
        }
        for value in ["winter", "a__b__c", "50%", "{", "{}", "зима_2026", "a__b", "100%%"] {
            assert!(!is_macro(value), "{value}");
        }
    }

    #[test]
    fn raw_values_are_kept_only_if_cleaning_changed_one() {
        let clean = read(&Params::parse(b"utm_source=facebook&utm_medium=cpc&utm_campaign=Winter"));
        assert_eq!(clean.raw, Utm::default());
        let changed = read(&Params::parse("utm_source=facebook&utm_campaign=Зима 26".as_bytes()));
        assert_eq!(changed.utm.campaign.as_deref(), Some("Зима_26"));
        assert_eq!(changed.raw.campaign.as_deref(), Some("Зима 26"));
        assert_eq!(changed.raw.source.as_deref(), Some("facebook"));
        assert_eq!(read(&Params::parse(b"utm_source=+")), Reading::default());
    }

    #[test]
    fn the_last_value_wins_and_an_empty_one_is_none() {
        assert_eq!(read(&Params::parse(b"utm_source=a&utm_source=b")).utm.source.as_deref(), Some("b"));
        assert_eq!(read(&Params::parse(b"utm_source=a&utm_source=")).utm.source, None);
    }

    proptest! {
        #[test]
        fn cleaning_is_idempotent_and_safe(raw in "\\PC*|[\\s\\S]{0,300}") {
            for rule in [clean as fn(&str) -> Option<String>, medium, source] {
                if let Some(once) = rule(&raw) {
                    prop_assert_eq!(rule(&once), Some(once.clone()));
                    prop_assert!(once.chars().count() <= MAX_CHARS);
                    prop_assert!(once.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c)));
                }
            }
        }

        #[test]
        fn any_query_is_read(bytes: Vec<u8>) {
            let query = [b"utm_source=".as_slice(), &bytes].concat();
            let reading = read(&Params::parse(&query));
            for value in reading.raw.values().into_iter().flatten() {
                prop_assert!(value.chars().all(text::is_plain));
                prop_assert!(value.chars().count() <= MAX_RAW_CHARS);
            }
        }
    }
}
