// The tables: what they show is what the API answers, and what was chosen survives reload, back and a link.
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { type Dispatcher, expect, logIn, test, watch } from "../dispatcher.ts";

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
  const complaints = watch(context, dispatcher);
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

test("rows unfold by the keyboard, and a name narrows the whole dashboard", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  await page.evaluate("window.samePage = true");
  const table = tile(page, "sources").locator("table");
  const row = (name: string) => table.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  const source = "facebook";
  const beneath = await answer(page, dispatcher, "sources", `period=month&dimensions=campaign&filter=source:is:${source}`);
  expect(beneath.rows.length).toBeGreaterThan(1);

  const unfold = row(source).getByRole("link", { name: new RegExp(`: ${source}`) });
  await expect(unfold).toHaveAttribute("aria-expanded", "false");
  await unfold.focus();
  await page.keyboard.press("Enter");
  await expect(unfold).toHaveAttribute("aria-expanded", "true");
  await expect(unfold).toBeFocused();
  const campaigns = table.locator("tr.depth-1");
  await expect(campaigns.first()).toBeVisible();
  sameNumbers((await onScreen(table, "tr.depth-1")).slice(0, beneath.rows.length), {
    ...beneath,
    rows: beneath.rows.slice(0, 10),
  });
  await campaigns.first().locator(".unfold").click();
  const creatives = await answer(
    page,
    dispatcher,
    "sources",
    `period=month&dimensions=content&limit=10&filter=source:is:${source}&filter=campaign:is:${encodeURIComponent(String(beneath.rows[0][0]))}`,
  );
  await expect(table.locator("tr.depth-2").first()).toBeVisible();
  expect((await onScreen(table, "tr.depth-2")).slice(0, 10).map(([name]) => name)).toEqual(creatives.rows.map(([name]) => name));
  await page.reload();
  await expect(table.locator("tr.depth-2").first()).toBeVisible();
  await expect(unfold).toHaveAttribute("aria-expanded", "true");
  await unfold.click();
  await expect(table.locator("tr.depth-1, tr.depth-2")).toHaveCount(0);
  await expect(page).not.toHaveURL(/open/);

  await row(source).getByRole("link", { name: source, exact: true }).click();
  await expect(page).toHaveURL(/filter=source:is:facebook/);
  await expect(table.locator("tbody tr")).toHaveCount(1);
  const general = await (await page.request.get(`${dispatcher.url}/export/general.json?period=month&filter=source:is:facebook`)).json();
  await expect.poll(async () => digits(await page.locator(".stat-value").first().innerText())).toBe(String(general.totals[0]));
});

test("what is stored by a key is found by the name that is read", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  const names = (id: string) => async () => (await onScreen(tile(page, id).locator("table"))).map(([name]) => name);
  const channels = tile(page, "channels");
  expect((await names("channels")()).length).toBeGreaterThan(2);
  await channels.getByRole("searchbox").fill("ПРЯМІ");
  await page.keyboard.press("Enter");
  await expect.poll(names("channels")).toEqual(["Прямі заходи"]);
  // The address is as short as a link's.
  expect(decodeURIComponent(new URL(page.url()).search)).toBe("?period=month&channels.find=ПРЯМІ");
  const countries = tile(page, "countries");
  await countries.locator(".twin > summary").click();
  await countries.getByRole("searchbox").fill("украї");
  await page.keyboard.press("Enter");
  await expect.poll(names("countries")).toEqual(["Україна"]);
  const devices = tile(page, "devices");
  await devices.locator(".twin > summary").click();
  await devices.getByRole("searchbox").fill("телеф");
  await page.keyboard.press("Enter");
  await expect.poll(names("devices")).toEqual(["Телефон"]);
  await page.reload();
  expect(await names("countries")()).toEqual(["Україна"]);
});

