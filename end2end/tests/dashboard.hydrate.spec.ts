// The dashboard once the WASM has arrived: it takes over the server's page without a word, and stays one page.
import { expect, logIn, test, watch } from "../dispatcher.ts";

test("the page comes alive, switches periods by itself and draws its chart", async ({ context, dispatcher }) => {
  await dispatcher.command(["demo", "--sessions", "20000", "--days", "90", "--seed", "1"]);
  const complaints = watch(context, dispatcher);
  const page = await logIn(context, dispatcher);
  await expect(page.locator("canvas, svg[role=img]").first()).toBeVisible();

  await page.evaluate("window.samePage = true");
  for (const [label, period] of [["Тиждень", "week"], ["Місяць", "month"]]) {
    await page.getByRole("link", { name: label, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`period=${period}`));
    await expect(page.getByRole("link", { name: label, exact: true })).toHaveAttribute("aria-current", "page");
  }
  expect(await page.evaluate("window.samePage"), "the browser loaded the page anew").toBe(true);
  // The old numbers stay, dimmed, until the month's are there.
  const answer = await page.request.get(`${dispatcher.url}/api/utm/general_stats/?period=month`);
  const { total_sessions } = await answer.json();
  const sessions = page.locator("dl > div").filter({ has: page.locator("dt", { hasText: "Всього сесій" }) }).locator("dd").first();
  await expect.poll(async () => (await sessions.innerText()).replaceAll(/\D/g, "")).toBe(String(total_sessions));
  const shown = await page.locator("dl").first().innerText();
  await page.reload();
  await expect(page.locator("dl").first()).toHaveText(shown, { useInnerText: true });
  expect(complaints).toEqual([]);
});
