//! `docs/api.md` does what it says: its programs are taken out of it and run against the server.

use std::fs;

use tokio::process::Command;

use crate::program::Program;

const GUIDE: &str = include_str!("../../../docs/api.md");

/// Every program of the guide, with what it prints about the shop of [`Guide::open`].
const PROGRAMS: [(&str, &str); 8] = [
    (
        "report",
        "facebook winter: 2 sessions, 1499.00 (0.00 before)\ngoogle spring: 1 sessions, 0.00 (0.00 before)\n\
         asked: period=month&compare=previous&metrics=sessions,conversions,cr,revenue\
         &filter=medium:is:cpc%7Cpaid_social&sort=-revenue\n",
    ),
    ("pages", "3 of 3 sessions\n"),
    ("etag", "200 304\n"),
    ("refused", "400 metrics spend\n"),
    ("general_stats", "3 sessions, 1 conversions, 1499 UAH\n"),
    ("session_detail", "facebook winter: purchase, product_view\nA-1: 1499\n"),
    ("compare", "revenue 0 → 1499 (100 %)\n"),
    ("roi", "1499 earned, profit 999, ROI 199.8 %, ROAS 3\n"),
];

/// A server, a token that reads, and a shop of three sessions.
struct Guide {
    program: Program,
    token: String,
}

impl Guide {
    async fn open() -> Self {
        let program = Program::sqlite().await;
        let (now, minute) = (chrono::Utc::now(), chrono::Duration::minutes(1));
        let at = |minutes: i32| (now - minute * minutes).to_rfc3339();
        let session = |id: &str, minutes: i32, query: &str| {
            format!(
                r#"{{"type":"session","id":"{id}","visitor":"v{id}","started_at":"{}","last_seen":"{}","url":"https://shop.example/?{query}"}}"#,
                at(minutes),
                at(minutes)
            )
        };
        let facebook = "utm_source=facebook&utm_medium=cpc&utm_campaign=winter";
        let lines = [
            session("s1", 9, "utm_source=google&utm_medium=cpc&utm_campaign=spring"),
            session("s2", 8, facebook),
            session("s3", 7, facebook),
            format!(r#"{{"type":"action","id":"a1","session":"s3","at":"{}","action":"product_view"}}"#, at(6)),
            format!(
                r#"{{"type":"order","number":"A-1","session":"s3","created_at":"{}","total":"1499.00","payment_status":"paid"}}"#,
                at(5)
            ),
        ];
        fs::write(program.folder().join("shop.jsonl"), lines.join("\n")).unwrap();
        let imported = program.command(&[], &["import", "shop.jsonl"]).output().await.unwrap();
        assert!(imported.status.success(), "{imported:?}");
        let token = program.read_token().await;
        Self { program, token }
    }

    /// What the guide's program `name` prints.
    async fn run(&self, name: &str) -> String {
        let file = format!("{name}.mjs");
        let (_, rest) = GUIDE.split_once(&format!("<!-- file: {file} -->\n```js\n")).expect(name);
        let (source, _) = rest.split_once("\n```").unwrap();
        fs::write(self.program.folder().join(&file), source).unwrap();
        let output = Command::new("node")
            .arg(&file)
            .current_dir(self.program.folder())
            .env("DISPATCHER_URL", format!("http://{}", self.program.addr))
            .env("DISPATCHER_TOKEN", &self.token)
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test]
async fn every_example_of_the_api_s_guide_runs() {
    assert_eq!(GUIDE.matches("<!-- file: ").count(), PROGRAMS.len(), "every example of the guide is run");
    let guide = Guide::open().await;
    for (name, expected) in PROGRAMS {
        assert_eq!(guide.run(name).await, expected, "{name}");
    }
}
