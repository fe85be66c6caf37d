//! The browsers that people come with.

use utm_dispatcher::model::visitor::{Agent, Client, Device};

/// A browser: how it introduces itself, and what tracking makes of that.
#[derive(Clone, Copy, Debug)]
pub struct Browser {
    /// How many people have it, compared with the others.
    pub weight: u64,
    /// The app whose pages it shows; `None` for a browser of its own.
    pub app: Option<App>,
    /// `User-Agent`.
    pub user_agent: &'static str,
    /// Client hints, as browsers made of Chromium send them.
    hints: Option<Hints>,
    device: Device,
    brand: Option<&'static str>,
    model: Option<&'static str>,
    os: (&'static str, Option<&'static str>),
    name: (&'static str, &'static str),
}

/// Apps that open links in a browser of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Instagram.
    Instagram,
    /// Facebook.
    Facebook,
    /// TikTok.
    TikTok,
}

#[derive(Clone, Copy, Debug)]
struct Hints {
    brands: &'static str,
    platform: &'static str,
    platform_version: &'static str,
    model: &'static str,
}

impl Browser {
    /// Is it on a computer?
    pub fn is_desktop(&self) -> bool {
        self.device == Device::Desktop
    }

    /// What it says of itself.
    pub fn agent(&self, language: &str) -> Agent {
        let hint = |read: fn(&Hints) -> String| self.hints.as_ref().map(read);
        let is_mobile = self.device == Device::Mobile;
        Agent {
            user_agent: self.user_agent.to_owned(),
            brands: hint(|hints| hints.brands.to_owned()),
            mobile: self.hints.map(|_| if is_mobile { "?1" } else { "?0" }.to_owned()),
            platform: hint(|hints| format!("\"{}\"", hints.platform)),
            platform_version: hint(|hints| format!("\"{}\"", hints.platform_version)),
            model: hint(|hints| format!("\"{}\"", hints.model)),
            language: Some(language.to_owned()),
        }
    }

    /// What tracking makes of that.
    pub fn client(&self, language: &str) -> Client {
        let some = |text: &str| Some(text.to_owned());
        Client {
            device: self.device,
            brand: self.brand.map(str::to_owned),
            model: self.model.map(str::to_owned),
            os: some(self.os.0),
            os_version: self.os.1.map(str::to_owned),
            browser: some(self.name.0),
            browser_version: some(self.name.1),
            language: some(language),
        }
    }
}

const CHROME_137: &str = r#""Google Chrome";v="137", "Chromium";v="137", "Not/A)Brand";v="24""#;
const CHROME_141: &str = r#""Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141""#;
const EDGE_140: &str = r#""Chromium";v="140", "Not=A?Brand";v="24", "Microsoft Edge";v="140""#;

const fn android(model: &'static str, version: &'static str) -> Hints {
    Hints { brands: CHROME_137, platform: "Android", platform_version: version, model }
}

const REDUCED_ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                               Chrome/137.0.0.0 Mobile Safari/537.36";

