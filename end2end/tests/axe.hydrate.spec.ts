// axe-core finds nothing on any page, dialog or box, dark and light, in both languages. Colours are the themes' alone: no rule
// of the style sheet knows the language, so that the other language is looked at without their contrast, which takes axe the
// longest.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, hydrated, logIn, test } from "../dispatcher.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Looks at the whole page, or at what `part` selects. */
async function clean(page: Page, what: string, part?: string): Promise<void> {
  const isEnglish = (await page.locator("html").getAttribute("lang")) === "en";
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300); // what fades has its own colours meanwhile
  const axe = new AxeBuilder({ page }).withTags(TAGS).disableRules(isEnglish ? ["color-contrast"] : []);
  const { violations } = await (part ? axe.include(part) : axe).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
  expect(found, what).toEqual([]);
}

test.setTimeout(600_000); // each box is looked at for some seconds

for (const [theme, lang] of [
  ["dark", "uk"],
  ["light", "uk"],
  ["dark", "en"],
  ["light", "en"],
]) {
  test(`no violation, ${theme}, ${lang}`, async ({ browser, context, dispatcher }) => {
    await dispatcher.command(["demo", "--sessions", "200", "--days", "10", "--seed", "1"]);
    const page = await context.newPage();
    await page.emulateMedia({ reducedMotion: "reduce" });
    const open = (path: string) => page.goto(dispatcher.url + path);
    await open(`/admin-panel/login?theme=${theme}`);
    await open(`/admin-panel/login?lang=${lang}`);
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await clean(page, "login");
    await logIn(context, dispatcher);

    for (const path of ["/admin-panel/tracking", "/admin-panel/help", "/admin-panel/nothing"]) {
      await open(path);
      await clean(page, path);
    }
    await open("/admin-panel?period=month&filter=source:not:nobody");
    await hydrated(page);
    await page.keyboard.press("e");
    await expect(page.locator(".arrange-bar")).toBeVisible();
    await clean(page, "arranging");
    await page.keyboard.press("e");
    await expect(page.locator(".arrange-bar")).toHaveCount(0);
    await clean(page, "dashboard");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await clean(page, "keys", "#keys");
    await page.keyboard.press("Escape");
    for (const summary of await page.locator("header summary, .scope summary").all()) {
      await summary.click();
      await clean(page, `box of ${await summary.innerText()}`, ".popover[open]");
      await page.keyboard.press("Escape");
    }
    const columns = page.locator("#sources .columns");
    await columns.locator("summary, button").first().click();
    await clean(page, "columns of a table", "#sources");
    await page.keyboard.press("Escape");
    await page.locator("input[inputmode=decimal]").first().fill("abc");
    await page.locator(".roi-campaigns > summary").click();
    await clean(page, "calculator", "#roi");
    await page.getByRole("link", { name: /^(Деталі|Details)/ }).first().click();
    await expect(page.getByRole("dialog").locator(".session-facts").first()).toBeVisible();
    await clean(page, "session");
    await open("/admin-panel?period=nonsense");
    await clean(page, "refused");
    const shopper = await browser.newPage();
    for (const campaign of ["black_friday", "winter", "spring"]) {
      await shopper.goto(`${dispatcher.url}/?utm_source=instagram&utm_medium=cpc&utm_campaign=${campaign}`);
    }
    await shopper.close();
    await page.setViewportSize({ width: 390, height: 844 });
    await open("/admin-panel?period=week");
    await expect(page.locator(".live-line").filter({ hasText: "black_friday" }).first()).toBeVisible();
    await clean(page, "phone");
  });
}
