//! What brings people to the shop: links, where they are followed, and how good those are who follow them.

use chrono::{Datelike, NaiveDate};

use super::calendar::Season;
use super::chance::Chance;
use super::clients::App;

/// A way to the shop.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// How many first visits it brings, compared with the others.
    pub first: u64,
    /// How many later visits it brings.
    pub again: u64,
    /// How many of ten thousand visits end with an order.
    pub orders: u64,
    /// How many of a hundred leave at once.
    pub bounces: u64,
    /// How likely a second thing goes into the cart, in per cent.
    pub basket: u64,
    /// How many of a hundred come by computer.
    pub desktops: u64,
    /// The app in which the link is followed, if in one.
    pub app: Option<App>,
    /// Where the link leads.
    pub landing: Landing,
    when: When,
    /// Query of the link, as a marketer wrote it.
    link: &'static str,
    contents: &'static [&'static str],
    terms: &'static [&'static str],
    /// The click id that the platform adds, with how its values begin and how long they are.
    click: Option<(&'static str, &'static str, usize)>,
    referrer: Option<&'static str>,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// The first page.
    Home,
    /// The catalogue.
    Catalog,
    /// Some product.
    Product,
    /// Any of these.
    Anywhere,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Always,
    /// From one month to another, both included.
    Months(u32, u32),
    In(Season),
}

/// A link as it was followed.
#[derive(Clone, Debug)]
pub struct Click {
    /// Its query without the click id.
    pub link: String,
    /// The click id and its value.
    pub id: Option<(&'static str, String)>,
    /// The page on which it stood.
    pub referrer: Option<&'static str>,
}

impl Campaign {
    /// How many visits it brings on `date`, compared with the others.
    pub fn weight(&self, is_first: bool, date: NaiveDate, season: Season) -> u64 {
        let is_on = match self.when {
            When::Always => true,
            When::Months(from, to) if from <= to => (from..=to).contains(&date.month()),
            When::Months(from, to) => date.month() >= from || date.month() <= to,
            When::In(wanted) => wanted == season,
        };
        if !is_on {
            return 0;
        }
        if is_first { self.first } else { self.again }
    }

