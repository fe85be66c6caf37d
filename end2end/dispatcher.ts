// A server of its own for a test: the release build on a free port, over a fresh database, in a folder that goes away.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";

const root = join(import.meta.dirname, "..");
const binary = join(root, process.env.DISPATCHER ?? "target/release/dispatcher");
const run = promisify(execFile);

export const geo = (name: string) => join(root, "target/geo", name);
export const admin = { email: "owner@shop.example", password: randomBytes(12).toString("base64url") };

export type Database = "SQLite" | "PostgreSQL";

export class Dispatcher {
  private process?: ChildProcess;
  private log = "";

  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Migrated, with one administrator, and nothing running yet. `tracking` are more lines of that section. */
  static async create(database: Database, tracking: string): Promise<Dispatcher> {
    const folder = await mkdtemp(join(tmpdir(), "dispatcher-end2end-"));
    const addr = `127.0.0.1:${await freePort()}`;
    const config = join(folder, "Leptos.toml");
    const names = ["dbip-city-ipv4", "dbip-city-ipv6", "geo-whois-asn-country-ipv4", "geo-whois-asn-country-ipv6"];
    await writeFile(
      config,
      `[site]
public_url = "http://${addr}"
[tracking]
trusted_proxies = ["127.0.0.1/32"]
${tracking}
[geo]
databases = ${JSON.stringify(names.map((name) => geo(`${name}.mmdb`)))}
`,
    );
    const dispatcher = new Dispatcher(`http://${addr}`, folder, {
      PATH: process.env.PATH,
      DATABASE_URL: database === "SQLite" ? `sqlite:${join(folder, "shop.db")}` : await freshPostgres(),
      DISPATCHER_ADDR: addr,
      DISPATCHER_CONFIG: config,
      DISPATCHER_SITE_ROOT: join(root, "target/site"),
    });
    await dispatcher.command(["migrate"]);
    await dispatcher.command(["user", "add", admin.email, "--role", "admin", "--password-stdin"], admin.password);
    return dispatcher;
  }

  /** Runs `dispatcher …` on this server's database and returns what it printed. */
  async command(options: string[], input = ""): Promise<string> {
    const running = run(binary, options, { cwd: this.folder, env: this.environment });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Starts serving and waits until it answers. */
  async start(): Promise<void> {
    const child = spawn(binary, ["serve"], { cwd: this.folder, env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (data) => (this.log += data));
    child.stderr.on("data", (data) => (this.log += data));
    this.process = child;
    const deadline = Date.now() + 20_000;
    while (!(await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stops as an operator does: SIGTERM, and an exit with 0 within 10 s. */
  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) throw new Error(`the server was not running any more:\n${this.log}`);
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const [code] = await exit;
    clearTimeout(late);
    if (code !== 0) throw new Error(`the server ended with ${code ?? "a signal, 10 s after SIGTERM"}:\n${this.log}`);
  }

  /** Stops what may still run and removes the folder. */
  async remove(): Promise<void> {
    try {
      if (this.process) await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** What the process counts, from `/metrics`: 0 for what it has not counted yet. */
  async counted(series: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split("\n").find((line) => line.startsWith(`${series} `));
    return line ? Number(line.slice(series.length + 1)) : 0;
  }
}

/** A test with a running `dispatcher`; `test.use({ database: "PostgreSQL" })` chooses where it stores, `tracking` holds more
 * lines of that section. */
export const test = base.extend<{ database: Database; tracking: string; dispatcher: Dispatcher }>({
  database: ["SQLite", { option: true }],
  tracking: ["", { option: true }],
  dispatcher: async ({ database, tracking }, use) => {
    const dispatcher = await Dispatcher.create(database, tracking);
    try {
      await dispatcher.start();
      await use(dispatcher);
    } finally {
      await dispatcher.remove();
    }
  },
});

/** What the browser complains of on the context's pages, and every host but ours that they ask. */
export function watch(context: BrowserContext, dispatcher: Dispatcher): string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().stack ?? String(error.error())));
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== dispatcher.url) complaints.push(request.url());
  });
  return complaints;
}

/** Logs the administrator in by the form and lands on the dashboard. */
export async function logIn(context: BrowserContext, dispatcher: Dispatcher): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${dispatcher.url}/admin-panel/login`);
  await page.locator("input[name=email]").fill(admin.email);
  await page.locator("input[name=password]").fill(admin.password);
  await page.locator("form:has(input[name=password]) button[type=submit]").click();
  await expect(page).toHaveURL(/\/admin-panel(?!\/login)/);
  return page;
}

/** Waits until the browser's half has taken over, so that keys and buttons answer. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-hydrated");
}

/** The figures of the API, in the name of whoever is logged in on the page. */
export async function figures(page: Page, dispatcher: Dispatcher) {
  const read = async (path: string) => {
    const answer = await page.request.get(`${dispatcher.url}/api/utm/${path}/?period=today`);
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200);
    return answer.json();
  };
  return { general: await read("general_stats"), sources: await read("sources"), sessions: await read("sessions") };
}

/** The first amount of hryvnias in a text: `1 499,00 ₴` → 1499. */
export function hryvnias(text: string): number {
  const amount = /([\d \u00a0\u202f]*\d)(?:[.,](\d{2}))?\s*(?:₴|грн)/.exec(text);
  if (!amount) throw new Error(`no amount in ₴: ${text}`);
  return Number(amount[1].replaceAll(/\s/g, "")) + Number(amount[2] ?? 0) / 100;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function freshPostgres(): Promise<string> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error("TEST_POSTGRES_URL is not set: scripts/with-postgres sets it");
  const name = `end2end_${randomBytes(6).toString("hex")}`;
  await run("psql", ["--quiet", "--no-psqlrc", server, "--command", `create database ${name}`]);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

export { expect };
