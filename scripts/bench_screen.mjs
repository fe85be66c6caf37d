// How soon the dashboard paints, and paints anew for another period: `node scripts/bench_screen.mjs ADDRESS EMAIL PASSWORD`. Prints one
// line of JSON: milliseconds of each first paint of the page, of each switch, and of each switch with a visit stored just before.
import { chromium, request } from "@playwright/test";
import { executablePath, flags } from "../end2end/chromium.mjs";

const [address, email, password] = process.argv.slice(2);
const LOADS = 8;
const SWITCHES = 90;
const SWITCHES_AFTER_VISITS = 45;
const PERIODS = ["today", "week", "month"];

const look = { locale: "uk-UA", timezoneId: "Europe/Kyiv", viewport: { width: 1280, height: 800 } };
const browser = await chromium.launch({ executablePath, args: flags });
const context = await browser.newContext(look);
const page = await context.newPage();
await page.goto(`${address}/admin-panel/login`);
await page.fill("input[name=email]", email);
await page.fill("input[name=password]", password);
await page.click("form:has(input[name=password]) button[type=submit]");
await page.waitForURL(/\/admin-panel(?!\/login)/);

const paints = [];
for (let load = 0; load < LOADS; load += 1) {
  // Nothing is cached: each is a first visit.
  const fresh = await browser.newContext({ ...look, storageState: await context.storageState() });
  const first = await fresh.newPage();
  await first.goto(`${address}/admin-panel?period=month`);
  paints.push(await first.evaluate(() => new Promise((found) => {
    const wait = () => {
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      if (paint) found(paint.startTime);
      else setTimeout(wait, 10);
    };
    wait();
  })));
  await fresh.close();
}

await page.goto(`${address}/admin-panel?period=${PERIODS[0]}`);
// The page is alive once its charts are drawn.
await page.waitForFunction(() => document.querySelectorAll("#timeseries canvas").length > 0);
await page.waitForTimeout(2_000);
/** Milliseconds from a click on a period to the frame in which all that is seen is of it, and to that in which the charts out of sight
 *  are, too. */
const turnTo = (period) => page.evaluate(async (period) => {
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const count = () => document.querySelector(".stat-value").textContent;
  const sessions = () => document.querySelector("#sessions table")?.textContent;
  const old = count();
  const link = [...document.querySelectorAll(`a[href*="period=${period}"]`)].find((link) => link.closest("nav, .periods"));
  const begun = performance.now();
  link.click();
  const painted = async (waiting) => {
    while (waiting()) {
      if (performance.now() - begun > 20_000) throw new Error(`${period} is not shown: ${location.href}`);
      await frame();
    }
    // The frame behind that.
    await frame();
    return performance.now() - begun;
  };
  // Other numbers, and nothing that waits.
  const seen = await painted(() => count() === old || document.querySelector("section[aria-busy=true]") || !sessions());
  return { seen, all: await painted(() => document.querySelector("[aria-busy=true]")) };
}, period);

/** A new visitor opens the shop, so that no answer of before holds any more. */
async function visit() {
  const visitor = await request.newContext({ userAgent: agent, extraHTTPHeaders: { accept: "text/html" } });
  const answer = await visitor.get(address);
  if (!answer.headers()["set-cookie"]?.includes("ud_vid")) throw new Error("the visit was not counted");
  await visitor.dispose();
  // Stored within 25 ms, and told to the page.
  await page.waitForTimeout(300);
}

const agent = await page.evaluate(() => navigator.userAgent.replace("HeadlessChrome", "Chrome"));
const [switches, afterVisits] = [[], []];
for (let turn = 1; turn <= SWITCHES + SWITCHES_AFTER_VISITS; turn += 1) {
  const isBusy = turn > SWITCHES;
  if (isBusy) await visit();
  (isBusy ? afterVisits : switches).push(await turnTo(PERIODS[turn % PERIODS.length]));
  await page.waitForTimeout(400);
}
await browser.close();
console.log(JSON.stringify({ paints, switches, afterVisits }));
