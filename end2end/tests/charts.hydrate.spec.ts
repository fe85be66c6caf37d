// Cards and charts in a browser: their numbers are the API's, a click narrows, and nothing is left behind by switching.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, logIn, test, type Dispatcher, watch } from "../dispatcher.ts";

// Counts the charts that are alive: ECharts itself does not tell. The library shows itself first and fills its exports then.
const countCharts = `
  window.alive = 0;
  const counted = (init) => (...options) => {
    window.alive++;
    const chart = init(...options);
    const dispose = chart.dispose.bind(chart);
    chart.dispose = () => { window.alive--; dispose(); };
    return chart;
  };
  let echarts;
  Object.defineProperty(window, "echarts", {
    configurable: true,
    get: () => echarts,
    set(library) {
      echarts = library;
      let init;
      Object.defineProperty(library, "init", { enumerable: true, get: () => init, set: (own) => (init = counted(own)) });
    },
  });`;

// Code that V8 compiles as it warms up counts as heap: 7 to 9 % over 150 switches, which would hide a leak of ours. Without its
// optimising compilers the same switches add 0 to 1.5 %.
test.use({
  launchOptions: ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), "--js-flags=--no-opt --no-maglev"] }),
});

test.beforeEach(async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "6000", "--days", "60", "--seed", "3"]);
  await context.addInitScript(countCharts);
});

const digits = (text: string) => Number(text.replaceAll(/[^\d]/g, ""));

async function open(page: Page, dispatcher: Dispatcher, search: string): Promise<void> {
  await page.goto(`${dispatcher.url}/admin-panel?${search}`);
  await expect(page.locator("#timeseries canvas")).toBeVisible();
}

async function api(page: Page, dispatcher: Dispatcher, path: string) {
  const answer = await page.request.get(dispatcher.url + path);
  expect(answer.status(), path).toBe(200);
  return answer.json();
}

/** The options that a chart was last given. */
const drawn = (page: Page, tile: string) =>
  page.locator(`${tile} .chart`).evaluate((box) => {
    const { series, xAxis } = (window as any).echarts.getInstanceByDom(box).getOption();
    return { names: series.map((one: any) => one.name), data: series[0].data, ticks: xAxis?.[0]?.data };
  });

test("cards, tiles, points and bars show the API's numbers", async ({ context, dispatcher }) => {
  const complaints = watch(context, dispatcher);
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=month");

  const { current, change } = await api(page, dispatcher, "/api/utm/compare/?period=month&align=elapsed");
  const card = (label: string) => page.locator(".stat").filter({ has: page.locator("dt", { hasText: label }) });
  expect(current.total_sessions).toBeGreaterThan(0);
  expect(digits(await card("Всього сесій").locator(".stat-value").innerText())).toBe(current.total_sessions);
  expect(digits(await card("Конверсій").locator(".stat-value").innerText())).toBe(current.total_conversions);
  const shown = (await card("Всього сесій").locator(".change").innerText()).split("%")[0].replace("−", "-").replace(",", ".");
  expect(Number(/[-+]?\d+\.\d/.exec(shown)?.[0])).toBeCloseTo(change.sessions, 1);
  await expect(card("Всього сесій").locator("svg.spark")).toBeVisible();
  const look = (change: any) => change.evaluate((one: Element) => [getComputedStyle(one).fontSize, getComputedStyle(one).display]);
  expect(await look(card("Всього сесій").locator(".change").first())).toEqual(["13px", "inline"]);
  expect(await look(page.locator("#sources .data-table .change").first()), "beneath its number").toEqual(["11px", "block"]);

  // Every point of the line, in the table under it.
  await page.locator("#timeseries details.twin > summary").click();
  const rows = page.locator("#timeseries .twin tbody tr");
  const twin = (await rows.locator("td:nth-child(2)").allInnerTexts()).map(digits).reverse();
  expect(twin.reduce((one, two) => one + two)).toBe(current.total_sessions);
  const line = await drawn(page, "#timeseries");
  expect(line.data).toEqual(twin);
  expect(line.names).toEqual(["Цей період", "Попередній період"]);

  const funnel = await api(page, dispatcher, "/api/utm/funnel/?period=month");
  const counts = (await page.locator("#funnel .stage-count").allInnerTexts()).map(digits);
  const { total, product_views, add_to_cart, initiate_checkout, leads, purchases } = funnel;
  expect(counts).toEqual([total, product_views, add_to_cart, initiate_checkout, leads, purchases]);
  expect(purchases).toBeGreaterThan(0);
  expect((await drawn(page, "#funnel")).data.map((bar: any) => bar.value)).toEqual(counts);

  const { countries } = await api(page, dispatcher, "/api/utm/geo/?period=month");
  const ukraine = page.locator("#countries .share").filter({ hasText: "Україна" });
  const { sessions } = countries.find(({ code }: any) => code === "UA");
  expect(digits(await ukraine.locator(".share-count").innerText())).toBe(sessions);
  await expect(page.locator("#countries canvas")).toBeVisible();

  const hours = (await page.locator("#heatmap .hour").allInnerTexts()).map(digits);
  expect(hours.length).toBe(7 * 24);
  expect(hours.reduce((one, two) => one + two)).toBe(current.total_sessions);

  // What is out of sight follows, too.
  await page.evaluate(() => scrollTo(0, 0));
  const map = async () => JSON.stringify((await drawn(page, "#countries")).data);
  const month = await map();
  await page.locator(".periods").getByRole("link", { name: "Тиждень" }).click();
  await expect.poll(map).not.toBe(month);
  await expect(page.locator("#countries .chart")).toHaveAttribute("aria-busy", "false");
  await expect(page.locator("#countries .chart")).not.toBeInViewport();
  expect(complaints).toEqual([]);
});

