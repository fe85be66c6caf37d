// Keys, themes, the phone, paper, stillness; and the pictures of the README, as these tests saw the dashboard.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Dispatcher, expect, hydrated, logIn, test, watch } from "../dispatcher.ts";

let complaints: string[];
test.beforeEach(({ context, dispatcher }) => {
  complaints = watch(context, dispatcher);
});
test.afterEach(() => expect(complaints).toEqual([]));

const picture = (name: string) => join(import.meta.dirname, "../../target/end2end/pictures", `${name}.jpg`);
const PHONE = { width: 390, height: 844 };

async function draw(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(1200); // charts let their lines grow
}

/** Opens the newest session that ended in a purchase. */
async function openBuyer(page: Page, dispatcher: Dispatcher): Promise<void> {
  await page.goto(`${dispatcher.url}/admin-panel?period=month&filter=action:has:purchase`);
  await hydrated(page);
  await page.getByRole("link", { name: /^Деталі/ }).first().click();
  await expect(page.getByRole("dialog").locator(".action").first()).toBeVisible();
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("keys do what the sheet says, on every layout and not while typing", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await hydrated(page);
  await page.keyboard.press("3");
  await expect(page).toHaveURL(/period=month/);
  await page.keyboard.press("1");
  await expect(page).not.toHaveURL(/period=month/);
  const sheet = page.getByRole("dialog", { name: "Клавіші" });
  await page.keyboard.press("Shift+Slash");
  await expect(sheet).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Закрити" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.keyboard.press("f");
  const values = page.locator("textarea[name=filter_values]").first();
  await expect(values).toBeVisible();
  await values.focus();
  await page.keyboard.type("e 3 ?");
  await expect(values).toHaveValue("e 3 ?");
  await expect(page.locator(".arrange-bar")).toHaveCount(0);
  await expect(page).not.toHaveURL(/period=month/);
  await page.keyboard.press("Escape");
  await expect(values).toBeHidden();
  await page.keyboard.press("Control+e");
  await expect(page.locator(".arrange-bar")).toHaveCount(0);

  // Who wants no keys has none, here and on the next page.
  const button = page.locator(".keys-button");
  await button.click();
  await sheet.getByLabel("Клавіші ввімкнено").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("3");
  await page.keyboard.press("e");
  await expect(page.locator(".arrange-bar")).toHaveCount(0);
  await page.reload();
  await page.waitForLoadState("networkidle");
  await button.click();
  await expect(sheet.getByLabel("Клавіші ввімкнено")).not.toBeChecked();
  await page.keyboard.press("e");
  await expect(page.locator(".arrange-bar")).toHaveCount(0);
  await expect(page).not.toHaveURL(/period=month/);
  await sheet.getByLabel("Клавіші ввімкнено").check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("3");
  await expect(page).toHaveURL(/period=month/);

  // Beneath a dialog nothing moves.
  expect(complaints).toEqual([]);
  await page.goto(`${dispatcher.url}/admin-panel?session=7`);
  await expect(page.getByRole("dialog")).toContainText("Такої сесії немає");
  await page.waitForLoadState("networkidle");
  await page.keyboard.press("3");
  await page.keyboard.press("e");
  await expect(page.locator(".arrange-bar")).toHaveCount(0);
  await expect(page).not.toHaveURL(/period=month/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("h");
  await expect(page).toHaveURL(/\/admin-panel\/help$/);
  // The browser may say, once, that the page of a session that is not there is none; nothing else.
  const [said = "404", ...others] = complaints;
  expect(said).toContain("404");
  complaints = others;
});

test("a theme is chosen, remembered, and rendered by the server", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(await ground()).toBe("rgb(10, 10, 16)");
  await page.getByRole("link", { name: "Світла" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  expect(await ground()).toBe("rgb(245, 244, 250)");
  await page.goto(`${dispatcher.url}/admin-panel?period=week`);
  await expect(page.getByRole("link", { name: "Світла" })).toHaveAttribute("aria-current", "true");
  expect(await ground()).toBe("rgb(245, 244, 250)");
  // What charts read is a colour that they know.
  const text = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--muted"));
  expect(text).toMatch(/^rgb\(/);
  await page.getByRole("link", { name: "Як у системі" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "system");
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await ground()).toBe("rgb(10, 10, 16)");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await ground()).toBe("rgb(245, 244, 250)");
});

test("paper gets a report: light, without controls, with the period's name", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "2000", "--days", "40", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month&filter=source:is:instagram`);
  await hydrated(page);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("link", { name: "Місяць", exact: true })).toBeVisible();
  await expect(page.getByText("instagram").first()).toBeVisible();
  for (const hidden of ["Тиждень", "Довідка", "Вийти", "+ Фільтр", "Сегменти"]) {
    await expect(page.getByText(hidden, { exact: true }).first()).toBeHidden();
  }
  for (const hidden of ["main input:not(.roi-card input)", ".choice:not([aria-current])", ".live-panel", ".table-tools .button"]) {
    await expect(page.locator(`${hidden}:visible`), hidden).toHaveCount(0);
  }
  // What a number is compared with, and which line is which, stays as words.
  await expect(page.getByText("Порівняння: попередній період")).toBeVisible();
  await expect(page.locator("#timeseries .legend-item", { hasText: "Попередній період" })).toBeVisible();
  await expect(page.locator("#timeseries .choice[aria-current]").first()).toHaveText("Сесії");
  expect(await page.evaluate(() => getComputedStyle(document.querySelector("h1")!).color)).toBe("rgb(28, 25, 48)");
  await page.emulateMedia({ media: null });

  // Charts are pictures: they are drawn in light colours, as wide as paper is, before it is printed, and then as they were.
  const charts = page.locator(".chart:visible:has(canvas)");
  await expect(charts.first()).toBeVisible();
  const drawn = () =>
    charts.first().evaluate((box) => {
      const chart = (window as any).echarts.getInstanceByDom(box);
      return { ink: chart.getOption().series[0].lineStyle.color, words: chart.getModel().get("categoryAxis.axisLabel.color"), width: chart.getWidth() };
    });
  await draw(page);
  const onScreen = await drawn();
  await page.evaluate(() => {
    addEventListener("beforeprint", () => {
      const chart = (window as any).echarts.getInstanceByDom(document.querySelector(".chart canvas")!.closest(".chart")!);
      (window as any).printed = { ink: chart.getOption().series[0].lineStyle.color, width: chart.getWidth() };
    });
  });
  const paper = await page.pdf({ path: join(import.meta.dirname, "../../target/end2end/paper.pdf"), format: "A4" });
  expect(paper.length).toBeGreaterThan(20_000);
  expect(onScreen.ink).toBe("rgb(139, 92, 246)");
  expect(await page.evaluate("window.printed")).toEqual({ ink: "rgb(124, 58, 237)", width: 640 });
  expect(await drawn()).toEqual(onScreen);
});

test("who wants stillness gets it", async ({ browser, dispatcher }) => {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const page = await logIn(context, dispatcher);
  await hydrated(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || Number.parseFloat(style.transitionDuration) > 0;
    }).length,
  );
  expect(moving).toBe(0);
  await context.close();
});

for (const scheme of ["dark", "light"]) {
  test(`pictures, ${scheme}; a phone never scrolls sideways and a thumb can press everything`, async ({ browser, dispatcher }) => {
    await dispatcher.command(["demo", "--sessions", "20000", "--days", "90", "--seed", "1"]);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await logIn(context, dispatcher);
    await page.goto(`${dispatcher.url}/admin-panel?period=month&theme=${scheme}`);
    await hydrated(page);
    await draw(page);
    expect(await overflow(page)).toBe(0);
    const top = { x: 0, y: 0, width: 1280, height: 2600 };
    await page.screenshot({ path: picture(`dashboard-${scheme}`), fullPage: true, clip: top, type: "jpeg", quality: 70 });
    await page.screenshot({ path: picture(`whole-${scheme}`), fullPage: true, type: "jpeg", quality: 60 });
    await openBuyer(page, dispatcher);
    await draw(page);
    await page.screenshot({ path: picture(`session-${scheme}`), type: "jpeg", quality: 80 });

    await page.setViewportSize(PHONE);
    for (const path of ["/admin-panel?period=month", "/admin-panel?period=all_time&compare=none", "/admin-panel/tracking", "/admin-panel/help"]) {
      await page.goto(dispatcher.url + path);
      await draw(page);
      expect(await overflow(page), path).toBeLessThanOrEqual(0);
    }
    await page.goto(`${dispatcher.url}/admin-panel?period=month`);
    await hydrated(page);
    const periods = page.getByRole("navigation", { name: "Період" });
    const box = (await periods.boundingBox())!;
    expect(box.y + box.height).toBeGreaterThanOrEqual(PHONE.height - 1);
    for (const target of await page.locator("header .button:visible, .periods > *:visible, .scope .button:visible").all()) {
      const { width, height } = (await target.boundingBox())!;
      expect(Math.round(height), await target.innerText()).toBeGreaterThanOrEqual(44);
      expect(Math.round(width), await target.innerText()).toBeGreaterThanOrEqual(44);
    }
    const small = await page.evaluate(() => {
      const targets = "main :is(.button, .choice, .sort, .unfold, .legend-item, summary, input:not([type=checkbox]), label:has(> [type=checkbox]))";
      const seen = [...document.querySelectorAll<HTMLElement>(targets)].filter((one) => one.checkVisibility());
      const low = seen.filter((one) => Math.round(one.getBoundingClientRect().height) < 44);
      return { seen: seen.length, low: low.map((one) => `${one.className || one.tagName} ${one.textContent} ${one.getBoundingClientRect().height}`) };
    });
    expect(small.seen).toBeGreaterThan(60);
    expect(small.low).toEqual([]);
    await page.locator("summary", { hasText: "+ Фільтр" }).click();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const form = (await page.locator(".popover[open] .popover-box").boundingBox())!;
    expect(form.x).toBeGreaterThanOrEqual(0);
    expect(form.x + form.width).toBeLessThanOrEqual(PHONE.width);
    await page.keyboard.press("Escape");
    await page.locator("summary", { hasText: "+ Фільтр" }).blur();
    await draw(page);
    await page.screenshot({ path: picture(`phone-${scheme}`), type: "jpeg", quality: 80 });
    await openBuyer(page, dispatcher);
    await draw(page);
    await page.screenshot({ path: picture(`phone-session-${scheme}`), type: "jpeg", quality: 80 });
    await context.close();
  });
}
