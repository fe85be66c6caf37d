//! Reports as files: each is read back and holds what the store answers, on both databases.

use std::time::Duration;

use app::i18n::Locale;
use app::{headings, labels};
use axum::body::Body;
use chrono::NaiveDateTime;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use server::demo::{Actions, Options, run};
use tower::ServiceExt;
use utm_dispatcher::model::{Millis, Period, Scope};
use utm_dispatcher::report::{Report, ReportQuery, SessionRow};

use self::read_back::{csv_of, only_sheet, same_json, same_session, same_sheet, sheets, texts, titles};
use crate::world::{Answer, World, on_both};

mod hostile;
mod read_back;

/// Another zone than the tests' machines have, half an hour off.
const CONFIG: &str = "[store]\ntimezone = \"Asia/Kolkata\"\n";
/// 2026-11-30T12:00:00Z
const MONDAY: Millis = 1_796_040_000_000;
/// More than are read at a time.
const SESSIONS: u64 = 4500;

on_both!(every_report_in_every_format_is_its_table, the_files_of_the_replaced_system, without_rows_there_are_headings);

mod cases {
    use super::*;

    pub async fn every_report_in_every_format_is_its_table(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        for report in Report::ALL {
            let query = "period=all_time";
            let asked = ReportQuery::parse(*report, query).unwrap();
            let table = world.state.store.report(&asked, server::state::now()).await.unwrap();
            assert!(!table.rows.is_empty(), "{report}");
            let get = async |kind: &str| {
                let answer = world.get(&format!("/export/{report}.{kind}?{query}")).bearer(&token).send().await;
                assert_eq!(answer.status, StatusCode::OK, "{report}.{kind}: {}", String::from_utf8_lossy(&answer.body));
                assert_eq!(answer.header("x-total-count"), table.total_rows.to_string(), "{report}.{kind}");
                is_a_download(&answer, &format!("utm_{report}_all_time_"), kind);
                answer
            };
            same_json(&table, &get("json").await.json());
            let (csv, xlsx) = (get("csv").await, get("xlsx").await);
            let (heads, lines) = csv_of(&csv, b',');
            let (sheet, rows) = only_sheet(&xlsx.body);
            assert_eq!(sheet, labels::report(Locale::uk, *report));
            if report.is_list() {
                let sessions = sessions(&world).await;
                assert_eq!(heads, headings::sessions(Locale::uk));
                assert_eq!(lines.len(), sessions.len());
                for ((row, line), cells) in sessions.iter().zip(&lines).zip(&rows[1..]) {
                    same_session(row, line, cells, &world);
                }
            } else {
                assert_eq!(heads, titles(&table));
                let expected: Vec<Vec<String>> = table.rows.iter().map(|row| texts(&table, row)).collect();
                assert_eq!(lines, expected, "{report}");
                same_sheet(&table, &rows);
            }
        }
    }

    pub async fn the_files_of_the_replaced_system(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        let get = async |query: &str| {
            let answer = world.get(&format!("/api/utm/export-csv/?{query}")).bearer(&token).send().await;
            assert_eq!(answer.status, StatusCode::OK, "{query}");
            answer
        };
        let lengths = [
            ("", 1000),
            ("type=sessions&limit=all", 4500),
            ("type=sessions&limit=4100", 4100),
            ("type=sources&limit=3", 3),
            ("type=campaigns&limit=1000000&unknown=1", usize::MAX),
        ];
        for (query, most) in lengths {
            let answer = get(&format!("period=all_time&{query}")).await;
            let total: usize = answer.header("x-total-count").parse().unwrap();
            // Said, so that nobody takes a part for the whole.
            assert_eq!(csv_of(&answer, b',').1.len(), most.min(total), "{query}");
        }

        let sources = get("type=sources&period=all_time&separator=semicolon").await;
        is_a_download(&sources, "utm_sources_all_time_", "csv");
        assert!(
            sources.text().starts_with("\u{feff}Джерело;Сесії;Конверсії;CR%;Дохід (грн);Середній чек (грн);Бали\r\n")
        );
        let (_, lines) = csv_of(&sources, b';');
        assert!(lines.iter().flatten().all(|cell| !cell.is_empty()), "a quotient without a value is 0 here");
        fault_n16_no_column_is_empty(
            &get("type=campaigns&period=all_time").await,
            &get("type=content&period=all_time").await,
        );

        let range = get("type=content&from=2026-11-01&to=2026-11-22").await;
        is_a_download(&range, "utm_content_2026-11-01_2026-11-22_", "csv");
    }

