// How the end-to-end tests run: one after the other, in the Chromium of this machine, against the release build.
import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import { executablePath, flags } from "./chromium.mjs";

const results = join(import.meta.dirname, "../target/end2end");

// Chromium without a window calls itself HeadlessChrome, and that is a bot.
const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export default defineConfig({
  testDir: "tests",
  outputDir: join(results, "artefacts"),
  reporter: [["list"], ["json", { outputFile: join(results, "results.json") }]],
  workers: 1,
  retries: 0, // a test that fails once in a while is a failure
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  use: {
    locale: "uk-UA",
    timezoneId: "Europe/Kyiv",
    viewport: { width: 1280, height: 800 },
    userAgent: agent,
    trace: "retain-on-failure",
    // What cannot be clicked says so, and does not wait for the end of the whole test.
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    launchOptions: {
      executablePath,
      // The agent as well for what a page sends as it goes, when Playwright has no say any more.
      args: [...flags, `--user-agent=${agent}`],
    },
  },
});