test("without its earlier days a period shows neither changes nor a second line", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=week&compare=none");
  await expect(page.locator(".stat .change")).toHaveCount(0);
  expect((await drawn(page, "#timeseries")).names).toEqual(["Цей період"]);
  // Spend has no devices: a dash and a reason, and all the rest as ever.
  await open(page, dispatcher, "period=week&filter=device_type:is:mobile");
  const roas = page.locator(".stat").filter({ has: page.locator("dt", { hasText: "ROAS" }) });
  await expect(roas.locator(".stat-value")).toHaveText("—");
  await expect(roas.locator(".stat-note")).toContainText("пристрій");
});

test("points, bars, countries, hours and rows narrow the dashboard, by mouse and by keyboard", async ({ context, dispatcher }) => {
  const complaints = watch(context, dispatcher);
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=month");
  await page.evaluate("window.samePage = true");
  const filters = () => new URL(page.url()).searchParams.getAll("filter");
  const back = async () => {
    await page.goBack();
    await expect.poll(filters).toEqual([]);
  };

  const day = (await drawn(page, "#timeseries")).ticks[15];
  const box = (await page.locator("#timeseries .chart").boundingBox())!;
  await page.locator("#timeseries .chart").click({ position: { x: box.width * 0.53, y: box.height / 2 } });
  await expect.poll(filters).toHaveLength(1);
  expect(filters()[0]).toMatch(/^day:is:\d{4}-\d{2}-\d{2}$/);
  expect(day).toMatch(/^\d{2}\.\d{2}$/);
  await back();

  await page.locator("#sources .chart").focus();
  await page.keyboard.press("ArrowRight");
  const said = await page.locator("#sources .chart + p").innerText();
  expect(said).toMatch(/^.+, Сесії: [\d\s]+, Конверсії: [\d\s]+$/);
  await page.keyboard.press("Enter");
  await expect.poll(filters).toEqual([`source:is:${said.split(",")[0]}`]);
  await back();

  await page.locator("#countries .chart").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect.poll(filters).toEqual(["country:is:UA"]);
  await expect(page.locator(".chip")).toContainText("Країна: Україна");
  await back();

  const bars = (await page.locator("#funnel .chart").boundingBox())!;
  await page.locator("#funnel .chart").click({ position: { x: bars.width * 0.5, y: bars.height * 0.25 } });
  await expect.poll(filters).toEqual(["action:has:product_view"]);
  await back();

  await page.locator("#heatmap .hour a").first().click();
  await expect.poll(() => filters().map((filter) => filter.split(":")[0])).toEqual(["weekday", "hour"]);
  await back();

  await page.locator("#devices .share-name").first().click();
  await expect.poll(filters).toHaveLength(1);
  expect(await page.evaluate("window.samePage"), "the browser loaded the page anew").toBe(true);
  expect(complaints).toEqual([]);
});

