// Puts a .br and a .gz beside each file below a folder that gets smaller by it: `node scripts/compress.mjs DIR`.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);
const encoders = {
  ".br": (data) =>
    promisify(brotliCompress)(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
    }),
  ".gz": (data) => promisify(gzip)(data, { level: 9 }),
};

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function encode(file, extension) {
  const to = file + extension;
  if (modified(to) >= modified(file)) return;
  const data = readFileSync(file);
  const smaller = await encoders[extension](data);
  if (smaller.length >= data.length) return rmSync(to, { force: true });
  writeFileSync(`${to}.part`, smaller);
  renameSync(`${to}.part`, to);
}

const root = process.argv[2];
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
await Promise.all(files.flatMap((file) => Object.keys(encoders).map((extension) => encode(file, extension))));
