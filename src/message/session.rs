//! A session as an import gives it, read by the same steps as a request.

use std::net::IpAddr;
use std::str::FromStr;

use super::fields::{Fields, MAX_ID, MAX_TEXT, MAX_URL};
use super::{BadField, Context, address};
use crate::model::Millis;
use crate::model::touch::Utm;
use crate::model::visitor::{Client, Device, Place, VisitorKey};
use crate::tracking::steps::{Draft, Drop, Request, Rules, read};
use crate::tracking::{key, touch, utm};

const FIELDS: &str = "id, visitor, started_at, last_seen, url, referrer, user_agent, ip, utm, geo, device";

/// A session with the request that opened it. What is `None` was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// The sender's own id of it.
    pub id: String,
    /// The sender's own id of its visitor.
    pub visitor: String,
    /// When it opened.
    pub started_at: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// The address that was asked for.
    pub url: String,
    /// Where it came from.
    pub referrer: Option<String>,
    /// The browser; an empty one is a bot.
    pub user_agent: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// Values that stand in place of those of the address.
    pub utm: Utm,
    /// What stands in place of where the address lies.
    pub place: Place,
    /// What stands in place of what the agent says, but for the form of the device.
    pub client: Client,
    /// The form of the device, if it was said.
    pub device: Option<Device>,
}

/// Reads a session line.
pub fn session(mut fields: Fields, context: &Context) -> Result<SessionLine, BadField> {
    let started_at = fields.needed_time("started_at", context)?;
    let last_seen = fields.time("last_seen", context)?.unwrap_or(started_at);
    if last_seen < started_at {
        return Err(BadField::new("last_seen", "an earlier time", "a time at or after started_at"));
    }
    let (device, client) = client(&mut fields)?;
    let line = SessionLine {
        id: fields.needed_id("id", MAX_ID)?,
        visitor: fields.needed_id("visitor", MAX_ID)?,
        started_at,
        last_seen,
        url: fields.raw_text("url", MAX_URL)?.unwrap_or_default(),
        referrer: fields.raw_text("referrer", MAX_URL)?,
        user_agent: fields.raw_text("user_agent", MAX_URL)?,
        ip: parsed(&mut fields, "ip", "an IPv4 or IPv6 address")?,
        utm: own_utm(&mut fields)?,
        place: place(&mut fields)?,
        client,
        device,
    };
    fields.end(FIELDS)?;
    Ok(line)
}

fn own_utm(fields: &mut Fields) -> Result<Utm, BadField> {
    let Some(mut fields) = fields.object("utm")? else { return Ok(Utm::default()) };
    let mut value = |name| fields.raw_text(name, MAX_URL).map_err(|bad| bad.inside("utm"));
    let utm = Utm {
        source: value("source")?,
        medium: value("medium")?,
        campaign: value("campaign")?,
        content: value("content")?,
        term: value("term")?,
    };
    fields.end("source, medium, campaign, content, term").map_err(|bad| bad.inside("utm"))?;
    Ok(utm)
}

fn place(fields: &mut Fields) -> Result<Place, BadField> {
    let Some(mut fields) = fields.object("geo")? else { return Ok(Place::default()) };
    let read = |fields: &mut Fields| {
        let country = fields.text("country", MAX_TEXT)?;
        let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(came) = country.as_ref().filter(|code| !is_code(code)) {
            return Err(BadField::new("country", came, "the two letters of ISO 3166-1, like UA"));
        }
        Ok(Place {
            country: country.map(|code| code.to_ascii_uppercase()),
            region: fields.text("region", MAX_TEXT)?,
            city: fields.text("city", MAX_TEXT)?,
        })
    };
    let place = read(&mut fields).map_err(|bad| bad.inside("geo"))?;
    fields.end("country, city, region").map_err(|bad| bad.inside("geo"))?;
    Ok(place)
}

