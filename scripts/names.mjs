// Writes what countries and languages are called, in Ukrainian and English, as Node's own CLDR says: `node scripts/names.mjs`.
// The files are kept in the repository, so that server and browser print the same text whatever they run on.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../app/src/labels");
// The browsers' languages that shops in Europe meet; others are shown by their code.
const LANGUAGES = (
  "ar az be bg bs ca cs da de el en es et fa fi fr ga he hi hr hu hy id is it ja ka kk ko ky lt lv mk ms nb nl no pl pt ro " +
  "ru sk sl sq sr sv th tr uk ur uz vi zh"
).split(" ");
const letters = Array.from({ length: 26 }, (_, place) => String.fromCharCode(97 + place));
const codes = letters.flatMap((one) => letters.map((two) => one + two));
// No countries: unions, private use, and codes that were given up.
const EXCLUDED = ["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"];
// What CLDR says otherwise than people do.
const OURS = { BA: ["Боснія і Герцеговина", "Bosnia and Herzegovina"] };

const namer = (language, type) =>
  new Intl.DisplayNames([language], { type, style: type === "region" ? "short" : "long", fallback: "none" });

function table(type, codes, adjust = (name) => name) {
  const [uk, en] = [namer("uk", type), namer("en", type)];
  const lines = codes
    .filter((code) => uk.of(code) && en.of(code) && !EXCLUDED.includes(code))
    .filter((code) => type === "language" || new Intl.Locale(`und-${code}`).region === code)
    .map((code) => [code, ...(OURS[code] ?? [adjust(uk.of(code)), adjust(en.of(code))])].join("\t"))
    // The apostrophe as the rest of the dashboard writes it.
    .map((line) => line.replaceAll(/['ʼ]/g, "’"));
  return lines.join("\n") + "\n";
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);
writeFileSync(join(folder, "countries.tsv"), table("region", codes.map((code) => code.toUpperCase())));
writeFileSync(join(folder, "languages.tsv"), table("language", LANGUAGES, capital));
