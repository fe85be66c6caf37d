// The dialog with a session: its address, its focus, its ways out, and what it says.
import type { Locator, Page } from "@playwright/test";
import { type Dispatcher, expect, logIn, test, watch } from "../dispatcher.ts";

const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

async function open(page: Page, dispatcher: Dispatcher, query: string): Promise<void> {
  await page.goto(`${dispatcher.url}/admin-panel?${query}`);
}

/** The list of sessions, and the dialog. */
const parts = (page: Page): [Locator, Locator] => [page.locator("#sessions"), page.getByRole("dialog")];

const BOUGHT = "period=month&filter=action:has:purchase";

/** The newest session of the month that ended in a purchase, as the API has it. */
async function buyer(page: Page, dispatcher: Dispatcher) {
  const { rows } = await (await page.request.get(`${dispatcher.url}/export/sessions.json?${BOUGHT}&limit=1`)).json();
  return (await page.request.get(`${dispatcher.url}/api/utm/${rows[0][0]}/session_detail/`)).json();
}

for (const [language, words] of Object.entries({
  uk: { detail: "Деталі", close: "Закрити", utm: "UTM-параметри", paid: "Оплачено", points: "б." },
  en: { detail: "Details", close: "Close", utm: "UTM parameters", paid: "Paid", points: "pts" },
})) {
  test(`a session opens, says what the API says, and closes by ×, Esc, beside it and back (${language})`, async ({
    context,
    dispatcher,
  }) => {
    await dispatcher.command(["demo", "--sessions", "3000", "--days", "40", "--seed", "2"]);
    const complaints = watch(context, dispatcher);
    const page = await logIn(context, dispatcher);
    const [list, dialog] = parts(page);
    await open(page, dispatcher, `${BOUGHT}&lang=${language}`);
    await page.evaluate("window.samePage = true");
    const { session, actions, orders } = await buyer(page, dispatcher);
    await expect(list.locator("tbody tr")).toHaveCount(30);
    const link = list.locator(`tbody a[href*="session=${session.id}"]`);
    await expect(link).toHaveText(words.detail);

    const leave: [string, () => Promise<unknown>][] = [
      ["×", () => dialog.getByRole("link", { name: words.close }).click()],
      ["Esc", () => page.keyboard.press("Escape")],
      ["beside it", () => page.mouse.click(4, 400)],
      ["back", () => page.goBack()],
    ];
    for (const [way, go] of leave) {
      await link.focus();
      await page.keyboard.press("Enter");
      await expect(dialog, way).toBeVisible();
      await expect(page).toHaveURL(new RegExp(`session=${session.id}`));
      await expect(dialog).toContainText(words.utm);
      await go();
      await expect(dialog, way).toBeHidden();
      await expect(page).not.toHaveURL(/session=/);
      await expect(link, `the focus returns after ${way}`).toBeFocused();
    }

    await link.click();
    await expect(dialog).toContainText(words.utm);
    const box = (await dialog.boundingBox())!;
    expect(box.width).toBeLessThanOrEqual(1000);
    await expect(dialog).toHaveAttribute("aria-modal", "true");
    await expect(dialog.getByRole("heading", { level: 2 }).first()).toBeVisible();
    await expect(dialog.locator(".action")).toHaveCount(actions.length);
    expect(actions.length).toBeGreaterThan(0);
    for (const [place, action] of actions.entries()) {
      const points = action.points_earned > 0 ? `+${action.points_earned}` : String(action.points_earned);
      await expect(dialog.locator(".action").nth(place)).toContainText(`${points} ${words.points}`);
    }
    for (const word of [session.source, session.ip_address, orders[0].order_number, words.paid]) {
      await expect(dialog).toContainText(word);
    }
    // The page behind neither scrolls nor takes the focus.
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY)).toBe("hidden");
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("Tab");
      const inside = await page.evaluate(() => {
        const focused = document.activeElement!;
        return focused === document.body || focused.closest("dialog") !== null;
      });
      expect(inside, `Tab ${step + 1}`).toBe(true);
    }
    await page.reload();
    await expect(dialog).toContainText(orders[0].order_number);
    expect(await dialog.evaluate((dialog) => dialog.matches(":modal"))).toBe(true);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(page).not.toHaveURL(/session=/);
    await expect(link, "nothing had the focus before: the session's own link gets it").toBeFocused();

    await open(page, dispatcher, "period=month&session=7");
    await expect(dialog).toContainText(language === "uk" ? "Такої сесії немає" : "There is no such session");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("heading", { level: 1 }), "there is no link to it").toBeFocused();
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });
}

