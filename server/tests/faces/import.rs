//! `dispatcher import`: a file of everything, while the server runs on the same database.

use std::process::Output;

use crate::program::Program;

const AGENT: &str = "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";

fn session(id: &str, more: &str) -> String {
    format!(
        r#"{{"type":"session","id":"{id}","visitor":"v1","started_at":"2026-03-20T09:15:00+02:00","last_seen":"2026-03-20T09:25:00+02:00","url":"https://shop.example/product/tee?utm_source=FB&utm_medium=cpc&utm_campaign=winter"{more}}}"#
    )
}

fn lines() -> Vec<String> {
    let action = |id: &str, session: &str, more: &str| {
        format!(r#"{{"type":"action","id":"{id}","session":"{session}","at":"2026-03-20T09:16:00+02:00"{more}}}"#)
    };
    vec![
        session("s1", &format!(r#","user_agent":"{AGENT}","ip":"81.2.69.142","geo":{{"country":"UA","city":"Kyiv"}}"#)),
        session("s2", r#","user_agent":"curl/8.0""#),
        session("s3", r#","user_agent":"""#),
        action("a1", "s1", r#","action":"add_to_cart","product_id":"17","value":"499.00","metadata":{"size":"M"}"#),
        action("a2", "s2", r#","action":"add_to_cart""#),
        action("a3", "s9", r#","action":"click""#),
        action("a4", "s1", r#","action":"wishlist""#),
        action("a5", "s1", r#","action":"buy""#),
        String::new(),
        r#"{"type":"order","number":"N1","session":"s1","created_at":"2026-03-20T09:20:00+02:00","total":"1499.00","currency":"UAH","payment_status":"paid"}"#.into(),
        action("a6", "s1", r#","action":"purchase","order":"N1""#),
        r#"{"type":"order","number":"N2","created_at":"2026-03-20T09:20:00+02:00","total":"1.00","payment_status":"paid","currency":"USD"}"#.into(),
        r#"{"type":"spend","date":"2026-03-20","source":"fb","medium":"cpc","campaign":"winter","amount":"1200.00","clicks":310,"impressions":42000}"#.into(),
        format!(r#"{{"type":"action","id":"{}"}}"#, "x".repeat(70_000)),
        session("s1", ""),
        "{\"type\":".into(),
    ]
}

async fn import(program: &Program, text: &str, file: &str) -> Output {
    let path = program.folder().join("lines");
    std::fs::write(&path, text).unwrap();
    let mut command = program.command(&[], &["import", file]);
    if file == "-" {
        command.stdin(std::fs::File::open(&path).unwrap());
    }
    command.stderr(std::process::Stdio::piped()).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_imported_while_the_server_runs_and_twice_is_once() {
    let mut program = Program::new(None, "[tracking]\nextra_actions = [\"wishlist\"]\n");
    program.start(&[]).await;
    let first = import(&program, &lines().join("\n"), "lines").await;
    assert_eq!(first.status.code(), Some(1));
    assert_eq!(String::from_utf8(first.stdout).unwrap(), "imported 6, duplicate 1, dropped 3, invalid 5\n");
    let said = String::from_utf8(first.stderr).unwrap();
    let reasons: Vec<_> = said.lines().filter(|line| line.starts_with("line ")).collect();
    let expected = [
        "line 6: session: “s9” came; allowed is the id of a session that is known",
        "line 8: action: “buy” came; allowed is one of page_view, ",
        "line 12: currency: “USD” came; allowed is “UAH”, the store's currency",
        "line 14: the line has 70025 bytes; allowed are 65536",
        "line 16: line: “{\"type\":” came; allowed is JSON (",
    ];
    assert_eq!(reasons.len(), expected.len(), "{said}");
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.starts_with(expected), "{reason}");
    }
    assert!(said.ends_with("dispatcher: invalid lines: 5; all others are stored\n"), "{said}");

    let figures = "select points * 1000 + orders * 100 + is_first * 10 + is_bounce from session";
    assert_eq!(program.number(figures).await, (10 + 114) * 1000 + 110);
    assert_eq!(program.number("select duration from session where ordinal = 1").await, 600);
    let known = "select count(*) from session s join touch t on t.id = s.touch_id join place p on p.id = s.place_id \
                 join client c on c.id = s.client_id where t.source = 'facebook' and t.utm_campaign = 'winter' \
                 and p.city = 'Kyiv' and c.os = 'Android' and s.ip = '81.2.69.142'";
    assert_eq!(program.number(known).await, 1);
    assert_eq!(program.number("select count(*) from action").await, 3);

    let again = import(&program, &lines().join("\r\n"), "-").await;
    assert_eq!(String::from_utf8(again.stdout).unwrap(), "imported 0, duplicate 7, dropped 3, invalid 5\n");
    assert_eq!(program.number(figures).await, (10 + 114) * 1000 + 110);

    let good = import(&program, &session("s4", ""), "lines").await;
    assert_eq!((good.status.code(), String::from_utf8(good.stderr).unwrap().as_str()), (Some(0), ""));
    let missing = import(&program, "", "nowhere").await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("nowhere cannot be read"));
    program.stop().await;
}
