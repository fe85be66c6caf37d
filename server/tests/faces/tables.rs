//! The dashboard's tables and the dialog of a session as the server sends them: whole, without any script.

use http::StatusCode;
use serde_json::{Value as Json, json};
use server::demo::{Actions, Options, run};
use server::state::now;
use utm_dispatcher::model::{Id, Period, Role};
use utm_dispatcher::report::{Metric, Report, ReportQuery, Table, Value};

use crate::world::{Answer, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";
const SESSIONS: u64 = 700;

on_both!(
    a_table_shows_what_its_address_asks,
    rows_unfold_into_what_is_beneath_them,
    sessions_come_page_by_page,
    a_session_is_shown_in_full,
    what_is_not_there_says_what_to_do,
    each_role_finds_what_it_may_use,
);

async fn fill(world: &World) -> String {
    let options = Options { sessions: SESSIONS, days: 20, seed: 7, until: None, actions: Actions::Full };
    run(&world.state.store, &options, now(), |_| {}).await.unwrap();
    world.log_in("admin@shop.test", Role::Admin).await
}

async fn page(world: &World, cookie: &str, query: &str) -> String {
    let answer = world.get(&format!("/admin-panel?{query}")).cookie(cookie).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
    answer.text().to_owned()
}

async fn table(world: &World, report: Report, query: &str) -> Table {
    let asked = ReportQuery::parse(report, query).unwrap();
    world.state.store.report(&asked, now()).await.unwrap()
}

/// The part of the page that is the tile `id`.
fn tile<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no tile {id}"));
    let rest = &page[start..];
    let rest = &rest[rest.find('>').unwrap_or_default()..];
    // The next tile; its own parts have longer names.
    let ends = ["class=\"tile\"", "class=\"tile "].map(|class| rest.find(class));
    ends.into_iter().flatten().min().map_or(rest, |end| &rest[..end])
}

/// What stands in the page between tags, comments left out, one word list a row.
fn rows(tile: &str) -> Vec<Vec<String>> {
    let body = tile.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
    let row = |row: &str| {
        row.split("</t").map(text).filter(|cell| !cell.is_empty()).map(|cell| cell.trim().to_owned()).collect()
    };
    body.split("<tr").skip(1).map(row).collect()
}

/// The text of some markup.
fn text(markup: &str) -> String {
    let mut text = String::new();
    for part in markup.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    text
}

fn names(table: &Table) -> Vec<String> {
    let name = |row: &Vec<Value>| if let Value::Text(name) = &row[0] { name.clone() } else { String::new() };
    table.rows.iter().map(name).collect()
}

fn firsts(tile: &str) -> Vec<String> {
    rows(tile).into_iter().map(|row| row[0].clone()).collect()
}

async fn call(world: &World, cookie: &str, name: &str, body: &Json) -> Answer {
    world.post(&format!("/admin-panel/fn/{name}")).cookie(cookie).json(body.to_string()).send().await
}

mod cases {
    use super::*;

    pub async fn a_table_shows_what_its_address_asks(world: World) {
        let cookie = fill(&world).await;
        let plain = page(&world, &cookie, "period=month").await;
        let sources = table(&world, Report::Sources, "period=month&limit=20").await;
        assert!(sources.rows.len() > 5);
        assert_eq!(firsts(tile(&plain, "sources")), names(&sources));
        assert!(tile(&plain, "sources").contains("aria-sort=\"descending\""));

        let rising = page(&world, &cookie, "period=month&sources.sort=revenue").await;
        let by_revenue = table(&world, Report::Sources, "period=month&sort=revenue&limit=20").await;
        assert_ne!(names(&by_revenue), names(&sources));
        assert_eq!(firsts(tile(&rising, "sources")), names(&by_revenue));
        assert!(tile(&rising, "sources").contains("aria-sort=\"ascending\""));

        let found = page(&world, &cookie, "period=month&sources.find=OO").await;
        let with_oo = table(&world, Report::Sources, "period=month&filter=source:contains:oo&limit=20").await;
        assert!(!with_oo.rows.is_empty() && with_oo.rows.len() < sources.rows.len());
        assert_eq!(firsts(tile(&found, "sources")), names(&with_oo));

        let all = table(&world, Report::Content, "period=month").await;
        assert!(all.total_rows > 20, "{}", all.total_rows);
        let triple = |row: &[Value]| -> Vec<String> {
            row[..3]
                .iter()
                .map(|cell| if let Value::Text(text) = cell { text.clone() } else { String::new() })
                .collect()
        };
        let creatives: Vec<_> = all.rows.iter().map(|row| triple(row)).collect();
        let shown = |page: &str| -> Vec<Vec<String>> {
            rows(tile(page, "content")).into_iter().map(|row| row[..3].to_vec()).collect()
        };
        let second = page(&world, &cookie, "period=month&content.page=2").await;
        assert_eq!(shown(&second), creatives[20..all.total_rows.min(40)]);
        // Beyond the last page there is the last one.
        let beyond = page(&world, &cookie, "period=month&content.page=40").await;
        assert_eq!(shown(&beyond), creatives[(all.total_rows - 1) / 20 * 20..]);

        let chosen = page(&world, &cookie, "period=month&sources.columns=sessions&sources.columns=spend,clicks").await;
        let heads = text(tile(&chosen, "sources").split("<thead>").nth(1).unwrap().split("</thead>").next().unwrap());
        for (head, is_there) in [("Витрати", true), ("Кліки", true), ("Дохід", false)] {
            assert_eq!(heads.contains(head), is_there, "{heads}");
        }
        // Spend has no countries: the other columns stay, and the page says so.
        let narrowed = page(&world, &cookie, "period=month&sources.columns=sessions,spend&filter=country:is:UA").await;
        let narrowed = tile(&narrowed, "sources");
        assert!(narrowed.contains("Не показано") && !narrowed.contains("role=\"alert\""), "{narrowed}");
        let ukrainian = table(&world, Report::Sources, "period=month&filter=country:is:UA&limit=20").await;
        assert_eq!(firsts(narrowed), names(&ukrainian));
    }

