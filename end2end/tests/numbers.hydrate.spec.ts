// Every section that shows numbers, in both languages: they are the API's, to the last row and the totals, and not zero; and its file
// holds the same.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { type Dispatcher, expect, logIn, test, watch } from "../dispatcher.ts";

let complaints: string[];
test.beforeEach(({ context, dispatcher }) => {
  complaints = watch(context, dispatcher);
});
test.afterEach(() => expect(complaints).toEqual([]));

/** A section with a table, and its report. */
const TABLES: Record<string, string> = {
  sources: "sources",
  campaigns: "campaigns",
  content: "content",
  terms: "terms",
  channels: "channels",
  devices: "devices",
  operatingsystems: "operating_systems",
  browsers: "browsers",
  countries: "geo_countries",
  cities: "geo_cities",
  landingpages: "landing_pages",
  products: "products",
  searches: "searches",
  returningvisitors: "returning_visitors",
};

/** The cards' metrics, in their order: the big number, and the one beneath it. */
const CARDS = [["sessions"], ["conversions", "cr"], ["revenue", "aov"], ["visitors"], ["points"], ["roas", "spend"]];

type Table = { columns: { key: string }[]; rows: (string | number | null)[][]; totals: (string | number | null)[] };

/** The number that a text ends or begins with, as each language writes it. */
function number(text: string, language: string): number {
  const bare = text.replaceAll(/[\s\u00a0\u202f₴%]|UAH/g, "").replace("−", "-");
  return Number.parseFloat(language === "uk" ? bare.replaceAll(",", ".") : bare.replaceAll(",", ""));
}

async function answer(page: Page, dispatcher: Dispatcher, report: string, query = ""): Promise<Table> {
  const answer = await page.request.get(`${dispatcher.url}/export/${report}.json?period=month&${query}`);
  expect(answer.status(), await answer.text()).toBe(200);
  return answer.json();
}

async function cells(rows: Locator): Promise<string[][]> {
  return rows.evaluateAll((rows) =>
    rows.map((row) =>
      [...row.querySelectorAll("th, td")].map((cell) => {
        const bare = cell.cloneNode(true) as Element;
        bare.querySelectorAll(".change").forEach((change) => change.remove());
        return bare.textContent!.trim();
      }),
    ),
  );
}

/** The cells of a CSV file beneath its headings. */
function rowsOf(csv: string): string[][] {
  const lines = csv.replace("\ufeff", "").trimEnd().split("\r\n").slice(1);
  const cell = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/gy;
  return lines.map((line) => {
    const cells = [...line.matchAll(cell)].map(([, text]) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text));
    // What follows the last comma's end is no cell.
    return line.endsWith(",") ? cells : cells.slice(0, -1);
  });
}

/** Advertising that has cost something, for the campaigns of the demo data. */
async function spend(dispatcher: Dispatcher): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dispatcher-spend-"));
  const date = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const line = (source: string, campaign: string, amount: string) =>
    JSON.stringify({ type: "spend", date, source, medium: "cpc", campaign, amount, currency: "UAH", clicks: 31, impressions: 4200 });
  await writeFile(join(folder, "spend.jsonl"), [line("google", "brand", "1210.50"), line("facebook", "winter", "890.00")].join("\n"));
  await dispatcher.command(["import", join(folder, "spend.jsonl")]);
  await rm(folder, { recursive: true });
}

for (const language of ["uk", "en"]) {
  test(`every section's numbers are the API's (${language})`, async ({ context, dispatcher }) => {
    await dispatcher.command(["demo", "--sessions", "6000", "--days", "40", "--seed", "1"]);
    await spend(dispatcher);
    const page = await logIn(context, dispatcher);
    await page.goto(`${dispatcher.url}/admin-panel?lang=${language}`);
    await page.goto(`${dispatcher.url}/admin-panel?period=month`);
    await expect(page.locator("html")).toHaveAttribute("lang", language);
    await expect(page.locator("#searches table tbody tr").first()).toBeAttached();

    const metrics = CARDS.flat().join(",");
    const general = await answer(page, dispatcher, "general", `metrics=${metrics}`);
    const total = (metric: string) => Number(general.totals[general.columns.findIndex(({ key }) => key === metric)]);
    const shown = await page.locator(".stat").evaluateAll((cards) =>
      cards.map((card) => ({ value: card.querySelector(".stat-value")!.textContent!, text: card.textContent! })),
    );
    expect(shown).toHaveLength(CARDS.length);
    for (const [place, [metric, beneath]] of CARDS.entries()) {
      expect(total(metric), metric).toBeGreaterThan(0);
      expect(number(shown[place].value, language), metric).toBeCloseTo(total(metric), 2);
      if (!beneath) continue;
      expect(total(beneath), beneath).toBeGreaterThan(0);
      const numbers = shown[place].text.match(/\d[\d\s\u00a0\u202f.,]*/g)!.map((text) => number(text.replace(/[.,\s]+$/, ""), language));
      expect(numbers.some((one) => Math.abs(one - total(beneath)) < 0.006), `${beneath}: ${shown[place].text}`).toBe(true);
    }

    for (const [tile, report] of Object.entries(TABLES)) {
      const table = page.locator(`#${tile} table`);
      const expected = await answer(page, dispatcher, report, "limit=20");
      expect(expected.rows.length, tile).toBeGreaterThan(report === "searches" ? 0 : 1);
      const rows = await cells(table.locator("tbody tr"));
      const totals = await cells(table.locator("tfoot tr"));
      expect(rows, tile).toHaveLength(expected.rows.length);
      let compared = 0;
      for (const [place, row] of [...expected.rows, expected.totals].entries()) {
        const cells = place < rows.length ? rows[place] : totals[0];
        for (const [column, value] of row.entries()) {
          const { key } = expected.columns[column];
          if (typeof value !== "number" && (value === null || Number.isNaN(Number(value)))) continue;
          if (["term", "content", "campaign", "os_version", "browser_version"].includes(key)) continue;
          expect(number(cells[column], language), `${tile}: ${key} of row ${place}: ${cells[column]}`).toBeCloseTo(Number(value), 2);
          compared += Number(value) === 0 ? 0 : 1;
        }
      }
      expect(compared, `${tile}: numbers that are not zero`).toBeGreaterThan(3);

      const file = await page.locator(`#${tile} .table-tools a`, { hasText: /^CSV$/ }).getAttribute("href");
      const csv = rowsOf(await (await page.request.get(dispatcher.url + file!)).text());
      const all = await answer(page, dispatcher, report);
      expect(csv, `${tile}: all rows, not only those of the first page`).toHaveLength(all.rows.length);
      for (const [place, row] of expected.rows.entries()) {
        // Those of the earlier days stand behind.
        expect(csv[place].length, `${tile}: row ${place} of the file`).toBeGreaterThanOrEqual(row.length);
        for (const [column, value] of row.entries()) {
          const text = csv[place][column];
          const same = value === null ? text === "" : text === value || Math.abs(Number(text) - Number(value)) < 0.005;
          expect(same, `${tile}: ${expected.columns[column].key} of row ${place}: ${text} in the file, ${value}`).toBe(true);
        }
      }
    }
  });
}
