//! Agents as browsers send them, and what is read of them.

use super::*;

struct Case {
    agent: Agent,
    device: Device,
    /// Brand, model, system, its version, browser, its version; `-` for none.
    rest: [&'static str; 6],
}

fn plain(user_agent: &str, device: Device, rest: [&'static str; 6]) -> Case {
    Case { agent: Agent { user_agent: user_agent.into(), ..Agent::default() }, device, rest }
}

fn hinted(user_agent: &str, hints: [&str; 5], device: Device, rest: [&'static str; 6]) -> Case {
    let [brands, mobile, platform, platform_version, model] =
        hints.map(|hint| (!hint.is_empty()).then(|| hint.to_owned()));
    let agent =
        Agent { user_agent: user_agent.into(), brands, mobile, platform, platform_version, model, language: None };
    Case { agent, device, rest }
}

const WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36";
const ANDROID_TABLET: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";
const CHROME: &str = r#""Not)A;Brand";v="8", "Chromium";v="138", "Google Chrome";v="138""#;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn fault_c9_devices_systems_and_browsers_are_what_they_are() {
    use Device::{Desktop, Mobile, Tablet, Unknown};
    let cases = [
        plain(WINDOWS, Desktop, ["-", "-", "Windows", "10", "Chrome", "138"]),
        hinted(
            WINDOWS,
            [CHROME, "?0", "\"Windows\"", "\"15.0.0\"", "\"\""],
            Desktop,
            ["-", "-", "Windows", "11", "Chrome", "138"],
        ),
        hinted(
            WINDOWS,
            [CHROME, "?0", "\"Windows\"", "\"10.0.0\"", "\"\""],
            Desktop,
            ["-", "-", "Windows", "10", "Chrome", "138"],
        ),
        hinted(
            WINDOWS,
            [r#""Chromium";v="138", "Brave";v="138""#, "?0", "\"Windows\"", "", ""],
            Desktop,
            ["-", "-", "Windows", "10", "Brave", "138"],
        ),
        plain(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0",
            Desktop,
            ["-", "-", "Windows", "10", "Edge", "137"],
        ),
        plain(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
            Desktop,
            ["Apple", "Mac", "Mac OS X", "10.15", "Safari", "17"],
        ),
        plain(
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            Desktop,
            ["-", "-", "Ubuntu", "-", "Firefox", "127"],
        ),
        plain(
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            Desktop,
            ["-", "-", "Chrome OS", "14541", "Chrome", "126"],
        ),
        plain(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            Mobile,
            ["Apple", "iPhone", "iOS", "17.5", "Mobile Safari", "17"],
        ),
        plain(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
            Mobile,
            ["Apple", "iPhone", "iOS", "17", "Chrome Mobile iOS", "126"],
        ),
        plain(
            "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            Tablet,
            ["Apple", "iPad", "iOS", "16.6", "Mobile Safari", "16"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            Mobile,
            ["Samsung", "SM-G991B", "Android", "14", "Chrome Mobile", "126"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            Tablet,
            ["Samsung", "SM-X200", "Android", "13", "Chrome", "126"],
        ),
        plain(ANDROID, Mobile, ["-", "-", "Android", "-", "Chrome Mobile", "138"]),
        hinted(
            ANDROID,
            [CHROME, "?1", "\"Android\"", "\"14.0.0\"", "\"SM-S918B\""],
            Mobile,
            ["Samsung", "SM-S918B", "Android", "14", "Chrome Mobile", "138"],
        ),
        hinted(
            ANDROID_TABLET,
            [CHROME, "?0", "\"Android\"", "\"13.0.0\"", "\"SM-X200\""],
            Tablet,
            ["Samsung", "SM-X200", "Android", "13", "Chrome", "138"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
            Mobile,
            ["Samsung", "SM-A546B", "Android", "13", "Samsung Internet", "25"],
        ),
        plain(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E236 Instagram 330.0.0.18.91 (iPhone14,5; iOS 17_4_1; uk_UA; uk; scale=3.00; 1170x2532; 595587530)",
            Mobile,
            ["Apple", "iPhone14,5", "iOS", "17.4", "Instagram", "330"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Tizen 6.0; SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
            Unknown,
            ["-", "-", "Tizen", "6", "Safari", "-"],
        ),
        plain(
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
            Unknown,
            ["Sony", "PlayStation 5", "-", "-", "Safari", "15"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
            Mobile,
            ["Huawei", "NOH-AN00", "Android", "12", "Huawei Browser", "15"],
        ),
        plain(
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
            Mobile,
            ["-", "-", "OpenHarmony", "5", "Chrome", "114"],
        ),
        plain(
            "Mozilla/5.0 (Tablet; OpenHarmony 5.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 ArkWeb/6.0.0.45",
            Tablet,
            ["-", "-", "OpenHarmony", "5.1", "Chrome", "132"],
        ),
        plain(
            "Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 ArkWeb/6.0.0.45",
            Desktop,
            ["-", "-", "OpenHarmony", "5", "Chrome", "132"],
        ),
        hinted(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
            [CHROME, "?0", "\"Android\"", "\"14.0.0\"", "\"SM-X700\""],
            Tablet,
            ["Samsung", "SM-X700", "Android", "14", "Chrome", "138"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 12; Robot X1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            Mobile,
            ["-", "Robot X1", "Android", "12", "Chrome Mobile", "120"],
        ),
        plain(
            "Mozilla/5.0 (Linux; Android 11; Hisense Spider Build/RP1A.200720.011) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Mobile Safari/537.36",
            Mobile,
            ["Hisense", "Hisense Spider", "Android", "11", "Chrome Mobile", "121"],
        ),
        plain("", Unknown, ["-"; 6]),
    ];
    let mut agents = Agents::new();
    for Case { agent, device, rest } in cases {
        let client = agents.client(&agent);
        let found =
            [&client.brand, &client.model, &client.os, &client.os_version, &client.browser, &client.browser_version];
        let found = found.map(|value| value.as_deref().unwrap_or("-"));
        assert_eq!((client.device, found), (device, rest), "{agent:?}");
        assert_eq!(agents.client(&agent), client, "from the cache");
    }
}

#[test]
fn fault_c11_names_are_bounded() {
    let mut agents = Agents::new();
    let long = "x".repeat(400);
    let client = agents.client(&Agent {
        user_agent: ANDROID.into(),
        platform: Some("\"Android\"".into()),
        model: Some(format!("\"{long}\"")),
        platform_version: Some(format!("\"{long}\"")),
        ..Agent::default()
    });
    assert_eq!(client.model.as_ref().map(|model| model.chars().count()), Some(MAX_CHARS));
    assert_eq!(client.os_version, None);
    for n in 0..5000 {
        agents.cache.put(Agent { user_agent: n.to_string(), ..Agent::default() }, Arc::default());
    }
    assert_eq!(agents.cache.len(), CACHE.get());
}