/// Every browser of the world.
pub const BROWSERS: &[Browser] = &[
    Browser {
        weight: 150,
        app: None,
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/18.5 Mobile/15E148 Safari/604.1",
        hints: None,
        device: Device::Mobile,
        brand: Some("Apple"),
        model: Some("iPhone"),
        os: ("iOS", Some("18.5")),
        name: ("Mobile Safari", "18"),
    },
    Browser {
        weight: 70,
        app: None,
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.6 Mobile/15E148 Safari/604.1",
        hints: None,
        device: Device::Mobile,
        brand: Some("Apple"),
        model: Some("iPhone"),
        os: ("iOS", Some("17.6")),
        name: ("Mobile Safari", "17"),
    },
    Browser {
        weight: 40,
        app: None,
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     CriOS/136.0.7103.56 Mobile/15E148 Safari/604.1",
        hints: None,
        device: Device::Mobile,
        brand: Some("Apple"),
        model: Some("iPhone"),
        os: ("iOS", Some("18.4")),
        name: ("Chrome Mobile iOS", "136"),
    },
    Browser {
        weight: 90,
        app: None,
        user_agent: REDUCED_ANDROID,
        hints: Some(android("SM-A546B", "14.0.0")),
        device: Device::Mobile,
        brand: Some("Samsung"),
        model: Some("SM-A546B"),
        os: ("Android", Some("14")),
        name: ("Chrome Mobile", "137"),
    },
    Browser {
        weight: 60,
        app: None,
        user_agent: REDUCED_ANDROID,
        hints: Some(android("SM-S921B", "15.0.0")),
        device: Device::Mobile,
        brand: Some("Samsung"),
        model: Some("SM-S921B"),
        os: ("Android", Some("15")),
        name: ("Chrome Mobile", "137"),
    },
    Browser {
        weight: 55,
        app: None,
        user_agent: REDUCED_ANDROID,
        hints: Some(android("Redmi Note 9 Pro", "13.0.0")),
        device: Device::Mobile,
        brand: Some("XiaoMi"),
        model: Some("Redmi Note 9 Pro"),
        os: ("Android", Some("13")),
        name: ("Chrome Mobile", "137"),
    },
    Browser {
        weight: 30,
        app: None,
        user_agent: REDUCED_ANDROID,
        hints: Some(android("Pixel 8", "15.0.0")),
        device: Device::Mobile,
        brand: Some("Google"),
        model: Some("Pixel 8"),
        os: ("Android", Some("15")),
        name: ("Chrome Mobile", "137"),
    },
    Browser {
        weight: 40,
        app: None,
        user_agent: REDUCED_ANDROID,
        hints: None,
        device: Device::Mobile,
        brand: None,
        model: None,
        os: ("Android", None),
        name: ("Chrome Mobile", "137"),
    },
    Browser {
        weight: 45,
        app: None,
        user_agent: "Mozilla/5.0 (Linux; Android 12; Redmi Note 10 Pro) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/124.0.0.0 Mobile Safari/537.36",
        hints: None,
        device: Device::Mobile,
        brand: Some("XiaoMi"),
        model: Some("Redmi Note 10 Pro"),
        os: ("Android", Some("12")),
        name: ("Chrome Mobile", "124"),
    },
    Browser {
        weight: 35,
        app: None,
        user_agent: "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) \
                     SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        hints: None,
        device: Device::Mobile,
        brand: Some("Samsung"),
        model: Some("SM-A536B"),
        os: ("Android", Some("14")),
        name: ("Samsung Internet", "27"),
    },
    Browser {
        weight: 12,
        app: None,
        user_agent: "Mozilla/5.0 (Android 14; Mobile; rv:138.0) Gecko/138.0 Firefox/138.0",
        hints: None,
        device: Device::Mobile,
        brand: None,
        model: None,
        os: ("Android", Some("14")),
        name: ("Firefox Mobile", "138"),
    },
    Browser {
        weight: 110,
        app: Some(App::Instagram),
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Mobile/15E148 Instagram 382.0.0.26.85 (iPhone15,2; iOS 18_5; uk_UA; uk; scale=3.00; 1179x2556; \
                     734501029)",
        hints: None,
        device: Device::Mobile,
        brand: Some("Apple"),
        model: Some("iPhone15,2"),
        os: ("iOS", Some("18.5")),
        name: ("Instagram", "382"),
    },
    Browser {
        weight: 90,
        app: Some(App::Instagram),
        user_agent: "Mozilla/5.0 (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, \
                     like Gecko) Version/4.0 Chrome/137.0.7151.61 Mobile Safari/537.36 Instagram 382.0.0.49.84 \
                     Android (34/14; 450dpi; 1080x2340; samsung; SM-A546B; a54x; s5e8835; uk_UA; 738821034)",
        hints: None,
        device: Device::Mobile,
        brand: Some("Samsung"),
        model: Some("SM-A546B"),
        os: ("Android", Some("14")),
        name: ("Instagram", "382"),
    },
    Browser {
        weight: 60,
        app: Some(App::Facebook),
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Mobile/15E148 [FBAN/FBIOS;FBAV/516.0.0.35.96;FBBV/739104427;FBDV/iPhone14,5;FBMD/iPhone;\
                     FBSN/iOS;FBSV/18.5;FBSS/3;FBID/phone;FBLC/uk_UA;FBOP/5;FBRV/0]",
        hints: None,
        device: Device::Mobile,
        brand: Some("Apple"),
        model: Some("iPhone14,5"),
        os: ("iOS", Some("18.5")),
        name: ("Facebook", "516"),
    },
    Browser {
        weight: 60,
        app: Some(App::Facebook),
        user_agent: "Mozilla/5.0 (Linux; Android 13; Redmi Note 8 Pro Build/TKQ1.221013.002; wv) AppleWebKit/537.36 (KHTML, \
                     like Gecko) Version/4.0 Chrome/136.0.7103.127 Mobile Safari/537.36 [FB_IAB/FB4A;\
                     FBAV/515.0.0.44.109;]",
        hints: None,
        device: Device::Mobile,
        brand: Some("XiaoMi"),
        model: Some("Redmi Note 8 Pro"),
        os: ("Android", Some("13")),
        name: ("Facebook", "515"),
    },
    Browser {
        weight: 60,
        app: Some(App::TikTok),
        user_agent: "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, \
                     like Gecko) Version/4.0 Chrome/135.0.7049.111 Mobile Safari/537.36 trill_390504 \
                     BytedanceWebview/d8a21c6",
        hints: None,
        device: Device::Mobile,
        brand: Some("Samsung"),
        model: Some("SM-S911B"),
        os: ("Android", Some("14")),
        name: ("Chrome Mobile WebView", "135"),
    },
    Browser {
        weight: 90,
        app: None,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/141.0.0.0 Safari/537.36",
        hints: Some(Hints { brands: CHROME_141, platform: "Windows", platform_version: "15.0.0", model: "" }),
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Windows", Some("11")),
        name: ("Chrome", "141"),
    },
    Browser {
        weight: 45,
        app: None,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/138.0.0.0 Safari/537.36",
        hints: None,
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Windows", Some("10")),
        name: ("Chrome", "138"),
    },
    Browser {
        weight: 25,
        app: None,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
        hints: Some(Hints { brands: EDGE_140, platform: "Windows", platform_version: "15.0.0", model: "" }),
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Windows", Some("11")),
        name: ("Edge", "140"),
    },
    Browser {
        weight: 18,
        app: None,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
        hints: None,
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Windows", Some("10")),
        name: ("Firefox", "139"),
    },
    Browser {
        weight: 14,
        app: None,
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/134.0.0.0 Safari/537.36 OPR/119.0.0.0",
        hints: None,
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Windows", Some("10")),
        name: ("Opera", "119"),
    },
    Browser {
        weight: 40,
        app: None,
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/18.5 Safari/605.1.15",
        hints: None,
        device: Device::Desktop,
        brand: Some("Apple"),
        model: Some("Mac"),
        os: ("Mac OS X", Some("10.15")),
        name: ("Safari", "18"),
    },
    Browser {
        weight: 22,
        app: None,
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/141.0.0.0 Safari/537.36",
        hints: Some(Hints { brands: CHROME_141, platform: "macOS", platform_version: "15.5.0", model: "" }),
        device: Device::Desktop,
        brand: Some("Apple"),
        model: Some("Mac"),
        os: ("Mac OS X", Some("15.5")),
        name: ("Chrome", "141"),
    },
    Browser {
        weight: 10,
        app: None,
        user_agent: "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0",
        hints: None,
        device: Device::Desktop,
        brand: None,
        model: None,
        os: ("Ubuntu", None),
        name: ("Firefox", "138"),
    },
    Browser {
        weight: 18,
        app: None,
        user_agent: "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.7 Mobile/15E148 Safari/604.1",
        hints: None,
        device: Device::Tablet,
        brand: Some("Apple"),
        model: Some("iPad"),
        os: ("iOS", Some("17.7")),
        name: ("Mobile Safari", "17"),
    },
    Browser {
        weight: 12,
        app: None,
        user_agent: "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/137.0.0.0 Safari/537.36",
        hints: None,
        device: Device::Tablet,
        brand: Some("Samsung"),
        model: Some("SM-X200"),
        os: ("Android", Some("13")),
        name: ("Chrome", "137"),
    },
];