fn client(fields: &mut Fields) -> Result<(Option<Device>, Client), BadField> {
    /// As long as the names that are found in agents.
    const MAX_NAME: usize = 64;
    let Some(mut fields) = fields.object("device")? else { return Ok((None, Client::default())) };
    let read = |fields: &mut Fields| {
        let device = parsed(fields, "type", "one of desktop, mobile, tablet, unknown")?;
        let mut name = |key| fields.text(key, MAX_NAME);
        let client = Client {
            brand: name("brand")?,
            model: name("model")?,
            os: name("os")?,
            os_version: name("os_version")?,
            browser: name("browser")?,
            browser_version: name("browser_version")?,
            ..Client::default()
        };
        Ok((device, client))
    };
    let client = read(&mut fields).map_err(|bad: BadField| bad.inside("device"))?;
    let known = "type, brand, model, os, os_version, browser, browser_version";
    fields.end(known).map_err(|bad| bad.inside("device"))?;
    Ok(client)
}

fn parsed<T: FromStr>(fields: &mut Fields, name: &str, allowed: &str) -> Result<Option<T>, BadField> {
    let Some(text) = fields.raw_text(name, MAX_TEXT)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| BadField::new(name, &text, allowed))
}

impl SessionLine {
    /// Walks the session through the steps of a request, its own values put in place of those that were found.
    pub fn draft(&self, rules: &Rules) -> Result<Draft, Drop> {
        let (host, path, query) = address::parts(&self.url);
        let visitor = self.visitor_key();
        let request = Request {
            path,
            query: query.as_bytes(),
            referrer: self.referrer.as_deref().map(str::as_bytes),
            user_agent: self.user_agent.as_deref().map(str::as_bytes),
            peer: self.ip,
            host: host.map(str::as_bytes),
            visitor: Some(&visitor),
            ..Request::default()
        };
        let mut draft = read(&request, rules, self.started_at)?;
        if !self.utm.is_empty() {
            let found = draft.params.clone();
            let names = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];
            let [source, medium, campaign, content, term] = self.utm.values();
            let mut values = names.map(|name| found.last(name));
            for (value, own) in values.iter_mut().zip([source, medium, campaign, content, term]) {
                *value = own.or(*value);
            }
            draft.reading = utm::of(values);
            draft.touch = touch::touch(draft.reading.clone(), &draft.click_ids, draft.origin.as_ref());
        }
        Ok(draft)
    }

    /// The key of its visitor.
    pub fn visitor_key(&self) -> VisitorKey {
        key::of_name(&self.visitor)
    }

    /// The client, of which the agent says that it is `found`. A version goes with the name that it was found with.
    pub fn client_over(&self, found: Client) -> Client {
        let Client { brand, model, os, os_version, browser, browser_version, .. } = self.client.clone();
        let is_same = |own: &Option<String>, found: &Option<String>| own.is_none() || own == found;
        let keeps_os = is_same(&os, &found.os);
        let keeps_browser = is_same(&browser, &found.browser);
        let keeps_model = is_same(&brand, &found.brand);
        Client {
            device: self.device.unwrap_or(found.device),
            brand: brand.or(found.brand),
            model: model.or(found.model.filter(|_| keeps_model)),
            os: os.or(found.os),
            os_version: os_version.or(found.os_version.filter(|_| keeps_os)),
            browser: browser.or(found.browser),
            browser_version: browser_version.or(found.browser_version.filter(|_| keeps_browser)),
            language: found.language,
        }
    }

    /// The place, of which the address says that it is `found`. A city of another country is none.
    pub fn place_over(&self, found: Place) -> Place {
        let own = self.place.clone();
        let found = if own.country.is_none() || own.country == found.country { found } else { Place::default() };
        let is_moved = own.region.is_some() && own.region != found.region;
        Place {
            country: own.country.or(found.country),
            city: own.city.or(found.city.filter(|_| !is_moved)),
            region: own.region.or(found.region),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::CONTEXT;
    use super::*;

    const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";

    fn line() -> Value {
        json!({"id": "s1", "visitor": "v1", "started_at": "2026-11-20T09:15:00+02:00",
            "url": "https://shop.example/product/tee?utm_source=fb&utm_campaign=winter&gclid=x",
            "referrer": "https://l.facebook.com/", "user_agent": AGENT, "ip": "81.2.69.142"})
    }

    fn with(name: &str, value: Value) -> Result<SessionLine, BadField> {
        let mut line = line();
        line[name] = value;
        session(Fields::of(line, "line").unwrap(), &CONTEXT)
    }

    #[test]
    fn a_line_is_read_as_a_request() {
        let line = with("last_seen", json!("2026-11-20T07:30:00Z")).unwrap();
        assert_eq!(line.last_seen - line.started_at, 15 * 60 * 1000);
        let draft = line.draft(&Rules::default()).unwrap();
        assert_eq!((draft.path.as_str(), draft.at), ("/product/tee", line.started_at));
        assert_eq!((draft.touch.source.as_str(), draft.touch.utm.campaign.as_deref()), ("facebook", Some("winter")));
        assert_eq!(draft.touch.raw.source.as_deref(), Some("fb"));
        assert_eq!((draft.click_ids.len(), draft.ip), (1, Some([81, 2, 69, 142].into())));
    }

    #[test]
    fn its_own_values_win() {
        let line = with("utm", json!({"source": "IG", "content": "відео 1"})).unwrap();
        let utm = line.draft(&Rules::default()).unwrap().touch.utm;
        assert_eq!(utm.values(), [Some("instagram"), None, Some("winter"), Some("відео_1"), None]);

        let line = with("geo", json!({"country": "ua", "city": "Kyiv"})).unwrap();
        let found = Place { country: Some("PL".into()), region: Some("Mazovia".into()), city: Some("Warsaw".into()) };
        let place = line.place_over(found);
        assert_eq!((place.country.as_deref(), place.region, place.city.as_deref()), (Some("UA"), None, Some("Kyiv")));

        let line = with("device", json!({"type": "tablet", "os": "Android"})).unwrap();
        let name = |name: &str| Some(name.to_owned());
        let found = Client {
            os: name("Windows"),
            os_version: name("10"),
            browser: name("Chrome"),
            browser_version: name("138"),
            ..Client::default()
        };
        let client = line.client_over(found);
        assert_eq!((client.device, client.os.as_deref(), client.os_version), (Device::Tablet, Some("Android"), None));
        assert_eq!((client.browser.as_deref(), client.browser_version.as_deref()), (Some("Chrome"), Some("138")));
    }

    #[test]
    fn without_an_agent_there_is_no_check_and_an_empty_one_is_a_bot() {
        let drop = |agent| with("user_agent", agent).unwrap().draft(&Rules::default()).err();
        assert_eq!(drop(json!(null)), None);
        assert_eq!(drop(json!(AGENT)), None);
        assert!(matches!(drop(json!("")), Some(Drop::Bot(_))));
        assert!(matches!(drop(json!("curl/8.0")), Some(Drop::Bot(_))));
    }

    #[test]
    fn every_bad_field_is_named() {
        let cases = [
            ("id", json!(null), "id"),
            ("visitor", json!(""), "visitor"),
            ("started_at", json!("2019-01-01T00:00:00Z"), "started_at"),
            ("last_seen", json!("2026-11-20T09:14:00+02:00"), "last_seen"),
            ("url", json!("/".repeat(4097)), "url"),
            ("referrer", json!(5), "referrer"),
            ("user_agent", json!([]), "user_agent"),
            ("ip", json!("300.1.1.1"), "ip"),
            ("utm", json!("facebook"), "utm"),
            ("utm", json!({"source": 5}), "utm.source"),
            ("utm", json!({"campain": "x"}), "utm.campain"),
            ("geo", json!({"country": "Ukraine"}), "geo.country"),
            ("geo", json!({"city": []}), "geo.city"),
            ("device", json!({"type": "phone"}), "device.type"),
            ("device", json!({"brand": "x".repeat(65)}), "device.brand"),
            ("page_views", json!(1), "page_views"),
        ];
        for (name, value, field) in cases {
            assert_eq!(with(name, value.clone()).unwrap_err().field, field, "{value}");
        }
    }
}
