// The way of a buyer through the demo shop, from an advertisement's link to the paid order.
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import { expect, hryvnias } from "./dispatcher.ts";

export const campaign = "Зимова колекція";
export const landing = `/?${new URLSearchParams({
  utm_source: "instagram",
  utm_medium: "social",
  utm_campaign: campaign,
  fbclid: "IwAR0journeyOfOneBuyer",
})}`;

/** Lands on `url`, looks at the first product, puts it into the cart, orders and pays all of it. Returns its price. */
export async function buy(browser: Browser, url: string, options: BrowserContextOptions): Promise<number> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    expect((await page.goto(url + landing))?.status()).toBe(200);
    await page.locator("a[href^='/product/']").first().click();
    await expect(page).toHaveURL(/\/product\//);
    const price = hryvnias(await page.locator("main").innerText());
    await page.locator("form[action^='/cart'] button").first().click();
    await page.goto(`${url}/checkout`);
    await page.locator("[name=name]").fill("Олена Тестова");
    await page.locator("[name=phone]").fill("+380501234567");
    await page.locator("[name=email]").fill("olena@example.com");
    await page.locator("[name=city]").fill("Львів");
    await choose(page, "pay_type", "online_full");
    await page.locator("form:has([name=pay_type]) button").click();
    await expect(page).toHaveURL(/\/pay\//);
    expect(hryvnias(await page.locator("main").innerText())).toBe(price);
    await page.locator("button[name=outcome][value=full]").click();
    await expect(page).toHaveURL(/\/thanks\//);
    return price;
  } finally {
    await context.close();
  }
}

/** Chooses a value in whatever control the form has for it: a list or radio buttons. */
async function choose(page: Page, name: string, value: string): Promise<void> {
  const control = page.locator(`[name=${name}]`).first();
  if ((await control.evaluate((element) => element.tagName)) === "SELECT") await control.selectOption(value);
  else await page.locator(`[name=${name}][value=${value}]`).check();
}
