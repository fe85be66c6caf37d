// The live dashboard: a second browser shops, and the first one sees it happen; what becomes of it offline, unseen and
// logged out.
import type { Browser, Page } from "@playwright/test";
import { admin, expect, hryvnias, logIn, test, type Dispatcher, watch } from "../dispatcher.ts";
import { buy } from "../journey.ts";

const behindProxy = { extraHTTPHeaders: { "X-Forwarded-For": "178.150.0.1" } };

const status = (page: Page) => page.locator(".live-status");
const lines = (page: Page) => page.locator(".live-feed li");
const counter = (page: Page) => page.locator(".live-counter strong");

async function live(page: Page): Promise<void> {
  await expect(status(page)).toHaveAttribute("data-status", "on");
}

/** Somebody new looks at one page of the shop. */
async function visit(browser: Browser, dispatcher: Dispatcher, path: string): Promise<void> {
  const context = await browser.newContext();
  expect((await (await context.newPage()).goto(dispatcher.url + path))?.status()).toBe(200);
  await context.close();
}

test("a second browser shops: counters move, the feed tells of it, a sale is announced", async ({ browser, context, dispatcher }) => {
  const complaints = watch(context, dispatcher);
  await context.addInitScript(() => {
    const start = OscillatorNode.prototype.start;
    Object.assign(window, { notes: 0 });
    OscillatorNode.prototype.start = function (...when) {
      (window as unknown as { notes: number }).notes += 1;
      start.apply(this, when);
    };
  });
  const page = await logIn(context, dispatcher);
  await live(page);
  await expect(page.getByText("Дані оновлюються в реальному часі")).toBeVisible();
  await expect(counter(page)).toHaveText("0");
  await expect(page.getByText("Щойно хтось зайде до магазину")).toBeVisible();
  await page.evaluate("window.samePage = true");

  const price = await buy(browser, dispatcher.url, behindProxy);
  await expect(counter(page)).toHaveText("1");
  await expect(status(page)).toContainText("Зараз на сайті: 1");
  const toast = page.locator(".toast");
  await expect(toast).toHaveCount(1);
  await expect(toast).toContainText("Покупка");
  await expect(toast).toContainText("instagram");
  expect(hryvnias(await toast.innerText())).toBe(price);
  await expect(page.locator(".toasts")).toHaveAttribute("aria-live", "polite");
  for (const what of ["Нова сесія", "Додано в кошик", "Покупка"]) {
    await expect(lines(page).filter({ hasText: what }).first()).toBeVisible();
  }
  await expect(lines(page).filter({ hasText: "Нова сесія" })).toContainText("Зимова_колекція");
  const told = await page.locator(".live-feed").innerText();
  expect(told, "neither e-mails nor orders' numbers").not.toMatch(/olena@|TWC|\d{6}/);
  // The cards ask anew by themselves.
  const card = (label: string) => page.locator("dl > div").filter({ has: page.locator("dt", { hasText: label }) }).locator("dd").first();
  await expect(card("Конверсій")).toHaveText("1");
  await expect(card("Всього сесій")).toHaveText("1");
  expect(hryvnias(await card("Дохід").innerText())).toBe(price);
  expect(await page.evaluate("window.samePage"), "without loading the page").toBe(true);
  expect(await page.evaluate("window.notes"), "nobody asked for a sound").toBe(0);
  await toast.getByRole("button", { name: "Закрити" }).click();
  await expect(toast).toHaveCount(0);

  // A sound for those who want one, remembered.
  await page.getByLabel("Звук для конверсій").check();
  await page.reload();
  await live(page);
  await expect(page.getByLabel("Звук для конверсій")).toBeChecked();
  await expect(lines(page).filter({ hasText: "Покупка" }), "what happened of late is there at once").toHaveCount(1);
  await expect(toast, "and is announced once").toHaveCount(0);
  await buy(browser, dispatcher.url, behindProxy);
  await expect(toast).toHaveCount(1);
  await expect.poll(() => page.evaluate("window.notes")).toBe(2);
  await expect(counter(page)).toHaveText("2");
  await expect(toast, "it goes by itself").toHaveCount(0, { timeout: 15_000 });
  expect(complaints).toEqual([]);
});

const cards = (page: Page, label: string) =>
  page.locator("dl > div").filter({ has: page.locator("dt", { hasText: label }) }).locator("dd").first();

