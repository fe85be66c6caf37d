// The dashboard without JavaScript: what the server renders is a page, not a promise of one.
import { expect, logIn, test } from "../dispatcher.ts";

test.use({ javaScriptEnabled: false });

test("periods are links and the tables are there without scripts", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "500", "--days", "60", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  const rows = page.getByRole("table", { name: "Джерела трафіку" }).locator("tbody tr");
  for (const [label, period] of [["Тиждень", "week"], ["Місяць", "month"], ["Весь час", "all_time"]]) {
    await page.getByRole("link", { name: label, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`period=${period}`));
    await expect(page.getByRole("link", { name: label, exact: true })).toHaveAttribute("aria-current", "page");
    expect(await rows.count()).toBeGreaterThan(1);
  }
});

test("tables sort, search, turn pages and unfold, and a session opens, all by links", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "3000", "--days", "40", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  const sources = page.locator("#sources");
  const heading = sources.getByRole("columnheader", { name: "Конверсії" });
  await heading.getByRole("link").click();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await sources.getByRole("link", { name: /^Розгорнути: facebook/ }).click();
  await expect(sources.locator("tr.depth-1").first()).toBeVisible();
  await sources.getByRole("link", { name: /^Згорнути: facebook/ }).click();
  await expect(sources.locator("tr.depth-1")).toHaveCount(0);
  await sources.getByRole("searchbox").fill("goo");
  await sources.getByRole("button", { name: "Знайти" }).click();
  await expect(sources.locator("tbody tr").first().getByRole("rowheader")).toContainText(/goo/i);
  const sessions = page.locator("#sessions");
  await expect(sessions.locator("tbody tr")).toHaveCount(30);
  await sessions.getByRole("link", { name: "Далі" }).click();
  await expect(sessions).toContainText("31–60");
  await sessions.getByRole("link", { name: /^Деталі/ }).first().click();
  await expect(page).toHaveURL(/session=\d+/);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("UTM-параметри");
  await dialog.getByRole("link", { name: "Закрити" }).click();
  await expect(dialog).toBeHidden();
  await expect(sessions).toContainText("31–60");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Експорт джерел CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/^utm_sources_month_/);
});
