//! What visitors send reaches a spreadsheet as text, whatever it is.

use std::sync::Arc;

use calamine::Data;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::touch::{Touch, Utm};
use utm_dispatcher::model::visitor::{Agent, Client, Hit, Place, VisitorKey};
use utm_dispatcher::model::{Millis, NewAction, Scope};
use utm_dispatcher::store::Fact;

use super::read_back::{csv_of, only_sheet};
use crate::world::{World, on_both};

const CONFIG: &str = "";
/// 2026-11-21T22:30:15Z: the next day in Kyiv, where the store is.
const NIGHT: Millis = 1_795_300_215_000;

/// What was sent, and what a CSV cell makes of it.
const TEXTS: [(&str, &str); 8] = [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("@SUM(1+1)", "'@SUM(1+1)"),
    ("\t+1", "'\t'+1"),
    ("-5%", "'-5%"),
    ("зима;=1+1", "зима;'=1+1"),
    ("🛍️ «знижки», \"чорна\"\nп’ятниця", "🛍️ «знижки», \"чорна\"\nп’ятниця"),
    ("مرحبا بالعالم", "مرحبا بالعالم"),
    ("a_b-c.d", "a_b-c.d"),
];

on_both!(fault_s6_cells_are_texts);

mod cases {
    use super::*;

    pub async fn fault_s6_cells_are_texts(world: World) {
        for (place, (text, _)) in TEXTS.iter().enumerate() {
            // A minute apart, the newest first in the list.
            let at = NIGHT - i64::try_from(place).unwrap() * 60_000;
            world.state.store.ingest(&[page_view(text, at)]).await.unwrap();
        }
        let token = world.token("reads", Scope::Read).await;
        let get = async |path: &str| world.get(path).bearer(&token).send().await;

        for path in ["/export/sessions.csv?period=all_time", "/api/utm/export-csv/?type=sessions&period=all_time"] {
            let (_, lines) = csv_of(&get(path).await, b',');
            assert_eq!(lines.len(), TEXTS.len());
            for ((_, safe), line) in TEXTS.iter().zip(&lines) {
                assert_eq!(line[1..6], ["direct", "none", *safe, "", ""], "{path}");
                assert_eq!((line[6].as_str(), line[7].as_str(), line[8].as_str()), ("203.0.113.9", "Ukraine", *safe));
            }
            assert_eq!(lines[0][12], "2026-11-22 00:30:15", "{path}");
        }
        let (_, rows) = only_sheet(&get("/export/sessions.xlsx?period=all_time").await.body);
        let (_, landings) = csv_of(&get("/export/landing_pages.csv?period=all_time&sort=landing_page").await, b',');
        for ((place, (text, safe)), row) in TEXTS.iter().enumerate().zip(&rows[1..]) {
            assert_eq!(row[3], Data::String((*text).to_owned()));
            assert_eq!(row[8], Data::String((*text).to_owned()));
            assert!(landings.iter().any(|line| line[0] == *safe), "{place} in {landings:?}");
        }
        let (_, campaigns) =
            csv_of(&get("/api/utm/export-csv/?type=campaigns&from=2026-11-22&to=2026-11-22").await, b',');
        assert_eq!(campaigns.len(), TEXTS.len(), "the day is the store's");
    }
}

fn page_view(text: &str, at: Millis) -> Fact {
    let utm = Utm { campaign: Some(text.to_owned()), ..Utm::default() };
    let touch = Touch {
        utm: utm.clone(),
        source: "direct".into(),
        medium: "none".into(),
        channel: "direct".into(),
        ..Touch::default()
    };
    let hit = Hit {
        before: Vec::new(),
        at,
        visitor: VisitorKey(format!("c{at}")),
        utm,
        click_ids: vec![],
        meta_cookies: (None, None),
        touch,
        path: text.into(),
        referrer: None,
        ip: Some([203, 0, 113, 9].into()),
        agent: Agent { user_agent: "Mozilla/5.0".into(), ..Agent::default() },
    };
    Fact {
        hit: Arc::new(hit),
        client: Arc::new(Client::default()),
        place: Arc::new(Place { country: Some("UA".into()), region: None, city: Some(text.into()) }),
        at,
        action: NewAction { page: Some(text.into()), ..NewAction::new(ActionKind::PageView) },
    }
}
