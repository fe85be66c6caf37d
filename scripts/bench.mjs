// The benchmark table, as text and as JSON (target/bench.json): what the tracking layer costs a page of the demo shop.
// wrk waits for answers, so its times flatter a server that falls behind; its requests per second are what it is for.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const binary = join(root, "target/release/dispatcher");
const COUNTED = { requests: 10_000, connections: 16 };
const SECONDS = 10;

async function serve(tracking, measure) {
  const folder = mkdtempSync(join(tmpdir(), "dispatcher-bench-"));
  const database = join(folder, "bench.db");
  const port = await freePort();
  const config = join(folder, "Leptos.toml");
  const geo = ["dbip-city-ipv4", "dbip-city-ipv6"].map((name) => join(root, "target/geo", `${name}.mmdb`));
  writeFileSync(config, `[tracking]\nenabled = ${tracking}\n[geo]\ndatabases = ${JSON.stringify(geo)}\n`);
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: `sqlite:${database}`,
    DISPATCHER_ADDR: `127.0.0.1:${port}`,
    DISPATCHER_CONFIG: config,
    DISPATCHER_SITE_ROOT: join(root, "target/site"),
    RUST_LOG: "warn",
  };
  execFileSync(binary, ["migrate"], { cwd: folder, env });
  const server = spawn(binary, ["serve"], { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
  try {
    const url = `http://127.0.0.1:${port}`;
    while (!(await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false))) {
      if (server.exitCode !== null) throw new Error("the server did not start: see above");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const figures = measure(url);
    figures.dropped = dropped(await (await fetch(`${url}/metrics`)).text());
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    const [code] = await exit;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
    figures.page_views = pageViews(database);
    return figures;
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs wrk on one page; with `each`, every thread stops after so many answers. */
function wrk(url, connections, threads, each) {
  const options = [`-c${connections}`, `-t${threads}`, `-d${SECONDS}s`, "--latency", "-s", join(root, "scripts/bench.lua"), url];
  const printed = execFileSync("wrk", each ? [...options, "--", String(each)] : options, { encoding: "utf8" });
  return JSON.parse(printed.trim().split("\n").at(-1));
}

function dropped(metrics) {
  return metrics
    .split("\n")
    .filter((line) => line.startsWith("dispatcher_dropped_total{"))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Counted by another reader of the file than the one that wrote it. */
function pageViews(database) {
  const count = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(\"select count(*) from action where kind = 'page_view'\").fetchone()[0])";
  return Number(execFileSync("python3", ["-c", count, database], { encoding: "utf8" }));
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const { requests, connections } = COUNTED;
const exact = await serve(true, (url) => wrk(`${url}/`, connections, connections, requests / connections));
const rows = [];
for (const tracking of [true, false]) {
  const measured = await serve(tracking, (url) => wrk(`${url}/`, 64, 2));
  rows.push({ page: "/", tracking: tracking ? "on" : "off", per_second: Math.round(measured.requests / measured.seconds), ...measured });
}

const machine = `${cpus().length} × ${cpus()[0].model}, load generator on the same cores`;
const complete =
  exact.requests === requests && exact.not_ok + exact.broken === 0 && exact.page_views === requests && exact.dropped === 0;
console.log(`\n${machine}\n`);
console.log(`${exact.requests} requests by new visitors: ${exact.not_ok} not 200, ${exact.broken} broken, ` +
    `${exact.page_views} page views stored after SIGTERM, ${exact.dropped} dropped: ${complete ? "complete" : "NOT COMPLETE"}\n`);
console.log("page  tracking   requests/s   p50 ms   p99 ms  dropped");
for (const row of rows) {
  console.log(
    row.page.padEnd(5),
    row.tracking.padEnd(8),
    String(row.per_second).padStart(12),
    row.p50_ms.toFixed(2).padStart(8),
    row.p99_ms.toFixed(2).padStart(8),
    String(row.dropped).padStart(8),
  );
}
const json = { machine, exact: { ...exact, complete }, rows };
writeFileSync(join(root, "target/bench.json"), `${JSON.stringify(json, null, 2)}\n`);
console.log(`\n${JSON.stringify(json)}`);
process.exitCode = complete ? 0 : 1;