test("numbers and names narrow, and links of one list keep what another one shows", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  await page.evaluate("window.samePage = true");
  const campaigns = tile(page, "campaigns").locator("table");
  const [first] = await onScreen(campaigns);
  await campaigns.locator("tbody tr").first().locator("td").first().click();
  await expect.poll(() => new URL(page.url()).searchParams.getAll("filter")).toEqual(
    [["source", first[0]], ["medium", first[1]], ["campaign", first[2]]].map(([name, value]) => `${name}:is:${value}`),
  );
  await expect(campaigns.locator("tbody tr")).toHaveCount(1);
  await page.goBack();

  // The list of sessions stays while another table changes; its pages keep that.
  const sessions = tile(page, "sessions");
  await tile(page, "sources").getByRole("columnheader", { name: "Дохід" }).getByRole("link").click();
  await expect(page).toHaveURL(/sources\.sort=-revenue/);
  await sessions.getByRole("link", { name: "Далі" }).click();
  await expect(page).toHaveURL(/sessions\.page=2/);
  await expect(page).toHaveURL(/sources\.sort=-revenue/);
  await expect(sessions).toContainText("31–60 з");
  // Which sources stand there differs from hour to hour.
  const sources = sessions.locator("tbody tr td:nth-child(2)");
  const source = await sources.first().innerText();
  await sources.first().getByRole("link").click();
  await expect(page).toHaveURL(/filter=source:/);
  await expect.poll(async () => [...new Set(await sources.allInnerTexts())]).toEqual([source]);
  const device = sessions.locator("tbody tr").first().locator("td").nth(2).getByRole("link");
  const name = await device.innerText();
  await device.click();
  await expect(page.getByRole("group", { name: "Фільтри" })).toContainText(`Пристрій: ${name}`);
  expect(await page.evaluate("window.samePage")).toBe(true);
});

test("a filter takes the names that people read, and says what it cannot take", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month`);
  await page.evaluate("window.samePage = true");
  const filters = page.getByRole("group", { name: "Фільтри" });
  const box = filters.locator("details[open]");
  const what = box.locator("select[name=filter_subject]");
  const how = box.locator("select[name=filter_operator]");
  const values = box.locator("[name=filter_values]");
  const open = () => filters.getByText("+ Фільтр").click();

  await open();
  await what.selectOption({ label: "Країна" });
  expect(await how.locator("option").allInnerTexts()).toEqual(["дорівнює", "не дорівнює", "порожньо"]);
  await values.selectOption([{ label: "Україна" }, { label: "Польща" }]);
  await box.getByRole("button", { name: "Застосувати" }).click();
  await expect(page).toHaveURL(/filter=country:is:(PL%257CUA|PL\|UA|PL%7CUA)/);
  await expect(filters.getByText("Країна: Польща, Україна")).toBeVisible();
  await filters.getByText("Країна: Польща, Україна").click();
  const chosen = values.locator("option:checked");
  await expect(chosen).toHaveText(["Польща", "Україна"]);
  await filters.getByRole("link", { name: /^Зняти фільтр/ }).click();
  await expect(page).not.toHaveURL(/filter=/);

  await open();
  await what.selectOption({ label: "Місто" });
  await values.fill("Київ");
  await box.getByRole("button", { name: "Застосувати" }).click();
  await expect(page).toHaveURL(/filter=city:is:Kyiv/);
  await expect(filters.getByText("Місто: Київ")).toBeVisible();
  await expect(tile(page, "sources").locator("tbody tr")).not.toHaveCount(0);

  // Actions are chosen; what was begun is gone when the form opens again.
  await open();
  await expect(what).toHaveValue("source");
  await what.selectOption({ label: "Дія" });
  expect(await how.locator("option").allInnerTexts()).toEqual(["мала дію"]);
  await values.selectOption({ label: "Покупка" });
  await box.getByRole("button", { name: "Застосувати" }).click();
  await expect(filters.getByText("Дія: Покупка")).toBeVisible();

  await open();
  await what.selectOption({ label: "День" });
  await values.fill("колись");
  const before = page.url();
  await box.getByRole("button", { name: "Застосувати" }).click();
  await expect(box.getByRole("alert")).toHaveText("Такого значення тут не буває. Перевірте його.");
  expect(page.url()).toBe(before);
  await values.fill("");
  await box.getByRole("button", { name: "Застосувати" }).click();
  expect(page.url(), "the browser asks for a value").toBe(before);
  await page.keyboard.press("Escape");
  expect(await page.evaluate("window.samePage")).toBe(true);
});

test("days to compare with are chosen by naming them, and forms show what holds", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=week`);
  const scope = page.locator(".scope");
  const open = () => scope.getByText(/^Порівняння:/).click();
  const box = scope.locator("details[open]");
  const apply = () => box.getByRole("button", { name: "Застосувати" }).click();

  await open();
  await box.getByLabel("Від", { exact: true }).fill("2026-01-05");
  await expect(box.getByLabel("інші дні")).toBeChecked();
  await apply();
  await expect(box.getByRole("alert")).toHaveText("Оберіть обидва дні, перший — не пізніше за останній.");
  await box.getByLabel("До", { exact: true }).fill("2026-01-11");
  await apply();
  await expect(page).toHaveURL(/compare=2026-01-05\.\.2026-01-11/);
  await expect(tile(page, "timeseries").getByRole("button", { name: "05.01.2026 — 11.01.2026" })).toBeVisible();
  await open();
  await expect(box.getByLabel("інші дні")).toBeChecked();
  await page.goBack();
  await open();
  await expect(box.getByLabel("попередній період")).toBeChecked();
  await expect(box.getByLabel("Від", { exact: true })).toHaveValue("");

  await page.goto(`${dispatcher.url}/admin-panel?period=all_time`);
  await expect(scope.getByText("Порівняння: немає, бо показано весь час")).toBeVisible();
  await expect(tile(page, "timeseries").getByRole("button", { name: "Цей період" })).toBeVisible();
  await expect(tile(page, "timeseries").getByRole("button", { name: "Попередній період" })).toHaveCount(0);
});