    fn fault_n16_no_column_is_empty(campaigns: &Answer, content: &Answer) {
        let (heads, lines) = csv_of(campaigns, b',');
        assert_eq!(
            heads.join(" · "),
            "Джерело · Канал · Кампанія · Сесії · Конверсії · CR% · Дохід (грн) · Середній чек (грн)"
        );
        let column = |lines: &[Vec<String>], place: usize| -> Vec<String> {
            lines.iter().map(|line| line[place].clone()).collect()
        };
        assert!(column(&lines, 1).iter().any(|medium| medium == "cpc"));
        assert!(column(&lines, 1).iter().all(|medium| !medium.is_empty()));
        assert!(column(&lines, 7).iter().any(|aov| aov.parse::<f64>().unwrap() > 0.0));
        let (heads, lines) = csv_of(content, b',');
        assert_eq!(heads.join(" · "), "Джерело · Кампанія · Контент/Креатив · Сесії · Конверсії · CR% · Дохід (грн)");
        assert!(column(&lines, 0).iter().all(|source| !source.is_empty()));
    }

    pub async fn without_rows_there_are_headings(world: World) {
        let token = world.token("reads", Scope::Read).await;
        for report in [Report::Sources, Report::Sessions, Report::Products] {
            let get = async |kind: &str| {
                let answer = world.get(&format!("/export/{report}.{kind}?lang=en")).bearer(&token).send().await;
                assert_eq!((answer.status, answer.header("x-total-count")), (StatusCode::OK, "0"), "{report}.{kind}");
                answer
            };
            let (heads, lines) = csv_of(&get("csv").await, b',');
            assert!(heads.len() > 3 && lines.is_empty(), "{report}");
            let (sheet, rows) = only_sheet(&get("xlsx").await.body);
            assert_eq!((sheet.as_str(), rows.len()), (labels::report(Locale::en, report), 1));
            let answer = get("json").await.json();
            assert_eq!((&answer["rows"], &answer["total_rows"], &answer["next"]), (&json!([]), &json!(0), &Json::Null));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_query_makes_the_page_and_the_file() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let get = async |path: &str| world.get(path).bearer(&token).send().await;
    let text =
        "period=all_time&dimensions=day,device_type&metrics=sessions,revenue&filter=source:is:google&sort=day&limit=9";
    let asked = ReportQuery::parse(Report::Explore, text).unwrap();
    let table = world.state.store.report(&asked, server::state::now()).await.unwrap();
    assert!(table.rows.len() == 9 && table.next.is_some());
    same_json(&table, &get(&format!("/export/explore.json?{text}")).await.json());
    let (heads, lines) = csv_of(&get(&format!("/export/explore.csv?{text}&lang=en&separator=semicolon")).await, b';');
    assert_eq!(heads, ["Day", "Device", "Sessions", "Revenue (UAH)"]);
    assert_eq!(lines, table.rows.iter().map(|row| texts(&table, row)).collect::<Vec<_>>());

    // A limited list says where it goes on, and goes on there.
    let first = get("/export/sessions.json?period=all_time&limit=2").await.json();
    let next = first["next"].as_str().unwrap();
    let second = get(&format!("/export/sessions.json?period=all_time&limit=4498&cursor={next}")).await.json();
    assert_eq!((&second["next"], second["rows"].as_array().unwrap().len()), (&Json::Null, 4498));
    let whole = get("/export/sessions.json?period=all_time").await.json();
    let pages: Vec<_> = [&first, &second].into_iter().flat_map(|page| page["rows"].as_array().unwrap()).collect();
    assert!(whole["rows"].as_array().unwrap().iter().eq(pages));

    // The earlier period stands beside.
    let text = "from=2026-11-16&to=2026-11-22&compare=previous";
    let asked = ReportQuery::parse(Report::Timeseries, text).unwrap();
    let table = world.state.store.report(&asked, server::state::now()).await.unwrap();
    let previous = &table.previous.as_ref().unwrap().rows;
    let (heads, lines) = csv_of(&get(&format!("/export/timeseries.csv?{text}")).await, b',');
    let metrics = table.columns.len() - 1;
    assert_eq!((heads.len(), lines.len(), previous.len()), (1 + 2 * metrics, 7, 7));
    assert_eq!(heads[1 + metrics], "Сесії, попередній період");
    for (line, row) in lines.iter().zip(previous) {
        assert_eq!(line[1 + metrics..], texts(&table, row)[1..]);
    }
    let year = "from=2026-11-16&to=2026-11-22&compare=year&lang=en";
    let (heads, _) = csv_of(&get(&format!("/export/timeseries.csv?{year}")).await, b',');
    assert_eq!(heads[1 + metrics], "Sessions, a year earlier");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_is_one_workbook() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let query = "from=2026-11-01&to=2026-11-30&filter=device_type:is:mobile";
    let answer = world.get(&format!("/export/dashboard.xlsx?{query}")).bearer(&token).send().await;
    assert_eq!(answer.status, StatusCode::OK);
    is_a_download(&answer, "utm_dashboard_2026-11-01_2026-11-30_", "xlsx");
    let sheets = sheets(&answer.body);
    let names: Vec<_> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "Підсумки, Динаміка, Воронка, Групи каналів, Джерела трафіку, Кампанії, Креативи, Ключові слова, Пристрої, \
                    Операційні системи, Браузери, Країни, Міста, Сторінки входу, Товари, Пошукові запити, \
                    Нові та повторні, Останні сесії";
    assert_eq!(names.join(", "), expected);
    for report in Report::ALL.iter().filter(|report| !matches!(report, Report::Explore | Report::Sessions)) {
        let is_compared = matches!(report, Report::General | Report::Timeseries | Report::Funnel);
        if is_compared {
            continue;
        }
        let asked = ReportQuery::parse(*report, query).unwrap();
        let table = world.state.store.report(&asked, server::state::now()).await.unwrap();
        assert!(!table.rows.is_empty(), "{report}");
        let name = labels::report(Locale::uk, *report);
        same_sheet(&table, &sheets.iter().find(|(sheet, _)| sheet == name).unwrap().1);
    }
    let general = ReportQuery::parse(Report::General, &format!("{query}&compare=previous")).unwrap();
    let table = world.state.store.report(&general, server::state::now()).await.unwrap();
    same_sheet(&table, &sheets[0].1);
    assert_eq!(sheets[1].1.len(), 1 + 30, "a line for each day");
    let has = |part: &str| answer.body.windows(part.len()).any(|bytes| bytes == part.as_bytes());
    assert!(has("xl/charts/chart1.xml"));
    let asked = ReportQuery::parse(Report::Sessions, query).unwrap();
    let found = world.state.store.session_page(&asked, server::state::now()).await.unwrap();
    assert_eq!(sheets[17].1.len(), 1 + found.total_rows.min(10_000));
    assert_eq!(sheets[17].1[1][0].to_string(), found.rows[0].id.to_string());

    let refused = world.get("/export/dashboard.xlsx?metrics=cr").bearer(&token).send().await;
    assert_eq!((refused.status, &refused.json()["came"]), (StatusCode::BAD_REQUEST, &json!("metrics")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workbook_of_all_time_is_whole() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let cases = [
        ("period=all_time", "period=all_time"),
        ("period=all_time&compare=none", "period=all_time"),
        ("period=all_time&compare=previous", "period=all_time"),
        ("from=2026-11-01&to=2026-11-30&compare=none", "from=2026-11-01&to=2026-11-30"),
        ("from=2026-11-01&to=2026-11-30", "from=2026-11-01&to=2026-11-30&compare=previous"),
    ];
    for (query, same) in cases {
        let answer = world.get(&format!("/export/dashboard.xlsx?{query}")).bearer(&token).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        let sheets = sheets(&answer.body);
        for (report, place) in [(Report::General, 0), (Report::Funnel, 2)] {
            let asked = ReportQuery::parse(report, same).unwrap();
            let table = world.state.store.report(&asked, server::state::now()).await.unwrap();
            assert_eq!(sheets[place].1[0].len(), if table.previous.is_some() { 3 } else { 2 }, "{query}");
            same_sheet(&table, &sheets[place].1);
        }
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_named() {
    let world = World::sqlite(CONFIG).await;
    let token = world.token("reads", Scope::Read).await;
    let cases = [
        ("/api/utm/export_csv?type=users", "type"),
        ("/api/utm/export-csv/?type=", "type"),
        ("/api/utm/export-csv?period=yesterday", "period"),
        ("/api/utm/export-csv/?period=..%2F..%2Fetc", "period"),
        ("/api/utm/export-csv/?limit=0", "limit"),
        ("/api/utm/export-csv/?limit=1000001", "limit"),
        ("/api/utm/export-csv/?separator=%7C", "separator"),
        ("/api/utm/export-csv/?from=2026-11-01", "to"),
        ("/export/sources.csv?separator=tab", "separator"),
        ("/export/sources.csv?lang=de", "lang"),
        ("/export/sources.xlsx?limit=0", "limit"),
        ("/export/sources.json?colour=red", "query"),
        ("/export/geo_cities.csv?metrics=spend", "metrics"),
        ("/export/sessions.csv?metrics=cr", "metrics"),
    ];
    for (path, parameter) in cases {
        let answer = world.get(path).bearer(&token).send().await;
        assert_eq!(
            (answer.status, answer.header(CONTENT_TYPE)),
            (StatusCode::BAD_REQUEST, "application/problem+json"),
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["parameter"], parameter, "{path}: {problem}");
        assert!(problem["error"].is_string() && problem["allowed"].is_string(), "{path}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_file_is_not_taken_for_a_whole_one() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let mut body = stream(&world, &token, "/export/sessions.csv?period=all_time").await;
    assert!(body.frame().await.unwrap().unwrap().into_data().unwrap().starts_with("\u{feff}ID,".as_bytes()));
    world.state.store.close().await;
    let end = loop {
        match body.frame().await {
            Some(Ok(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_some_and(|frame| frame.is_err()), "the body ended as if it were whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_f5_an_export_ends_with_its_asker() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let free = world.state.exports.available_permits();
    for kind in ["csv", "json", "xlsx"] {
        let mut body = stream(&world, &token, &format!("/export/sessions.{kind}?period=all_time")).await;
        body.frame().await.unwrap().unwrap();
        if kind != "xlsx" {
            // More is left than may wait.
            assert_eq!(world.state.exports.available_permits(), free - 1, "{kind}");
        }
        drop(body);
        let ended = async {
            while world.state.exports.available_permits() < free {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap_or_else(|_| panic!("{kind} goes on"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_tells_of_a_file_without_writing_it() {
    let world = World::sqlite(CONFIG).await;
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    for path in [
        "/export/sessions.csv?period=all_time",
        "/export/sources.xlsx?period=all_time",
        "/api/utm/export-csv/?period=all_time",
    ] {
        let answer = world.ask("HEAD", path).bearer(&token).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(
            answer.body.is_empty() && answer.header(CONTENT_DISPOSITION).starts_with("attachment; filename=\"utm_")
        );
        assert!(answer.header("x-total-count").parse::<usize>().unwrap() > 3, "{path}");
        assert_eq!(answer.header(CONTENT_LENGTH), "", "{path}: its length is known once it is written");
    }
}

/// The demo's world.
async fn fill(world: &World) {
    let options = Options { sessions: SESSIONS, days: 45, seed: 3, until: Some(MONDAY), actions: Actions::Full };
    run(&world.state.store, &options, MONDAY, |_| {}).await.unwrap();
}

/// The body of an answer, not read yet.
async fn stream(world: &World, token: &str, path: &str) -> Body {
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).header("host", "shop.test");
    let app = server::router(world.state.clone(), axum::Router::new(), axum::Router::new());
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.into_body()
}

async fn sessions(world: &World) -> Vec<SessionRow> {
    world.state.store.sessions(Period::AllTime, usize::MAX, MONDAY).await.unwrap()
}

/// A name with the time in the store's zone, and headers that keep the file from caches and sniffers.
fn is_a_download(answer: &Answer, begins: &str, ends: &str) {
    let disposition = answer.header(CONTENT_DISPOSITION);
    let name = disposition.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"')).unwrap();
    let time = name
        .strip_prefix(begins)
        .and_then(|rest| rest.strip_suffix(&format!(".{ends}")))
        .unwrap_or_else(|| panic!("{name}"));
    let written = NaiveDateTime::parse_from_str(time, "%Y%m%d_%H%M%S").unwrap();
    let here = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Kolkata).naive_local();
    assert!((here - written).num_seconds().abs() < 300, "{name} at {here}");
    assert_eq!((answer.header(CACHE_CONTROL), answer.header(X_CONTENT_TYPE_OPTIONS)), ("private, no-store", "nosniff"));
    let kind = match ends {
        "csv" => "text/csv; charset=utf-8",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/json",
    };
    assert_eq!(answer.header(CONTENT_TYPE), kind);
    if ends == "xlsx" {
        assert_eq!(answer.header(CONTENT_LENGTH), answer.body.len().to_string());
    }
}
