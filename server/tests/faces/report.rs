//! `dispatcher report`: the command line's face of every report.

use std::process::Output;

use crate::program::Program;

const LINES: &str = r#"
{"type":"session","id":"s1","visitor":"v1","started_at":"2026-03-20T09:15:00+02:00","last_seen":"2026-03-20T09:25:00+02:00","url":"https://shop.test/?utm_source=fb&utm_medium=cpc&utm_campaign=winter"}
{"type":"session","id":"s2","visitor":"v2","started_at":"2026-03-20T10:15:00+02:00","last_seen":"2026-03-20T10:25:00+02:00","url":"https://shop.test/"}
{"type":"order","number":"N1","session":"s1","created_at":"2026-03-20T09:20:00+02:00","total":"1499.00","currency":"UAH","payment_status":"paid"}
"#;

async fn run(program: &Program, arguments: &[&str]) -> Output {
    program.command(&[], arguments).stderr(std::process::Stdio::piped()).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_printed_as_lines_csv_or_json() {
    let program = Program::new(None, "");
    std::fs::write(program.folder().join("lines"), LINES).unwrap();
    assert!(run(&program, &["import", "lines"]).await.status.success());
    let print = async |arguments: &[&str]| {
        let done = run(&program, &[&["report"], arguments].concat()).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    assert_eq!(
        print(&["sources", "--period", "all_time"]).await,
        "\
Джерело   Сесії  Конверсії     CR%  Дохід (грн)  Середній чек (грн)  Бали
direct        1          0    0.00         0.00                         0
facebook      1          1  100.00      1499.00             1499.00   114
"
    );
    assert_eq!(
        print(&["sources", "period=all_time&filter=source:is:direct", "--format", "csv"]).await,
        "\u{feff}Джерело,Сесії,Конверсії,CR%,Дохід (грн),Середній чек (грн),Бали\r\ndirect,1,0,0.00,0.00,,0\r\n"
    );
    let json = print(&["campaigns", "from=2026-03-20&to=2026-03-20&limit=1", "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"], serde_json::json!([["direct", "none", "N/A", 1, 0, 0.0, "0.00", null, 0]]));
    assert_eq!((&json["total_rows"], &json["totals"][6]), (&2.into(), &"1499.00".into()));
    assert!(json["next"].is_string());
    let whole = print(&["general", "period=all_time&metrics=sessions,revenue"]).await;
    let lines: Vec<Vec<&str>> = whole.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines, [vec!["Показник", "Значення"], vec!["Сесії", "2"], vec!["Дохід", "(грн)", "1499.00"]]);
    let sessions = print(&["sessions", "--period", "all_time"]).await;
    assert_eq!(sessions.lines().count(), 3);
    assert!(sessions.contains("2026-03-20 09:15:00"), "{sessions}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_asked_is_a_mistake_of_usage() {
    let program = Program::new(None, "");
    let cases: [(&[&str], &str); 4] = [
        (&["sources", "period=yesterday"], "dispatcher: period: “yesterday” came, allowed is "),
        (&["sources", "--period", "yesterday"], "dispatcher: period: “yesterday” came, allowed is "),
        (&["geo_cities", "metrics=spend"], "dispatcher: metrics: “spend” came, allowed is "),
        (&["sources", "limits=1"], "dispatcher: query: “limits” came, allowed is only "),
    ];
    for (arguments, said) in cases {
        let done = run(&program, &[&["report"], arguments].concat()).await;
        let text = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.starts_with(said) && text.lines().count() == 1, "{arguments:?}: {text}");
        assert!(done.stdout.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_looks_makes_no_database() {
    let program = Program::new(None, "");
    let file = program.folder().join("store.db");
    let commands: [&[&str]; 5] = [
        &["report", "sources"],
        &["user", "list"],
        &["user", "disable", "anna@shop.test"],
        &["token", "revoke", "shop"],
        &["erase", "--order", "N1"],
    ];
    for arguments in commands {
        let done = run(&program, arguments).await;
        let text = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {text}");
        let named = format!("dispatcher: there is no database {}; ", file.display());
        assert!(text.starts_with(&named) && text.lines().count() == 1, "{arguments:?}: {text}");
        assert!(done.stdout.is_empty() && !file.exists(), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_says_the_days_that_the_query_does_not() {
    let program = Program::new(None, "");
    std::fs::write(program.folder().join("lines"), LINES).unwrap();
    assert!(run(&program, &["import", "lines"]).await.status.success());
    for (query, sessions) in [("period=today", "0"), ("metrics=sessions", "2"), ("from=2026-03-20&to=2026-03-20", "2")]
    {
        let mut command = program.command(&[], &["report", "general", query]);
        let done = command.env("DISPATCHER_PERIOD", "all_time").output().await.unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let line = text.lines().find(|line| line.starts_with("Сесії ")).unwrap_or_default();
        assert_eq!(line.split_whitespace().last(), Some(sessions), "{query}: {text}");
    }
}