test("what comes by itself dims nothing, and moves no row that somebody reads", async ({ browser, context, dispatcher }) => {
  test.setTimeout(180_000); // tables are asked anew every fifteen seconds
  const page = await logIn(context, dispatcher);
  await live(page);
  const list = page.locator("#sessions");
  const rows = list.locator("tbody tr");
  const news = list.getByRole("button", { name: "Показати нові сесії" });
  const height = () => page.locator(".live-panel").evaluate((panel) => panel.getBoundingClientRect().height);
  const before = await height();
  await page.evaluate(() => {
    Object.assign(window, { dimmed: 0 });
    new MutationObserver((changes) => {
      if (changes.some(({ target }) => (target as Element).matches(".pending"))) (window as any).dimmed += 1;
    }).observe(document, { subtree: true, attributeFilter: ["class"] });
  });
  await list.hover();
  await visit(browser, dispatcher, "/catalog");
  await expect(lines(page)).toHaveCount(1);
  expect(Math.abs((await height()) - before), "the feed has had its room").toBeLessThan(2);
  await expect(cards(page, "Всього сесій")).toHaveText("1", { timeout: 4_000 });
  await expect(page.locator("#sources tbody tr")).toHaveCount(1, { timeout: 25_000 });
  await expect(news).toBeVisible();
  await expect(rows, "the pointer is over them").toHaveCount(0);
  expect(await page.evaluate("window.dimmed")).toBe(0);
  await news.click();
  await expect(rows).toHaveCount(1);
  await expect(news).toHaveCount(0);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await visit(browser, dispatcher, "/catalog");
  await expect(cards(page, "Всього сесій")).toHaveText("2", { timeout: 4_000 });
  await expect(rows, "nobody reads them").toHaveCount(2, { timeout: 25_000 });
});

test("numbers stay, dimmed, while newer ones do not come", async ({ browser, context, dispatcher }) => {
  test.setTimeout(180_000);
  await visit(browser, dispatcher, "/catalog");
  const page = await logIn(context, dispatcher);
  await expect
    .poll(async () => {
      await page.reload();
      return cards(page, "Всього сесій").innerText();
    })
    .toBe("1");
  await live(page);
  const notice = page.locator(".kept-notice > .alert");
  await page.route("**/admin-panel/fn/*", (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<h1>503</h1>" }));
  await visit(browser, dispatcher, "/catalog");
  await expect(counter(page)).toHaveText("2");
  await expect(notice).toBeVisible({ timeout: 30_000 });
  await expect(notice).toContainText("На сторінці попередні числа");
  await expect(cards(page, "Всього сесій")).toHaveText("1");
  await expect(page.locator("#sources tbody tr")).toHaveCount(1);
  await expect(page.locator("#sources > * > .panel")).toHaveCSS("opacity", "0.55");
  // Nor for another period: there is nothing to put in their place.
  await page.getByRole("link", { name: "Тиждень", exact: true }).click();
  await expect(page).toHaveURL(/period=week/);
  await page.waitForTimeout(1_000);
  await expect(cards(page, "Всього сесій")).toHaveText("1");
  await expect(page.locator(".tiles > :not(#sessions) .alert"), "one notice for all").toHaveCount(0);
  await page.unroute("**/admin-panel/fn/*");
  await expect(cards(page, "Всього сесій"), "it asks again by itself").toHaveText("2", { timeout: 20_000 });
  await expect(notice).toHaveCount(0);
  await expect(page.locator("#sources > * > .panel")).toHaveCSS("opacity", "1");
});

test("it says when it is offline, comes back by itself, and pauses while nobody looks", async ({ browser, context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await live(page);
  await context.setOffline(true);
  await expect(status(page)).toHaveAttribute("data-status", "offline");
  await expect(status(page)).toContainText("Немає зв’язку");
  await expect(page.getByText("Дані оновлюються в реальному часі"), "it would not be true").toBeHidden();
  await visit(browser, dispatcher, "/catalog");
  await context.setOffline(false);
  await live(page);
  await expect(lines(page), "what was missed is told, and no measurement").toHaveCount(1);
  await expect(counter(page)).toHaveText("1");

  await dispatcher.stop();
  await expect(status(page)).toHaveAttribute("data-status", "offline");
  await dispatcher.start();
  await expect(status(page)).toHaveAttribute("data-status", "on", { timeout: 40_000 });
  await expect(counter(page), "a server that has just started knows who is there").toHaveText("1");

  const look = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, hidden);
  await look(true);
  await expect(status(page)).toHaveAttribute("data-status", "paused", { timeout: 20_000 });
  await expect(status(page)).toContainText("Пауза");
  await visit(browser, dispatcher, "/");
  await look(false);
  await live(page);
  await expect(counter(page)).toHaveText("2");
});

test("it ends with the login, and says where to log in again", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await live(page);
  await dispatcher.command(["user", "disable", admin.email]);
  await expect(status(page)).toHaveAttribute("data-status", "ended", { timeout: 3_000 });
  await expect(status(page)).toContainText("Сеанс завершено");
  await status(page).getByRole("link", { name: "Увійти знову" }).click();
  await expect(page.locator("input[name=password]")).toBeVisible();
});
