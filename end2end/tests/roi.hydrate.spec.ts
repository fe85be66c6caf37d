// The calculator: what is typed is counted at once, exactly as the API counts it, without asking anybody.
import type { Page } from "@playwright/test";
import { expect, hydrated, logIn, test, watch } from "../dispatcher.ts";

let complaints: string[];
test.beforeEach(({ context, dispatcher }) => {
  complaints = watch(context, dispatcher);
});
test.afterEach(() => expect(complaints).toEqual([]));

const field = (page: Page) => page.getByLabel("Витрати на рекламу (грн)");
const card = (page: Page, label: string) => page.locator(".roi-card", { has: page.locator("dt", { hasText: label }) });
const digits = (text: string) => Number(text.replaceAll(/[^\d,−]/g, "").replace(",", ".").replace("−", "-"));

test("figures follow each key and equal the API's", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "3000", "--days", "60", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=all_time`);
  const value = (label: string) => card(page, label).locator("dd");
  const general = await (await page.request.get(`${dispatcher.url}/api/utm/general_stats/?period=all_time`)).json();
  expect(general.total_revenue).toBeGreaterThan(0);
  expect(digits(await value("Дохід").innerText())).toBe(general.total_revenue);

  await hydrated(page);
  // The map is the last thing to come.
  await expect(page.locator("#countries .chart")).toHaveAttribute("aria-busy", "false");
  await field(page).fill("1");
  await expect(value("ROAS")).toHaveText(/\d/);
  expect(digits(await value("Прибуток").innerText())).toBe(Math.round((general.total_revenue - 1) * 100) / 100);

  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const half = Math.round(general.total_revenue / 2);
  const spends = [["25000", "25000"], ["1 234,56", "1234.56"], ["₴9,999.90", "9999.90"], ["12\u202f000 грн", "12000"]];
  spends.push([String(half + 1000), String(half + 1000)], [String(Math.round(general.total_revenue * 3)), ""], ["0,01", "0.01"]);
  for (const [typed, read] of spends) {
    await field(page).fill("");
    await field(page).pressSequentially(typed);
    const sum = read || typed;
    const shown = {
      roi: digits(await value("ROI").innerText()),
      roas: digits(await value("ROAS").innerText()),
      profit: digits(await value("Прибуток").innerText()),
      cost_per_conversion: digits(await value("Вартість конверсії").innerText()),
    };
    const tone = await value("ROI").getAttribute("class");
    const before = requests.length;
    const answer = await (await page.request.get(`${dispatcher.url}/api/utm/roi/?period=all_time&ad_spend=${sum}`)).json();
    expect(shown, typed).toEqual({
      roi: answer.roi,
      roas: answer.roas,
      profit: answer.profit,
      cost_per_conversion: answer.cost_per_conversion,
    });
    expect(tone).toBe(answer.roi > 100 ? "tone-good" : answer.roi > 0 ? "tone-fair" : "tone-poor");
    expect(before, "a key asked the server").toBe(0);
  }
  expect(requests).toEqual([]);

  await field(page).fill("");
  await expect(value("ROI")).toHaveText("0,00%");
  await expect(value("ROAS")).toHaveText("0,00");
  await expect(value("Вартість конверсії")).toHaveText(/^0,00/);
  for (const wrong of ["abc", "-5", "1,499", "1e3"]) {
    await field(page).fill(wrong);
    await expect(page.getByRole("alert").filter({ hasText: "Це не сума" })).toBeVisible();
    await expect(value("ROI")).toHaveText("—");
  }
});

test("colours tell gain from loss, and what was typed is remembered for its period", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "3000", "--days", "60", "--seed", "1"]);
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=all_time`);
  const roi = card(page, "ROI").locator("dd");
  await hydrated(page);
  const colours: [string, string][] = [["1", "rgb(16, 185, 129)"], ["999999999", "rgb(248, 113, 113)"]];
  for (const [spend, colour] of colours) {
    await field(page).fill(spend);
    await expect(roi).toHaveCSS("color", colour);
  }
  const general = await (await page.request.get(`${dispatcher.url}/api/utm/general_stats/?period=all_time`)).json();
  await field(page).fill(String(Math.round(general.total_revenue / 1.5)));
  await expect(roi).toHaveCSS("color", "rgb(251, 191, 36)");

  await field(page).fill("777,5");
  await page.getByText("За кампаніями").click();
  const first = page.locator(".roi-campaigns tbody tr").first();
  await first.locator("input").fill("100");
  await expect(first.locator("td").nth(2)).toHaveText(/%$/);
  await page.getByRole("link", { name: "Місяць", exact: true }).click();
  await expect(field(page)).not.toHaveValue("777,5");
  await page.getByRole("link", { name: "Весь час", exact: true }).click();
  await expect(field(page)).toHaveValue("777,5");
  await page.reload();
  await expect(field(page)).toHaveValue("777,5");
  await expect(first.locator("input")).toHaveValue("100");
});

test("imported spend stands there already; filters it does not know say so", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "500", "--days", "20", "--seed", "1"]);
  const today = new Intl.DateTimeFormat("sv", { timeZone: "Europe/Kyiv" }).format(new Date());
  const line = { type: "spend", date: today, source: "instagram", medium: "social", campaign: "x", content: "", amount: "1499.50", currency: "UAH", clicks: 3 };
  await dispatcher.command(["import", "-"], JSON.stringify(line) + "\n");
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=all_time`);
  const total = await field(page).inputValue();
  expect(digits(total)).toBeGreaterThanOrEqual(1499.5);
  await page.goto(`${dispatcher.url}/admin-panel?period=all_time&filter=city:is:Kyiv`);
  await expect(page.getByText("Імпортовані витрати не поділено за такими фільтрами")).toBeVisible();
  await expect(field(page)).toHaveValue("");
});
