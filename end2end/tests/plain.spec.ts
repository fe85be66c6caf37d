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
