// What visitors may send: a page as usual, and a clean row or none.
import { once } from "node:events";
import { request } from "node:http";
import { expect, figures, logIn, test } from "../dispatcher.ts";

const AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const HOSTILE: [string, string, Record<string, string>][] = [
  ["a cookie that is none of ours", "/?utm_source=wrong_cookie", { cookie: "ud_vid=%00'; drop table session; --; ud_login=x" }],
  ["a value of 4 KB", `/?utm_source=${"a".repeat(4096)}`, {}],
  ["a NUL", "/?utm_source=a%00b&utm_campaign=%00", {}],
  ["bytes that are not UTF-8", "/?utm_source=%ff%fe&utm_campaign=%c3%28", {}],
  ["a forged address", "/?utm_source=forged", { "x-forwarded-for": "'; --, 999.1.1.1, ::::, \u00e9" }],
  ["markup", "/?utm_source=%3Cscript%3Ealert(1)%3C/script%3E", { referer: "javascript:alert(1)//" }],
];

test("hostile requests get the page as usual", async ({ context, dispatcher }) => {
  for (const [what, path, headers] of HOSTILE) {
    // Not fetch, which would mend the address on the way.
    const sending = request(dispatcher.url, { path, headers: { "user-agent": AGENT, accept: "text/html", ...headers } });
    sending.end();
    const [answer] = await once(sending, "response");
    answer.resume();
    await once(answer, "end");
    expect(answer.statusCode, what).toBe(200);
  }
  const page = await logIn(context, dispatcher);
  await dispatcher.stop();
  await dispatcher.start();
  const { general, sessions } = await figures(page, dispatcher);
  // Every one of them is a visit: what is hostile in it is cleaned, and the rest is kept.
  expect(general.total_sessions).toBe(HOSTILE.length);
  expect(sessions).toHaveLength(HOSTILE.length);
  const sources: string[] = sessions.map((session: { utm_source: string }) => session.utm_source);
  for (const stored of ["wrong_cookie", "a".repeat(255), "a_b", "forged"]) {
    expect(sources.filter((source) => source === stored), stored).toHaveLength(1);
  }
  for (const session of sessions) {
    for (const value of [session.utm_source, session.utm_campaign, session.utm_medium]) {
      expect(value ?? "").toMatch(/^[\p{L}\p{N}_.-]{0,255}$/u);
    }
  }
  await page.goto(`${dispatcher.url}/admin-panel/?period=today`);
  await expect(page.getByRole("table", { name: "Джерела трафіку" })).toBeVisible();
});
