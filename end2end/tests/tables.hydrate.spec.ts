// The tables: what they show is what the API answers, and what was chosen survives reload, back and a link.
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { type Dispatcher, expect, logIn, test } from "../dispatcher.ts";

test.beforeEach(async ({ dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "6000", "--days", "40", "--seed", "1"]);
});

/** A table as the API has it. */
type Table = { columns: { key: string }[]; rows: (string | number | null)[][]; totals: (string | number | null)[]; total_rows: number };

const tile = (page: Page, id: string) => page.locator(`#${id}`);
const digits = (text: string) => text.replaceAll(/[\s\u00a0\u202f]/g, "").replace("−", "-").replace(",", ".");

async function answer(page: Page, dispatcher: Dispatcher, report: string, query: string): Promise<Table> {
  const answer = await page.request.get(`${dispatcher.url}/export/${report}.json?${query}`);
  expect(answer.status(), await answer.text()).toBe(200);
  return answer.json();
}

/** The names and numbers of a table's rows on the screen; the changes beneath the numbers are left out. */
async function onScreen(table: Locator, rows = "tbody tr"): Promise<string[][]> {
  return table.locator(rows).evaluateAll((rows) =>
    rows.map((row) =>
      [...row.querySelectorAll("th, td")].map((cell) => {
        const bare = cell.cloneNode(true) as Element;
        bare.querySelectorAll(".change").forEach((change) => change.remove());
        return bare.textContent!.trim();
      }),
    ),
  );
}

/** The rows of the API as the screen writes them: counts and names as they are, fractions by their decimals. */
function sameNumbers(shown: string[][], table: Table): void {
  expect(shown).toHaveLength(table.rows.length);
  for (const [place, row] of table.rows.entries()) {
    for (const [column, value] of row.entries()) {
      const cell = shown[place][column];
      const key = table.columns[column].key;
      if (value === null) expect(cell, `${key} of row ${place}`).toBe("—");
      else if (typeof value === "string" && Number.isNaN(Number(value))) expect(cell).toBe(value);
      else expect(Number.parseFloat(digits(cell)), `${key} of row ${place}`).toBeCloseTo(Number(value), 2);
    }
  }
}

test("numbers are the API's, in any order, on any page, and stay when the page is loaded anew", async ({ context, dispatcher }) => {
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  await page.evaluate("window.samePage = true");
  const sources = tile(page, "sources").locator("table");
  const month = await answer(page, dispatcher, "sources", "period=month&limit=20");
  expect(month.rows.length).toBeGreaterThan(5);
  expect(month.totals.filter((total) => typeof total === "number" && total > 0).length).toBeGreaterThan(1);
  sameNumbers(await onScreen(sources), month);
  const api = await (await page.request.get(`${dispatcher.url}/api/utm/sources/?period=month&limit=20`)).json();
  expect(api.map((row: { utm_source: string }) => row.utm_source)).toEqual((await onScreen(sources)).map(([name]) => name));
  const [totals] = await onScreen(sources, "tfoot tr");
  expect(totals.slice(1).map((cell) => Number.parseFloat(digits(cell)))).toEqual(month.totals.slice(1).map(Number));

  // The bar beneath a name is as wide as its share of all sessions.
  const bar = sources.locator("tbody tr").first().locator(".row-share");
  const width = await bar.evaluate((bar) => bar.firstElementChild!.getBoundingClientRect().width / bar.getBoundingClientRect().width);
  expect(width).toBeCloseTo(Number(month.rows[0][1]) / Number(month.totals[1]), 2);
  // Conversion rates have their colours.
  for (const [place, row] of month.rows.entries()) {
    const rate = Number(row[3]);
    const tone = row[3] === null ? /number/ : rate >= 5 ? /tone-good/ : rate >= 2 ? /tone-fair/ : /tone-poor/;
    await expect(sources.locator("tbody tr").nth(place).locator("td").nth(2)).toHaveClass(tone);
  }

  const heading = sources.getByRole("columnheader", { name: "Дохід" });
  await heading.getByRole("link").click();
  await expect(page).toHaveURL(/sources\.sort=-revenue/);
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  sameNumbers(await onScreen(sources), await answer(page, dispatcher, "sources", "period=month&sort=-revenue&limit=20"));
  await expect(heading.getByRole("link"), "the focus stays where it was").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  const rising = await answer(page, dispatcher, "sources", "period=month&sort=revenue&limit=20");
  sameNumbers(await onScreen(sources), rising);
  await page.reload();
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  sameNumbers(await onScreen(sources), rising);
  await page.goBack();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await page.goBack();
  await expect(page).not.toHaveURL(/sources\.sort/);

  const content = tile(page, "content");
  const all = await answer(page, dispatcher, "content", "period=month");
  expect(all.total_rows).toBeGreaterThan(20);
  const triples = (table: Table) => table.rows.map((row) => row.slice(0, 3));
  await content.getByRole("link", { name: "Далі" }).click();
  await expect(page).toHaveURL(/content\.page=2/);
  await expect(content).toContainText(`21–${Math.min(40, all.total_rows)} з ${all.total_rows}`);
  const names = async () => (await onScreen(content.locator("table"))).map((row) => row.slice(0, 3));
  expect(await names()).toEqual(triples(all).slice(20, 40));
  const part = String(all.rows[0][2]).slice(1, 6).toUpperCase();
  await content.getByRole("searchbox").fill(part);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/content\.find=/);
  await expect(page).not.toHaveURL(/content\.page/);
  const found = await answer(page, dispatcher, "content", `period=month&limit=20&filter=content:contains:${encodeURIComponent(part)}`);
  await expect.poll(names).toEqual(triples(found));
  expect(found.rows.length).toBeGreaterThan(0);
  expect(found.rows.length).toBeLessThan(all.rows.length);
  await page.reload();
  await expect(content.getByRole("searchbox")).toHaveValue(part);
  expect(await names()).toEqual(triples(found));
  await content.getByRole("searchbox").fill("такого немає");
  await page.keyboard.press("Enter");
  await expect(content).toContainText("Нічого не знайдено");
  await content.getByRole("link", { name: "Показати всі" }).click();
  await expect.poll(names).toEqual(triples(all).slice(0, 20));
  expect(complaints).toEqual([]);
});

test("the big buttons bring what is shown, at once", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=week&filter=source:is:facebook`);
  const files = [
    ["Експорт сесій CSV", "sessions", "csv"],
    ["Експорт джерел CSV", "sources", "csv"],
    ["Експорт кампаній CSV", "campaigns", "csv"],
    ["Експорт креативів CSV", "content", "csv"],
    ["Увесь диспетчер XLSX", "dashboard", "xlsx"],
  ];
  for (const [label, report, kind] of files) {
    const button = page.getByRole("link", { name: label });
    await expect(button.locator("svg")).toHaveCount(1);
    const download = page.waitForEvent("download");
    await button.click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^utm_${report}_week_\\d{8}_\\d{6}\\.${kind}$`));
    const expected = await page.request.get(`${dispatcher.url}/export/${report}.${kind}?period=week&filter=source:is:facebook`);
    if (kind === "csv") expect(await readFile(await file.path(), "utf8")).toBe(await expected.text());
    else expect((await readFile(await file.path())).subarray(0, 2).toString()).toBe("PK");
  }
  // The server's refusal is said, and the page stays.
  await page.route("**/export/sources.csv*", (route) => route.fulfill({ status: 503, body: "" }));
  await page.getByRole("link", { name: "Експорт джерел CSV" }).click();
  await expect(page.getByText("Файл не вдалося отримати")).toBeVisible();
});