    pub async fn rows_unfold_into_what_is_beneath_them(world: World) {
        let cookie = fill(&world).await;
        let sources = table(&world, Report::Sources, "period=month").await;
        let campaigns = async |source: &str| {
            table(&world, Report::Sources, &format!("period=month&dimensions=campaign&filter=source:is:{source}")).await
        };
        let mut chosen = None;
        for name in names(&sources) {
            if campaigns(&name).await.rows.len() > 1 {
                chosen = Some(name);
                break;
            }
        }
        let source = chosen.expect("a source with several campaigns");
        let beneath = names(&campaigns(&source).await);
        let query = format!("period=month&sources.open={source}&sources.open={source}%7C{}", beneath[0]);
        let shown = page(&world, &cookie, &query).await;
        let shown = tile(&shown, "sources");
        assert_eq!(shown.matches("aria-expanded=\"true\"").count(), 2, "{shown}");
        let place = firsts(shown).iter().position(|name| *name == source).unwrap();
        let rows = firsts(shown);
        assert_eq!(rows[place + 1], beneath[0]);
        let creatives = table(
            &world,
            Report::Sources,
            &format!(
                "period=month&dimensions=content&filter=source:is:{source}&filter=campaign:is:{}",
                utm_dispatcher::report::text::encode(&beneath[0], utm_dispatcher::report::text::is_plain)
            ),
        )
        .await;
        assert!(!creatives.rows.is_empty());
        let creatives = &names(&creatives)[..];
        let few = creatives.len().min(10);
        assert_eq!(rows[place + 2..][..few], creatives[..few]);
        // What is beneath a row adds up to it.
        let sessions = |table: &Table| {
            let place = table.column_of(Metric::Sessions).unwrap();
            table.rows.iter().map(|row| if let Value::Whole(count) = row[place] { count } else { 0 }).sum::<i64>()
        };
        let own = table(&world, Report::Sources, &format!("period=month&filter=source:is:{source}")).await;
        assert_eq!(sessions(&own), sessions(&campaigns(&source).await));
    }

