// How Chromium is started, by the end-to-end tests and by the bench.
import { execFileSync } from "node:child_process";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Where this machine's own Chromium is: none is downloaded. */
export const executablePath = execFileSync("sh", ["-c", names.map((name) => `command -v ${name}`).join(" || ")], {
  encoding: "utf8",
}).trim();

/** What keeps it from asking anybody but us. */
export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
