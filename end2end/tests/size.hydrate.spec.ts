// What the first visit of the dashboard brings over the wire, nothing of it cached: no more than the budget, charts aside, which come
// after all that is needed to read and to press.
import type { BrowserContext } from "@playwright/test";
import { type Dispatcher, expect, logIn, test } from "../dispatcher.ts";

const BUDGET = 600 * 1024;
/** Of the program alone, compressed; from the second on it is said. */
const PROGRAM = { budget: 450 * 1024, said: 350 * 1024 };
/** What only charts need. */
const OF_CHARTS = /\/(echarts\.min\.js|world\.json)$/;

interface Load {
  path: string;
  /** Bytes on the wire, headers and all. */
  size: number;
  started: number;
  ended: number;
}

/** Loads a page with an empty cache, until what happens on it comes to rest and `awaited` is there, and tells what came. */
async function load(context: BrowserContext, dispatcher: Dispatcher, path: string, awaited?: RegExp): Promise<Load[]> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const loads = new Map<string, Load>();
  devtools.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    loads.set(requestId, { path: new URL(request.url).pathname, size: 0, started: timestamp, ended: 0 });
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength, timestamp }) => {
    const load = loads.get(requestId);
    if (load) Object.assign(load, { size: encodedDataLength, ended: timestamp });
  });
  await page.goto(dispatcher.url + path);
  await page.waitForLoadState("networkidle");
  const ended = () => [...loads.values()].filter(({ ended }) => ended > 0);
  // The page comes alive some time after its WASM has come.
  if (awaited) await expect.poll(() => ended().some(({ path }) => awaited.test(path)), { timeout: 30_000 }).toBe(true);
  await page.close();
  return ended();
}

test("the first load keeps its budget, and charts come when the page is alive", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "6000", "--days", "60", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  await page.close();
  const loads = await load(context, dispatcher, "/admin-panel?period=month", OF_CHARTS);
  const [charts, rest] = [loads.filter(({ path }) => OF_CHARTS.test(path)), loads.filter(({ path }) => !OF_CHARTS.test(path))];
  const table = rest.map(({ path, size }) => `${size} ${path}`).join("\n");
  const wasm = rest.find(({ path }) => path.endsWith(".wasm"));
  expect(wasm?.size, table).toBeGreaterThan(100_000);
  if (wasm!.size > PROGRAM.said) console.warn(`the program is larger than ${PROGRAM.said} bytes: ${wasm!.size}`);
  expect(wasm!.size, table).toBeLessThanOrEqual(PROGRAM.budget);
  const whole = rest.reduce((sum, { size }) => sum + size, 0);
  console.log(`the first load: ${whole} bytes without charts\n${table}`);
  expect(whole, table).toBeLessThanOrEqual(BUDGET);
  for (const chart of charts) expect(chart.started, `${chart.path} waits for the WASM`).toBeGreaterThan(wasm!.ended);

  const without = await load(context, dispatcher, "/admin-panel/tracking");
  expect(without.filter(({ path }) => OF_CHARTS.test(path)), "a page without charts loads nothing of them").toEqual([]);
});