    pub async fn sessions_come_page_by_page(world: World) {
        let cookie = fill(&world).await;
        let build = world.state.assets.build().to_owned();
        let asked =
            |query: &str, page: usize| json!({"build": build, "query": format!("sessions?{query}"), "page": page});
        let ids = |answer: &Answer| -> Vec<i64> {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            answer.json()["rows"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
        };
        let query = ReportQuery { limit: Some(60), ..ReportQuery::new(Report::Sessions, Period::Month) };
        let expected: Vec<i64> =
            world.state.store.session_page(&query, now()).await.unwrap().rows.iter().map(|row| row.id.0).collect();
        let first = call(&world, &cookie, "sessions", &asked("period=month", 1)).await;
        assert_eq!(ids(&first), expected[..30]);
        assert!(first.json()["rows"].as_array().unwrap().iter().all(|row| row["ip"].is_null()));
        assert_eq!(ids(&call(&world, &cookie, "sessions", &asked("period=month", 2)).await), expected[30..]);
        let total = usize::try_from(first.json()["total_rows"].as_i64().unwrap()).unwrap();
        let beyond = call(&world, &cookie, "sessions", &asked("period=month", 40)).await;
        assert_eq!(ids(&beyond).len(), (total - 1) % 30 + 1);
        for (query, page, wrong) in
            [("period=month", 0, "page"), ("period=month", 41, "page"), ("period=month&compare=previous", 1, "compare")]
        {
            let refused = call(&world, &cookie, "sessions", &asked(query, page)).await;
            assert_eq!((refused.status.as_u16(), refused.text().contains(wrong)), (400, true), "{}", refused.text());
        }
    }

    pub async fn a_session_is_shown_in_full(world: World) {
        let cookie = fill(&world).await;
        let build = world.state.assets.build().to_owned();
        let query = ReportQuery::parse(Report::Sessions, "period=month&filter=action:has:purchase&limit=1").unwrap();
        let row = world.state.store.session_page(&query, now()).await.unwrap().rows.remove(0);
        let Id(id) = row.id;
        let detail = world.state.store.session_detail(row.id).await.unwrap().unwrap();
        let answer = call(&world, &cookie, "session", &json!({"build": build, "id": id})).await;
        assert_eq!(answer.json(), serde_json::to_value(&detail).unwrap());

        let whole = page(&world, &cookie, &format!("period=month&session={id}")).await;
        let dialog = whole.split("<dialog").nth(1).unwrap().split("</dialog>").next().unwrap();
        assert!(dialog.split('>').next().unwrap().contains(" open"), "{dialog}");
        let said = text(&format!("<dialog{dialog}"));
        let number = detail.orders[0].number.clone().unwrap();
        let address = detail.session.ip.clone().unwrap();
        for word in ["UTM-параметри", "Інформація про пристрій", "Покупка", "Оплачено", &number, &address, &row.source]
        {
            assert!(said.contains(word), "{word} in {said}");
        }
        assert_eq!(dialog.matches("<li class=\"action ").count(), detail.actions.len());
        let closed = page(&world, &cookie, "period=month").await;
        assert!(!closed.contains("UTM-параметри"));

        let unknown = call(&world, &cookie, "session", &json!({"build": build, "id": 7})).await;
        assert_eq!((unknown.status.as_u16(), unknown.json()), (404, json!("Missing")));
        let stale = call(&world, &cookie, "session", &json!({"build": "0000", "id": id})).await;
        assert_eq!(stale.status, 409);
        let said = world.get("/admin-panel?session=7").cookie(&cookie).send().await;
        assert!(said.text().contains("Такої сесії немає"));

        // A viewer sees neither addresses nor numbers of orders.
        let numbered = |detail: &Json| {
            let orders = detail["orders"].as_array().unwrap();
            (orders.len(), orders.iter().filter(|order| !order["number"].is_null()).count())
        };
        for (role, is_told) in [(Role::Viewer, false), (Role::Analyst, true)] {
            let other = world.log_in(&format!("{role}@shop.test"), role).await;
            let shown = call(&world, &other, "session", &json!({"build": build, "id": id})).await;
            assert_eq!(shown.status, 200, "{role}");
            let detail = shown.json();
            let (orders, told) = numbered(&detail);
            assert!(orders > 0 && told == if is_told { orders } else { 0 }, "{role}: {detail}");
            assert_eq!(detail["session"]["ip"].is_string(), is_told, "{role}: {detail}");
        }
        let nobody = call(&world, "", "session", &json!({"build": build, "id": id})).await;
        assert_eq!(nobody.status, 401);
    }

    pub async fn what_is_not_there_says_what_to_do(world: World) {
        let first = world.log_in("first@shop.test", Role::Admin).await;
        let new = page(&world, &first, "period=all_time").await;
        let cookie = fill(&world).await;
        let filtered = page(&world, &cookie, "period=month&filter=source:is:nobody&sources.sort=cr").await;
        let early = page(&world, &cookie, "from=2020-01-01&to=2020-01-02").await;
        let says = |page: &str, id: &str, words: &str, href: &str| {
            let tile = tile(page, id);
            let link =
                tile.split("class=\"empty\"").nth(1).and_then(|rest| rest.split("href=\"").nth(1)).unwrap_or_default();
            let link = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
            assert!(tile.contains(words) && link == href, "{id}: {words} and {href} in {tile}");
        };
        for id in ["sources", "products", "heatmap", "sessions"] {
            says(&new, id, "Таких даних ще не надходило", "/admin-panel/help");
            says(&filtered, id, "Під ці фільтри не підпадає нічого", "/admin-panel?period=month&sources.sort=cr");
            says(&early, id, "Немає даних за вибраний період", "/admin-panel?period=all_time");
        }
        let sought = page(&world, &cookie, "period=month&sources.find=zzz&sessions.find=zzz").await;
        says(&sought, "sources", "Нічого не знайдено", "/admin-panel?period=month&sessions.find=zzz");
        says(&sought, "sessions", "Нічого не знайдено", "/admin-panel?period=month&sources.find=zzz");
    }

    pub async fn each_role_finds_what_it_may_use(world: World) {
        let admin = fill(&world).await;
        let whole = page(&world, &admin, "period=month").await;
        assert!(tile(&whole, "exports").contains("Експорт сесій CSV"));
        let viewer = world.log_in("viewer@shop.test", Role::Viewer).await;
        let seen = page(&world, &viewer, "period=month").await;
        assert!(!seen.contains("id=\"exports\"") && !seen.contains("Експорт"), "a frame with nothing in it");
        assert!(!tile(&seen, "sources").contains("CSV"));
        // The colour alone would say that fewer came than before.
        assert!(tile(&seen, "funnel").contains("<span class=\"stage-loss\">втрачено:"), "{}", tile(&seen, "funnel"));
    }
}