test("columns are chosen, copied and exported as they are shown", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month&compare=none&lang=en`);
  const sources = tile(page, "sources");
  await sources.getByText("Columns", { exact: true }).first().click();
  for (const [column, is_shown] of [["Points", false], ["Spend", true], ["Visitors", true]] as const) {
    await sources.getByRole("checkbox", { name: column, exact: true }).setChecked(is_shown);
  }
  await sources.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/sources\.columns=/);
  const table = sources.locator("table");
  const heads = async () => (await table.locator("thead th").allInnerTexts()).map((head) => head.trim());
  await expect.poll(heads).toEqual(["Source", "Sessions", "Conversions", "CR%", "Revenue", "Avg. order", "Visitors", "Spend"]);
  await table.getByRole("columnheader", { name: "Visitors" }).getByRole("link").click();
  await expect(page).toHaveURL(/sources\.sort=-visitors/);
  await page.reload();
  expect(await heads()).toEqual(["Source", "Sessions", "Conversions", "CR%", "Revenue", "Avg. order", "Visitors", "Spend"]);

  const shown = await onScreen(table);
  const download = page.waitForEvent("download");
  await sources.getByRole("link", { name: "CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^utm_sources_month_\d{8}_\d{6}\.csv$/);
  const text = await readFile(await file.path(), "utf8");
  const lines = text.replace("\ufeff", "").trimEnd().split("\r\n").map((line) => line.split(","));
  // The file has the rows of all pages, in the order of the screen.
  const all = await answer(page, dispatcher, "sources", "period=month");
  expect(all.total_rows).toBeGreaterThanOrEqual(shown.length);
  expect(lines).toHaveLength(all.total_rows + 1);
  for (const [place, row] of shown.entries()) {
    expect(lines[place + 1][0]).toBe(row[0]);
    for (const column of [1, 2, 6]) expect(lines[place + 1][column]).toBe(row[column].replaceAll(",", ""));
    expect(Number(lines[place + 1][4])).toBe(Number(row[4].replaceAll(/[₴,]/g, "")));
  }

  await context.grantPermissions(["clipboard-read"], { origin: dispatcher.url });
  await sources.getByRole("button", { name: "Copy" }).click();
  await expect(sources.locator(".copied")).toHaveText(`Rows copied: ${shown.length}`);
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split("\n").map((line) => line.split("\t"));
  expect(copied[0]).toEqual(await heads());
  expect(copied.slice(1, -1).map((row) => row[0])).toEqual(shown.map((row) => row[0]));
  expect(copied.slice(1, -1).map((row) => row[1])).toEqual(shown.map((row) => row[1].replaceAll(",", "")));
  expect(copied.at(-1)![0]).toBe("Total");

  // What cannot be counted beside a filter is left out, and the page says so.
  await page.goto(`${dispatcher.url}/admin-panel?period=month&compare=none&sources.columns=sessions,spend&filter=country:is:UA`);
  await expect(sources).toContainText("Not shown, as spend cannot be split by these filters: Spend");
  expect(await heads()).toEqual(["Source", "Sessions"]);
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
