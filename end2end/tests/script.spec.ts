// `/t.js` in a browser: on a shop of another host, which loads it from the dispatcher, and on the demo shop itself.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { test as base, expect, figures, logIn } from "../dispatcher.ts";

const VIEWS = 'dispatcher_recorded_total{kind="page_view"}';
const ACTIONS = 'dispatcher_recorded_total{kind="action"}';
const LANDING = "/catalog?utm_source=telegram&utm_medium=social&utm_campaign=spring";

/** A shop on a host of its own: every address is the same long page, which asks `script()` for its script. */
class OtherShop {
  private constructor(private readonly server: Server, readonly origin: string) {}

  static async open(script: () => string): Promise<OtherShop> {
    const server = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html; charset=utf-8");
      answer.end(`<!doctype html><title>shop</title><body style="height:4000px">
        <script>window.ud=window.ud||function(){(ud.q=ud.q||[]).push(arguments)};ud('event','product_view',{product_id:17})</script>
        <script src="${script()}" async></script>`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    // Another host than the dispatcher's: cookies know no ports.
    return new OtherShop(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const test = base.extend<{ scriptOf: { url: string }; shop: OtherShop; stranger: OtherShop }>({
  scriptOf: async ({}, use) => use({ url: "" }),
  shop: async ({ scriptOf }, use) => {
    const shop = await OtherShop.open(() => `${scriptOf.url}/t.js`);
    await use(shop);
    shop.close();
  },
  stranger: async ({ scriptOf }, use) => {
    const stranger = await OtherShop.open(() => `${scriptOf.url}/t.js`);
    await use(stranger);
    stranger.close();
  },
  tracking: async ({ shop }, use) => use(`allowed_origins = ["${shop.origin}"]`),
  dispatcher: async ({ dispatcher, scriptOf }, use) => {
    scriptOf.url = dispatcher.url;
    await use(dispatcher);
  },
});

/** What the page's script throws into the page: nothing, ever. */
function errors(page: Page): Error[] {
  const thrown: Error[] = [];
  page.on("pageerror", (error) => thrown.push(error));
  return thrown;
}

/** The bodies that the page sends to the dispatcher. Of what it sends as it goes Playwright hears nothing. */
function told(page: Page): any[] {
  const bodies: any[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v1/collect")) bodies.push(JSON.parse(request.postData() ?? "null"));
  });
  return bodies;
}

const push = (page: Page, how: "pushState" | "replaceState", path: string) =>
  page.evaluate(([how, path]) => history[how as "pushState"](null, "", path), [how, path]);
const ud = (page: Page, ...args: unknown[]) =>
  page.evaluate((args) => (window as unknown as { ud: (...args: unknown[]) => void }).ud(...args), args);

test("a shop on another host is counted, without a cookie until its visitor agrees", async ({ context, dispatcher, shop }) => {
  const page = await context.newPage();
  const thrown = errors(page);
  const bodies = told(page);
  await page.goto(shop.origin + LANDING);
  await expect.poll(() => dispatcher.counted(VIEWS)).toBe(1);
  await expect.poll(() => dispatcher.counted(ACTIONS)).toBe(1); // told before the script was there

  await push(page, "pushState", "/product/tee");
  await push(page, "replaceState", "/product/tee#colour"); // the same page
  await push(page, "replaceState", "/product/tee?colour=red");
  await page.goBack(); // to where it landed
  await expect.poll(() => dispatcher.counted(VIEWS)).toBe(4);
  await ud(page, "event", "add_to_cart", { product_id: 17, product_name: "Tee", value: "499.00" });
  await expect.poll(() => bodies.flatMap((body) => body.events).filter(({ type }) => type === "add_to_cart")).toHaveLength(1);
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
  expect(bodies.every(({ visitor }) => visitor === undefined)).toBe(true);

  await page.mouse.wheel(0, 2000);
  await page.waitForFunction(() => scrollY > 500);
  const before = bodies.length;
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  await expect.poll(() => bodies.length).toBe(before + 1);
  const last = bodies[before];
  expect(last.url).toBe(`${shop.origin}/catalog`);
  expect(last.events.map(({ type }: { type: string }) => type)).toEqual(["time_on_page", "scroll"]);
  expect(last.events[0].metadata.seconds).toBeGreaterThan(0);
  expect(last.events[1].metadata.percent).toBeGreaterThan(30);
  // Beside these two: product view, cart, and the time on each page that was left before.
  await expect.poll(() => dispatcher.counted(ACTIONS)).toBe(bodies.flatMap((body) => body.events).length - 4);

  await page.goto(`${shop.origin}/catalog`);
  await ud(page, "consent", true);
  const cookies = () => context.cookies(shop.origin).then((cookies) => cookies.map(({ name, value }) => [name, value]));
  expect(Object.fromEntries(await cookies())).toEqual({ ud_consent: "yes", ud_vid: expect.stringMatching(/^[0-9a-f]{32}$/) });
  const { ud_vid } = Object.fromEntries(await cookies());
  await push(page, "pushState", "/cart");
  await expect.poll(() => bodies.at(-1).visitor).toBe(ud_vid);
  await page.goto(`${shop.origin}/checkout`); // remembered
  await expect.poll(() => bodies.at(-1)).toMatchObject({ visitor: ud_vid, consent: true });
  expect(Object.fromEntries(await cookies()).ud_vid).toBe(ud_vid);
  await ud(page, "consent", false);
  expect(await cookies()).toEqual([]);
  expect(thrown).toEqual([]);

  const dashboard = await logIn(context, dispatcher);
  const { sources, sessions } = await figures(dashboard, dispatcher);
  expect(sources.map(({ utm_source }: { utm_source: string }) => utm_source)).toContain("telegram");
  expect(sessions.at(-1)).toMatchObject({ utm_source: "telegram", utm_campaign: "spring" });
});

test("a shop that is not allowed is not counted, and not disturbed", async ({ context, dispatcher, stranger }) => {
  const page = await context.newPage();
  const thrown = errors(page);
  const refused = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/v1/collect"));
  await page.goto(stranger.origin + LANDING);
  await refused;
  await push(page, "pushState", "/product/tee");
  await page.goto("about:blank");
  expect(thrown).toEqual([]);
  const dashboard = await logIn(context, dispatcher);
  expect((await figures(dashboard, dispatcher)).general.total_sessions).toBe(0);
  expect(await dispatcher.counted(VIEWS) + (await dispatcher.counted(ACTIONS))).toBe(0);
});

test("on our own site a page is counted once, by the layer", async ({ context, dispatcher }) => {
  const page = await context.newPage();
  const thrown = errors(page);
  const bodies = told(page);
  await page.goto(`${dispatcher.url}/?utm_source=telegram`);
  await page.goto(`${dispatcher.url}/catalog`);
  await expect.poll(() => dispatcher.counted(ACTIONS)).toBe(1); // how long the first one was read
  expect(bodies).toEqual([]);
  await push(page, "pushState", "/catalog?page=2");
  await expect.poll(() => dispatcher.counted(VIEWS)).toBe(3);
  expect((await context.cookies()).map(({ name, httpOnly }) => [name, httpOnly])).toEqual([["ud_vid", true]]);
  expect(thrown).toEqual([]);
  const dashboard = await logIn(context, dispatcher);
  expect((await figures(dashboard, dispatcher)).general).toMatchObject({ total_sessions: 1, unique_visitors: 1 });
});