test("stretch and metric are links, the legend toggles, the theme and the size are followed", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=month");
  await page.locator("#timeseries").getByRole("link", { name: "Дохід", exact: true }).click();
  await expect(page).toHaveURL(/timeseries\.columns=revenue/);
  await page.locator("#timeseries").getByRole("link", { name: "По тижнях", exact: true }).click();
  await expect(page).toHaveURL(/timeseries\.by=week/);
  await expect.poll(async () => (await drawn(page, "#timeseries")).ticks.length).toBeLessThan(7);
  await page.getByRole("link", { name: "Тиждень", exact: true }).click();
  await expect(page).toHaveURL(/period=week&timeseries\.columns=revenue$/);

  const isOn = (name: string) =>
    page.locator("#sources .chart").evaluate(
      (box, name) => (window as any).echarts.getInstanceByDom(box).getOption().legend[0].selected?.[name] ?? true, name);
  const button = page.locator("#sources .legend-item", { hasText: "Конверсії" });
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "false");
  expect(await isOn("Конверсії")).toBe(false);
  await button.click();
  expect(await isOn("Конверсії")).toBe(true);

  const alive = await page.evaluate("window.alive");
  expect(alive).toBeGreaterThan(2);
  const ink = () =>
    page.locator("#sources .chart").evaluate((box) => {
      const { series } = (window as any).echarts.getInstanceByDom(box).getOption();
      return series[0].lineStyle.color;
    });
  const dark = await ink();
  expect(dark).toMatch(/^#|^rgb/);
  await page.evaluate(`
    document.documentElement.style.setProperty("--chart-1", "#123456");
    document.documentElement.dataset.theme = "test"`);
  await expect.poll(ink).toBe("rgb(18, 52, 86)"); // tokens are registered as colours
  expect(await page.evaluate("window.alive")).toBe(alive);

  await page.setViewportSize({ width: 700, height: 900 });
  const fits = () => page.locator("#sources .chart").evaluate((box) => {
    const width = (window as any).echarts.getInstanceByDom(box).getWidth();
    return Math.abs(width - box.clientWidth) < 2 && width < 700;
  });
  await expect.poll(fits).toBe(true);
});

test("200 switches of the period leave nothing behind", async ({ context, dispatcher }) => {
  test.setTimeout(600_000); // a second for each, and three on a busy machine
  const complaints = watch(context, dispatcher);
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=month");
  const devtools = await context.newCDPSession(page);
  const heap = async () => {
    for (let round = 0; round < 3; round++) await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize;
  };
  const alive = () => page.evaluate("window.alive");
  // A click, and then the wait for its numbers, in the page itself: each period has another number of sessions.
  const choose = (place: number) =>
    page.evaluate(async (place) => {
      const sessions = () => document.querySelector(".stat-value")!.textContent!;
      const link = document.querySelectorAll<HTMLAnchorElement>(".periods > a")[place];
      const before = sessions();
      link.click();
      const isThere = () => link.ariaCurrent === "page" && sessions() !== before && !document.querySelector(".pending");
      while (!isThere()) await new Promise(requestAnimationFrame);
      return sessions();
    }, place);
  const seen = new Set<string>();
  let charts = 0;
  let before = 0;
  for (let turn = 1; turn <= 200; turn++) {
    seen.add(await choose(turn % 3));
    if (turn === 50) [charts, before] = [(await alive()) as number, await heap()];
  }
  // One more with each session that begins meanwhile.
  expect(seen.size, "the numbers changed with the period").toBeGreaterThanOrEqual(3);
  expect(charts).toBeGreaterThan(2);
  expect(await alive()).toBe(charts);
  const after = await heap();
  console.log(`heap: ${before} after 50 switches, ${after} after 200; ${charts} charts`);
  expect(Math.abs(after - before) / before).toBeLessThan(0.05);
  expect(complaints).toEqual([]);
});

test("pictures of the charts", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await open(page, dispatcher, "period=month");
  await expect(page.locator("#countries canvas")).toBeVisible();
  await page.waitForTimeout(1500); // ECharts lets its lines grow
  const to = (name: string) => join(import.meta.dirname, "../../target/end2end", name);
  await page.screenshot({ path: to("charts.png"), fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(500);
  await page.screenshot({ path: to("charts-phone.png"), fullPage: true });
});
