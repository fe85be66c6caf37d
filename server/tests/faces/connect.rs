//! `docs/connect.md` does what it says: its examples are taken out of it and run against the program.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use crate::program::Program;

const GUIDE: &str = include_str!("../../../docs/connect.md");

/// A running dispatcher that a visitor came to from an advertisement, and what the examples need of it.
struct Shop {
    program: Program,
    token: String,
    visitor: String,
}

/// The text of the example that the guide marks by `<!-- kind: name -->`.
fn example(kind: &str, name: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("<!-- {kind}: {name} -->\n```")).expect(name);
    let (_language, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0
}

impl Shop {
    async fn open() -> Self {
        let program = Program::sqlite().await;
        let mut browser = program.connect().await;
        let (status, _) = browser.get("/?utm_source=facebook&utm_medium=cpc&utm_campaign=winter").await.unwrap();
        assert_eq!(status, 200);
        let visitor = browser.cookie.unwrap().strip_prefix("ud_vid=").unwrap().to_owned();
        while program.number("select count(*) from session").await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let token = program.token().await;
        Self { program, token, visitor }
    }

    /// Puts examples of the guide, and the files of `beside`, into the folder where programs run.
    fn lay_out(&self, examples: &[&str], beside: &[&str]) {
        for name in examples {
            fs::write(self.program.folder().join(name), example("file", name)).unwrap();
        }
        for name in beside {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/connect").join(name);
            fs::copy(source, self.program.folder().join(name)).unwrap();
        }
    }

    /// Runs a program as a shop's server would be, and returns what it prints.
    async fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.program.folder())
            .env("DATABASE_URL", &self.program.url)
            .env("DISPATCHER_URL", format!("http://{}", self.program.addr))
            .env("DISPATCHER_TOKEN", &self.token)
            .env("VISITOR", &self.visitor)
            .env("NOW", chrono::Utc::now().to_rfc3339())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap_or_else(|error| panic!("{program}: {error}; `make setup` installs what is missing"));
        let (said, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{program} {arguments:?}: {said}{errors}");
        said
    }

    /// What the dispatcher has of an order.
    async fn order(&self, number: &str) -> Value {
        let script = format!(
            "curl --fail-with-body --silent -H \"Authorization: Bearer $DISPATCHER_TOKEN\" \
             \"$DISPATCHER_URL/api/v1/orders/{number}\""
        );
        serde_json::from_str(&self.run("sh", &["-c", &script]).await).unwrap()
    }

    /// How many orders belong to the visit of the campaign.
    async fn attributed(&self) -> u64 {
        self.program
            .number(
                "select count(*) from orders o join session s on s.visitor_id = o.visitor_id and s.id = o.session_id \
                 join touch t on t.id = s.touch_id where t.campaign = 'winter'",
            )
            .await
    }
}

#[tokio::test]
async fn curl() {
    let shop = Shop::open().await;
    for name in ["orders.sh", "events.sh"] {
        let script = example("run", name);
        shop.run("sh", &["-ec", script]).await;
        // Sent again, it changes nothing.
        shop.run("sh", &["-ec", script]).await;
    }
    let order = shop.order("A-1001").await;
    assert_eq!((order["total"].as_str(), order["status"].as_str()), (Some("1499.00"), Some("new")), "{order}");
    assert_eq!(shop.attributed().await, 1);
    let steps = "select count(*) from action where kind in ('product_view', 'add_to_cart')";
    assert_eq!(shop.program.number(steps).await, 2);
}

#[tokio::test]
async fn django() {
    let shop = Shop::open().await;
    shop.lay_out(&["dispatcher.py", "views.py"], &["models.py", "shop.py"]);
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/python3");
    shop.run(python.to_str().unwrap(), &["shop.py"]).await;
    let order = shop.order("D-1").await;
    assert_eq!((order["total"].as_str(), order["payment_status"].as_str()), (Some("1499.50"), Some("paid")), "{order}");
    assert_eq!(shop.order("D-2").await["payment_status"], "unpaid");
    assert_eq!(shop.attributed().await, 1, "the second buyer had no cookie");
    assert_eq!(shop.program.number("select sum(revenue) from session").await, 149_950);
}

#[tokio::test]
async fn express() {
    let shop = Shop::open().await;
    shop.lay_out(&["dispatcher.mjs", "shop.mjs"], &["run.mjs"]);
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules").canonicalize().unwrap();
    std::os::unix::fs::symlink(modules, shop.program.folder().join("node_modules")).unwrap();
    shop.run("node", &["run.mjs"]).await;
    let order = shop.order("E%2F1").await;
    assert_eq!((order["number"].as_str(), order["pay_type"].as_str()), (Some("E/1"), Some("cod")), "{order}");
    assert_eq!(shop.attributed().await, 1);
}

#[tokio::test]
async fn woocommerce() {
    let shop = Shop::open().await;
    shop.lay_out(&["utm-dispatcher.php"], &["run.php"]);
    let said = shop.run("php", &["run.php"]).await;
    assert_eq!(said.lines().filter(|line| line.starts_with("200 ")).count(), 4, "{said}");
    let order = shop.order("W-1").await;
    assert_eq!(order["payment_status"], "paid");
    assert_eq!((order["status"].as_str(), order["refunded"].as_str()), (Some("done"), Some("499.50")), "{order}");
    assert_eq!(shop.attributed().await, 1);
    assert_eq!(shop.program.number("select sum(revenue) from session").await, 100_000);
}

#[tokio::test]
async fn history() {
    let shop = Shop::open().await;
    shop.lay_out(&["history.jsonl"], &[]);
    let lines = example("file", "history.jsonl").lines().count() as u64;
    for (imported, duplicate) in [(lines, 0), (0, lines)] {
        let said = shop.run(env!("CARGO_BIN_EXE_dispatcher"), &["import", "history.jsonl"]).await;
        let expected = format!("imported {imported}, duplicate {duplicate}, dropped 0, invalid 0");
        assert!(said.contains(&expected), "{said}");
    }
    assert_eq!(shop.attributed().await, 1);
}
