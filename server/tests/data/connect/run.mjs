// Runs the Express example of docs/connect.md: one checkout with the buyer's cookie.
import { once } from "node:events";
import { shop } from "./shop.mjs";

const server = shop.listen(0, "127.0.0.1");
await once(server, "listening");
const answer = await fetch(`http://127.0.0.1:${server.address().port}/checkout`, {
  method: "POST",
  headers: { Cookie: `theme=dark; ud_vid=${process.env.VISITOR}` },
  body: new URLSearchParams({ number: "E/1", total: "250.00" }),
});
console.log(answer.status, await answer.text());
server.close();
process.exitCode = answer.ok ? 0 : 1;
