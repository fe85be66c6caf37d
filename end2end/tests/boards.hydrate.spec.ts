// Boards one can arrange, by mouse, finger and keyboard; kept by the server for the user, in whatever browser. And segments.
import type { Locator, Page } from "@playwright/test";
import { type Dispatcher, expect, hydrated, logIn, test, watch } from "../dispatcher.ts";

let complaints: string[];
test.beforeEach(({ context, dispatcher }) => {
  complaints = watch(context, dispatcher);
});
test.afterEach(() => expect(complaints).toEqual([]));

const order = (page: Page) => page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => tile.id));

async function arrange(page: Page): Promise<void> {
  await hydrated(page);
  await page.keyboard.press("e");
  await expect(page.locator(".arrange-bar")).toBeVisible();
}

const grip = (page: Page, tile: string) => page.locator(`#grip-${tile}`);
const done = (page: Page) => page.getByRole("button", { name: "Готово" }).click();

/** Waits until the server answered the save of what was arranged. */
const saved = (page: Page) => page.waitForResponse((answer) => answer.url().includes("/fn/save_setting") && answer.ok());

async function middle(of: Locator): Promise<{ x: number; y: number }> {
  const box = await of.boundingBox();
  if (!box) throw new Error("it is not on the page");
  return { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 20) };
}

async function elsewhere(page: Page, dispatcher: Dispatcher): Promise<string[]> {
  const context = await page.context().browser()!.newContext();
  try {
    return await order(await logIn(context, dispatcher));
  } finally {
    await context.close();
  }
}

test.beforeEach(({ dispatcher }) => dispatcher.command(["demo", "--sessions", "500", "--days", "30", "--seed", "1"]));

test("a widget is dragged by mouse, and stands there after a reload and in another browser", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  const before = await order(page);
  await expect(page.locator(".tile-bar")).toHaveCount(0);
  await arrange(page);
  const save = saved(page);
  const from = await middle(grip(page, "funnel"));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const to = await middle(page.locator("#cards"));
  await page.mouse.move(to.x, to.y, { steps: 12 });
  await page.mouse.up();
  const after = ["funnel", ...before.filter((id) => id !== "funnel")];
  await expect.poll(() => order(page)).toEqual(after);
  // What is dragged no more stays where it is.
  await page.mouse.move(from.x, from.y + 200, { steps: 4 });
  expect(await order(page)).toEqual(after);
  expect(await page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith("board ")))).toBe(true);
  await save;
  await done(page);
  await expect(page.locator(".tile-bar")).toHaveCount(0);
  await page.reload();
  expect(await order(page)).toEqual(after);
  expect(await elsewhere(page, dispatcher)).toEqual(after);
});

test("by keyboard, with words for those who hear it; a reload that comes too soon loses nothing", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  const before = await order(page);
  await arrange(page);
  await grip(page, "funnel").focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("status").filter({ hasText: /: місце 2 з \d+$/ })).toBeAttached();
  await expect(grip(page, "funnel")).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(grip(page, "funnel")).toBeFocused();
  const after = ["funnel", ...before.filter((id) => id !== "funnel")];
  await expect.poll(() => order(page)).toEqual(after);
  // Before the save is sent: the next page finds it in the browser's storage and sends it.
  await page.reload();
  await expect.poll(() => order(page)).toEqual(after);
  await expect.poll(() => elsewhere(page, dispatcher)).toEqual(after);
});

test("widgets are resized, hidden and shown again; hidden ones are not asked for", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await arrange(page);
  const row = page.locator("#funnel").getByRole("group", { name: /^Ширина/ });
  await row.getByRole("button", { name: /^Третина/ }).click();
  await expect(page.locator("#funnel")).toHaveClass(/third/);
  const save = saved(page);
  await page.locator("#browsers").getByRole("button", { name: /^Сховати/ }).click();
  await expect(page.locator("#browsers")).toHaveCount(0);
  await save;
  await done(page);

  let asked = "";
  page.on("request", (request) => {
    if (request.url().includes("/fn/reports")) asked += request.postData();
  });
  await page.getByRole("link", { name: "Місяць", exact: true }).click();
  await expect.poll(() => asked).toContain("operating_systems");
  expect(asked).not.toContain("browsers");

  await page.reload();
  await expect(page.locator("#funnel")).toHaveClass(/third/);
  await expect(page.locator("#browsers")).toHaveCount(0);
  await arrange(page);
  await page.getByRole("button", { name: "Показати: Браузери", exact: true }).click();
  await expect(page.locator("#browsers tbody tr").first()).toBeAttached();
  await page.getByRole("button", { name: "Скинути до стандартної" }).click();
  await expect(page.locator("#funnel")).not.toHaveClass(/third/);
  await done(page);
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(page.locator("#funnel")).not.toHaveClass(/third/);
});