test("the list turns pages, and another session of the visitor opens in place", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "3000", "--days", "40", "--seed", "2"]);
  const page = await logIn(context, dispatcher);
  const [list, dialog] = parts(page);
  await open(page, dispatcher, "period=month");
  const ids = async (from: number, to: number) => {
    const rows = await (await page.request.get(`${dispatcher.url}/api/utm/sessions/?period=month&limit=100`)).json();
    return rows.slice(from, to).map(({ id }: { id: number }) => String(id));
  };
  const shown = () =>
    list.locator("tbody a.button").evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).searchParams.get("session")));
  expect(await shown()).toEqual(await ids(0, 30));
  await list.getByRole("link", { name: "Далі" }).click();
  await expect(page).toHaveURL(/sessions\.page=2/);
  await expect.poll(shown).toEqual(await ids(30, 60));
  await page.reload();
  expect(await shown()).toEqual(await ids(30, 60));
  await page.goBack();
  await expect.poll(shown).toEqual(await ids(0, 30));

  // The list's links keep what has changed elsewhere since it came.
  await page.locator("#sources").getByRole("columnheader", { name: "Конверсії" }).getByRole("link").click();
  await expect(page).toHaveURL(/sources\.sort=/);
  await list.getByRole("link", { name: "Далі" }).click();
  await expect(page).toHaveURL(/sources\.sort=.*sessions\.page=2|sessions\.page=2.*sources\.sort=/);
  await expect.poll(shown).toEqual(await ids(30, 60));
  await open(page, dispatcher, "period=month");

  // What is on its way has its place, and says so.
  let answer = () => {};
  const held = new Promise<void>((done) => (answer = done));
  await page.route("**/admin-panel/fn/session", async (route) => {
    await held;
    await route.continue();
  });
  await page.waitForLoadState("networkidle");
  await list.getByRole("link", { name: /^Деталі/ }).first().click();
  await expect(dialog.locator(".skeleton")).toBeVisible();
  const height = (await dialog.boundingBox())!.height;
  expect(height).toBeGreaterThan(400);
  answer();
  await expect(dialog.locator(".session-columns")).toBeVisible();
  await expect(dialog.locator(".skeleton")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.unroute("**/admin-panel/fn/session");

  const found = await buyer(page, dispatcher);
  const number = found.orders[0].order_number;
  await list.getByRole("searchbox").fill(number);
  await page.keyboard.press("Enter");
  await expect.poll(shown).toEqual([String(found.session.id)]);

  const rows = await (await page.request.get(`${dispatcher.url}/export/sessions.json?period=month&limit=200`)).json();
  const count = rows.columns.findIndex(({ key }: { key: string }) => key === "visit_count");
  const again = rows.rows.find((row: number[]) => row[count] > 1);
  await open(page, dispatcher, `period=month&session=${again[0]}`);
  const other = dialog.locator(".session-others a").first();
  const address = new URL((await other.getAttribute("href"))!, dispatcher.url);
  await other.click();
  await expect(page).toHaveURL(new RegExp(`session=${address.searchParams.get("session")}`));
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("heading", { level: 2 }).first()).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`session=${again[0]}`));
  await expect(dialog).toBeVisible();
});

test("what visitors send is text, and nothing but text", async ({ context, dispatcher }) => {
  const visitor = await context.newPage();
  const campaign = "🔥 مرحبا ‮abc";
  const query = new URLSearchParams({ utm_source: "ok", utm_campaign: campaign, fbclid: HOSTILE });
  await visitor.goto(`${dispatcher.url}/?${query}`, { referer: `https://evil.example/?${HOSTILE}` });
  await visitor.close();
  const page = await logIn(context, dispatcher);
  const [list, dialog] = parts(page);
  await expect
    .poll(async () => (await (await page.request.get(`${dispatcher.url}/api/utm/sessions/?period=today`)).json()).length)
    .toBeGreaterThan(0);
  await page.reload();
  await expect(list.locator("tbody tr").first()).toBeVisible();
  await list.getByRole("link", { name: /Деталі/ }).first().click();
  await expect(dialog).toContainText("fbclid");
  await expect(dialog).toContainText("onerror=");
  expect(await page.locator("main img, dialog img, main script, dialog script").count()).toBe(0);
  expect(await page.evaluate("window.hacked")).toBeUndefined();
  await page.reload();
  await expect(dialog).toContainText("onerror=");
  expect(await page.evaluate("window.hacked")).toBeUndefined();
});