    /// Somebody follows the link.
    pub fn click(&self, chance: &mut Chance) -> Click {
        let mut link = self.link.to_owned();
        for (name, values) in [("utm_content", self.contents), ("utm_term", self.terms)] {
            if let Some(value) = chance.one_of(values) {
                for part in ["&", name, "=", value] {
                    link.push_str(part);
                }
            }
        }
        let id = self.click.map(|(name, start, length)| (name, format!("{start}{}", chance.token(length))));
        Click { link, id, referrer: self.referrer }
    }
}

const PLAIN: Campaign = Campaign {
    first: 0,
    again: 0,
    orders: 200,
    bounces: 45,
    basket: 30,
    desktops: 18,
    app: None,
    landing: Landing::Anywhere,
    when: When::Always,
    link: "",
    contents: &[],
    terms: &[],
    click: None,
    referrer: None,
};

const FACEBOOK: Campaign = Campaign {
    app: Some(App::Facebook),
    click: Some(("fbclid", "IwY2xjawL", 44)),
    referrer: Some("https://l.facebook.com/"),
    ..PLAIN
};
const INSTAGRAM: Campaign = Campaign {
    app: Some(App::Instagram),
    desktops: 3,
    click: Some(("fbclid", "PAZXh0bgNhZW0", 46)),
    referrer: Some("https://l.instagram.com/"),
    ..PLAIN
};
const GOOGLE_ADS: Campaign = Campaign {
    desktops: 28,
    click: Some(("gclid", "Cj0KCQjw", 70)),
    referrer: Some("https://www.google.com/"),
    ..PLAIN
};
const TIKTOK: Campaign = Campaign {
    app: Some(App::TikTok),
    desktops: 2,
    bounces: 63,
    orders: 70,
    landing: Landing::Product,
    click: Some(("ttclid", "E.C.P.C", 60)),
    referrer: Some("https://www.tiktok.com/"),
    ..PLAIN
};
const MAIL: Campaign = Campaign { orders: 520, bounces: 26, basket: 48, desktops: 34, ..PLAIN };
const MESSENGER: Campaign = Campaign { orders: 430, bounces: 32, basket: 40, desktops: 7, ..PLAIN };
const ORGANIC: Campaign = Campaign { orders: 240, bounces: 41, basket: 34, desktops: 33, ..PLAIN };
const PRICES: Campaign =
    Campaign { orders: 310, bounces: 38, basket: 22, desktops: 42, landing: Landing::Product, ..PLAIN };
const ASSISTANT: Campaign =
    Campaign { orders: 380, bounces: 30, basket: 30, desktops: 55, landing: Landing::Product, ..PLAIN };

/// Every way to the shop.
pub const CAMPAIGNS: &[Campaign] = &[
    // Instagram
    Campaign {
        first: 105,
        again: 22,
        orders: 170,
        when: When::Months(11, 2),
        landing: Landing::Product,
        link: "utm_source=instagram&utm_medium=paid_social&utm_campaign=Зимова колекція",
        contents: &["reels_худі", "stories_знижка", "карусель_1", "reels_шарф"],
        ..INSTAGRAM
    },
    Campaign {
        first: 100,
        again: 20,
        orders: 165,
        when: When::Months(3, 5),
        landing: Landing::Product,
        link: "utm_source=instagram&utm_medium=paid_social&utm_campaign=Весна-стиль",
        contents: &["reels_футболка", "stories_новинки", "карусель_2"],
        ..INSTAGRAM
    },
    Campaign {
        first: 92,
        again: 18,
        orders: 150,
        when: When::Months(6, 8),
        landing: Landing::Catalog,
        link: "utm_source=ig&utm_medium=paid_social&utm_campaign=Літо_у_місті",
        contents: &["reels_кепка", "stories_торба", "блогерка_оля"],
        ..INSTAGRAM
    },
    Campaign {
        first: 104,
        again: 22,
        orders: 175,
        when: When::Months(9, 10),
        landing: Landing::Product,
        link: "utm_source=instagram&utm_medium=paid_social&utm_campaign=осінь_тепло",
        contents: &["reels_худі", "stories_відгуки", "карусель_3"],
        ..INSTAGRAM
    },
    Campaign {
        first: 46,
        again: 40,
        orders: 210,
        bounces: 39,
        landing: Landing::Home,
        link: "utm_source=instagram&utm_medium=social&utm_campaign=linkinbio",
        ..INSTAGRAM
    },
    Campaign { first: 20, again: 14, orders: 120, landing: Landing::Product, ..INSTAGRAM },
    // Facebook
    Campaign {
        first: 82,
        orders: 140,
        bounces: 52,
        link: "utm_source=facebook&utm_medium=cpc&utm_campaign=prospecting_ua",
        contents: &["video_15s", "static_білий", "collection_ad", "ugc_марія"],
        terms: &["жінки_25-34", "чоловіки_25-44", "lookalike_1%25"],
        ..FACEBOOK
    },
    Campaign {
        first: 26,
        orders: 125,
        bounces: 54,
        link: "utm_source=FB&utm_medium=cpc&utm_campaign=Advantage%2B Shopping",
        contents: &["catalog_auto"],
        landing: Landing::Product,
        ..FACEBOOK
    },
    Campaign {
        again: 66,
        orders: 460,
        bounces: 30,
        basket: 38,
        link: "utm_source=facebook&utm_medium=cpc&utm_campaign=remarketing_кошик",
        contents: &["dpa_7d", "dpa_14d_знижка10"],
        landing: Landing::Product,
        ..FACEBOOK
    },
    // A macro that nobody filled in.
    Campaign {
        first: 5,
        orders: 120,
        link: "utm_source=facebook&utm_medium=cpc&utm_campaign={{campaign.name}}",
        contents: &["{{ad.name}}"],
        ..FACEBOOK
    },
    Campaign { first: 26, again: 12, orders: 110, referrer: Some("https://m.facebook.com/"), ..FACEBOOK },
    // Google
    Campaign {
        first: 34,
        again: 40,
        orders: 560,
        bounces: 22,
        basket: 42,
        landing: Landing::Home,
        link: "utm_source=google&utm_medium=cpc&utm_campaign=search_brand",
        terms: &["utm shop", "магазин мальва", "худі полин"],
        ..GOOGLE_ADS
    },
    Campaign {
        first: 78,
        again: 12,
        orders: 235,
        landing: Landing::Catalog,
        link: "utm_source=google&utm_medium=cpc&utm_campaign=search_generic_ua",
        contents: &["rsa_1", "rsa_2"],
        terms: &[
            "купити футболку",
            "худі чоловіче",
            "подарунок подрузі",
            "термос 0.5",
            "наплічник міський",
            "шарф вовна",
        ],
        ..GOOGLE_ADS
    },
    Campaign {
        first: 58,
        again: 14,
        orders: 260,
        landing: Landing::Product,
        link: "utm_source=google&utm_medium=cpc&utm_campaign=pmax_all",
        ..GOOGLE_ADS
    },
    // Tagged by the platform alone.
    Campaign { first: 24, again: 6, orders: 250, landing: Landing::Product, ..GOOGLE_ADS },
    Campaign { first: 9, orders: 150, landing: Landing::Product, click: Some(("gbraid", "0AAAAA", 40)), ..GOOGLE_ADS },
    Campaign { first: 108, again: 64, referrer: Some("https://www.google.com/"), ..ORGANIC },
    Campaign { first: 16, again: 6, referrer: Some("https://www.google.com.ua/"), ..ORGANIC },
    Campaign {
        first: 14,
        again: 3,
        landing: Landing::Product,
        click: Some(("srsltid", "AfmBOo", 50)),
        referrer: Some("https://www.google.com/"),
        ..ORGANIC
    },
    Campaign { first: 9, again: 4, desktops: 88, referrer: Some("https://www.bing.com/"), ..ORGANIC },
    Campaign { first: 5, again: 3, referrer: Some("https://duckduckgo.com/"), ..ORGANIC },
    // TikTok
    Campaign {
        first: 66,
        again: 6,
        link: "utm_source=tiktok&utm_medium=paid&utm_campaign=spark_ads_розпаковка",
        contents: &["creator_1", "creator_2", "creator_3"],
        ..TIKTOK
    },
    Campaign {
        first: 22,
        orders: 55,
        link: "utm_source=tiktok&utm_medium=paid&utm_campaign=__CAMPAIGN_NAME__",
        contents: &["__AID_NAME__"],
        when: When::Months(4, 5),
        ..TIKTOK
    },
    Campaign { first: 18, again: 4, orders: 60, click: None, ..TIKTOK },
    // Video
    Campaign {
        first: 17,
        again: 5,
        orders: 195,
        desktops: 30,
        link: "utm_source=youtube&utm_medium=influencer&utm_campaign=огляд_бренду",
        contents: &["випуск_12", "випуск_17"],
        referrer: Some("https://www.youtube.com/"),
        ..PLAIN
    },
    // Messengers
    Campaign {
        first: 26,
        again: 54,
        link: "utm_source=telegram&utm_medium=messenger&utm_campaign=канал_новини",
        contents: &["пост", "закріп"],
        ..MESSENGER
    },
    Campaign {
        first: 12,
        orders: 110,
        bounces: 55,
        link: "utm_source=telegram_ads&utm_medium=cpc&utm_campaign=tg_подарунки",
        when: When::Months(11, 3),
        ..MESSENGER
    },
    Campaign {
        again: 48,
        orders: 480,
        link: "utm_source=viber&utm_medium=messenger&utm_campaign=розсилка_тижня",
        contents: &["кнопка", "банер"],
        ..MESSENGER
    },
    // Mailings and text messages
    Campaign { again: 52, link: "utm_source=newsletter&utm_medium=email&utm_campaign=weekly_digest", ..MAIL },
    Campaign {
        again: 40,
        orders: 900,
        bounces: 14,
        landing: Landing::Product,
        link: "utm_source=newsletter&utm_medium=email&utm_campaign=abandoned_cart",
        contents: &["лист_1", "лист_2_знижка"],
        ..MAIL
    },
    Campaign {
        again: 16,
        click: Some(("mc_eid", "", 10)),
        link: "utm_source=mailchimp&utm_medium=email&utm_campaign=бонуси_клієнтам",
        ..MAIL
    },
    Campaign {
        again: 150,
        first: 30,
        orders: 620,
        bounces: 24,
        link: "utm_source=newsletter&utm_medium=email&utm_campaign=Чорна п’ятниця",
        contents: &["анонс", "старт", "останній_день"],
        when: When::In(Season::BlackFriday),
        ..MAIL
    },
    Campaign {
        again: 90,
        orders: 500,
        bounces: 30,
        link: "utm_source=sms&utm_medium=sms&utm_campaign=чорна_пятниця",
        when: When::In(Season::BlackFriday),
        ..MESSENGER
    },
    Campaign {
        again: 70,
        orders: 480,
        link: "utm_source=newsletter&utm_medium=email&utm_campaign=день_незалежності",
        when: When::In(Season::Independence),
        ..MAIL
    },
    Campaign {
        first: 60,
        again: 20,
        orders: 220,
        link: "utm_source=instagram&utm_medium=paid_social&utm_campaign=Подарунки 8 березня",
        contents: &["reels_свічка", "stories_набір"],
        when: When::In(Season::Spring),
        ..INSTAGRAM
    },
    Campaign {
        first: 70,
        again: 26,
        orders: 240,
        link: "utm_source=facebook&utm_medium=cpc&utm_campaign=новорічні_подарунки",
        contents: &["набір_свічка_чашка", "video_6s"],
        when: When::In(Season::Winter),
        ..FACEBOOK
    },
    // Other sites
    Campaign {
        first: 20,
        again: 4,
        link: "utm_source=hotline&utm_medium=cpc&utm_campaign=price_feed",
        referrer: Some("https://hotline.ua/"),
        ..PRICES
    },
    Campaign { first: 12, again: 3, referrer: Some("https://rozetka.com.ua/"), ..PRICES },
    Campaign { first: 8, again: 2, referrer: Some("https://price.ua/"), ..PRICES },
    Campaign { first: 9, again: 3, orders: 180, referrer: Some("https://style-blog.example/"), ..PRICES },
    Campaign {
        first: 6,
        orders: 150,
        link: "utm_source=partner_mama&utm_medium=affiliate&utm_campaign=cpa_10",
        referrer: Some("https://mama-radyt.example/"),
        ..PRICES
    },
    // Assistants
    Campaign {
        first: 14,
        again: 6,
        link: "utm_source=chatgpt.com",
        referrer: Some("https://chatgpt.com/"),
        ..ASSISTANT
    },
    Campaign { first: 5, again: 1, referrer: Some("https://www.perplexity.ai/"), ..ASSISTANT },
    Campaign { first: 4, again: 1, referrer: Some("https://gemini.google.com/"), ..ASSISTANT },
    // Nobody knows from where
    Campaign { first: 96, again: 190, orders: 330, bounces: 36, basket: 36, landing: Landing::Home, ..PLAIN },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_way_to_come_and_to_come_again() {
        let january = NaiveDate::from_ymd_opt(2026, 1, 15).unwrap();
        for date in january.iter_days().take(365).step_by(10) {
            for is_first in [true, false] {
                let weights: Vec<u64> =
                    CAMPAIGNS.iter().map(|campaign| campaign.weight(is_first, date, Season::Ordinary)).collect();
                assert!(weights.iter().filter(|weight| **weight > 0).count() > 10, "{date}");
            }
        }
    }

    #[test]
    fn campaigns_run_in_their_months() {
        let on = |text: &str, month, season| {
            let date = NaiveDate::from_ymd_opt(2026, month, 3).unwrap();
            let campaign = CAMPAIGNS.iter().find(|campaign| campaign.link.contains(text)).unwrap();
            campaign.weight(true, date, season) + campaign.weight(false, date, season) > 0
        };
        assert!(on("Зимова", 12, Season::Ordinary) && on("Зимова", 1, Season::Ordinary));
        assert!(!on("Зимова", 6, Season::Ordinary));
        assert!(on("Чорна", 11, Season::BlackFriday) && !on("Чорна", 11, Season::Ordinary));
    }

    #[test]
    fn a_click_has_what_its_platform_adds() {
        let facebook = CAMPAIGNS.iter().find(|campaign| campaign.link.contains("prospecting")).unwrap();
        let click = facebook.click(&mut Chance::new(1));
        assert!(click.link.contains("&utm_content=") && click.link.contains("&utm_term="), "{}", click.link);
        assert_eq!(click.id.map(|(name, value)| (name, value.len())), Some(("fbclid", 53)));
        assert_eq!(click.referrer, Some("https://l.facebook.com/"));
    }
}