test("boards are copied, chosen by the address, renamed and deleted", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  const menu = page.locator("summary", { hasText: "Дошка:" });
  await arrange(page);
  const save = saved(page);
  await page.locator("#timeseries").getByRole("button", { name: /^Сховати/ }).click();
  await save;
  await done(page);
  await menu.click();
  await page.getByLabel("Нова дошка").fill("Ранок");
  await page.getByRole("button", { name: "Копія цієї" }).click();
  await expect(page).toHaveURL(/board=%D0%A0/);
  await expect(menu).toHaveText("Дошка: Ранок");
  await expect(page.locator("#timeseries")).toHaveCount(0);
  await menu.click();
  await page.getByLabel("Нова дошка").fill("Повна");
  await page.getByRole("button", { name: "Стандартна" }).click();
  await expect(menu).toHaveText("Дошка: Повна");
  await expect(page.locator("#timeseries")).toHaveCount(1);
  await page.goBack();
  await expect(menu).toHaveText("Дошка: Ранок");
  await expect(page.locator("#timeseries")).toHaveCount(0);

  await menu.click();
  await page.getByLabel("Назва дошки").fill("Вечір");
  await page.getByRole("button", { name: "Перейменувати" }).click();
  await expect(menu).toHaveText("Дошка: Вечір");
  await page.reload();
  await expect(menu).toHaveText("Дошка: Вечір");
  await expect(page.locator("#timeseries")).toHaveCount(0);
  await menu.click();
  await page.locator("summary", { hasText: "Видалити дошку" }).click();
  await expect(menu, "it is asked first").toHaveText("Дошка: Вечір");
  await page.getByRole("button", { name: "Видалити назавжди" }).click();
  await expect(menu).toHaveText("Дошка: Основна");
  await menu.click();
  await expect(page.locator(".menu").getByRole("link")).toHaveText(["Основна", "Повна"]);
});

test("filters are saved as a segment, chosen, and taken away", async ({ context, dispatcher }) => {
  const page = await logIn(context, dispatcher);
  await page.goto(`${dispatcher.url}/admin-panel?period=month&filter=source:is:instagram`);
  const menu = page.locator("summary", { hasText: "Сегменти" });
  await menu.click();
  await page.getByLabel("Зберегти фільтри як сегмент").fill("Інста");
  await page.getByRole("button", { name: "Зберегти", exact: true }).click();
  const active = page.locator("summary", { hasText: "Інста" });
  await expect(active).toBeVisible();
  await page.goto(`${dispatcher.url}/admin-panel?period=week`);
  await menu.click();
  await page.getByRole("link", { name: "Інста", exact: true }).click();
  await expect(page).toHaveURL(/period=week&filter=source:is:instagram/);
  await expect(active).toBeVisible();
  await active.click();
  await page.getByLabel("Видалити сегмент: Інста").click();
  await expect(active, "it is asked first").toBeVisible();
  await page.getByRole("button", { name: "Видалити назавжди" }).click();
  await expect(menu).toBeVisible();
});

test.describe("by finger", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a widget is dragged on a phone", async ({ context, dispatcher }) => {
    const page = await logIn(context, dispatcher);
    await page.getByRole("button", { name: "Упорядкувати" }).tap();
    await expect(page.locator(".arrange-bar")).toBeVisible();
    const before = await order(page);
    await grip(page, "timeseries").evaluate((grip) => grip.scrollIntoView({ block: "center" }));
    const from = await middle(grip(page, "timeseries"));
    const to = await middle(grip(page, "cards"));
    const session = await context.newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    expect(to.y).toBeGreaterThan(80); // nearer to the edge the page would scroll
    await touch("touchStart", [from]);
    for (let step = 1; step <= 10; step++) {
      await touch("touchMove", [{ x: from.x, y: from.y + ((to.y - from.y) * step) / 10 }]);
    }
    await touch("touchEnd", []);
    await expect.poll(() => order(page)).toEqual([before[1], before[0], ...before.slice(2)]);
  });
});
