// The live dashboard: a second browser shops, and the first one sees it happen; what becomes of it offline, unseen and
// logged out.
import type { Browser, Page } from "@playwright/test";
import { admin, expect, logIn, test, type Dispatcher } from "../dispatcher.ts";

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

test("it says when it is offline, comes back by itself, and pauses while nobody looks", async ({ browser, context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await live(page);
  await context.setOffline(true);
  await expect(status(page)).toHaveAttribute("data-status", "offline");
  await expect(status(page)).toContainText("Немає звʼязку");
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
  await expect(status(page)).toContainText("Вхід завершено");
  await status(page).getByRole("link", { name: "Увійти знову" }).click();
  await expect(page.locator("input[name=password]")).toBeVisible();
});
