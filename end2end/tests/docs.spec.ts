// The API's description in a browser: drawn from our own files alone, within our own policy.
import { expect, test } from "../dispatcher.ts";

test("the description is drawn, and nothing comes from elsewhere", async ({ page, dispatcher }) => {
  const refused: string[] = [];
  const elsewhere: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  page.on("pageerror", (error) => refused.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(dispatcher.url) && !url.startsWith("data:")) elsewhere.push(url);
  });
  await page.goto(`${dispatcher.url}/api/docs`);
  const operation = page.locator("#operations-reports-report");
  await expect(operation).toContainText("/api/v1/reports/{id}");
  await operation.getByRole("button").first().click();
  await expect(operation).toContainText("What rows are told apart by");
  expect(await page.locator(".opblock").count()).toBeGreaterThan(25);
  expect(refused).toEqual([]);
  expect(elsewhere).toEqual([]);
});
