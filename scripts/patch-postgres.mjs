// Runs after every install. The Postgres driver (postgres 3.4.9) ends the process when a connection breaks between a write and its
// flush, and leaves that connection unable to write ever again (porsager/postgres issues 1154, 1208; open). Both are mended
// here, word for word, until a release has them; an unknown version of the file is an error, so that nobody runs without.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MARK = "/* mended by scripts/patch-postgres.mjs */";

const CHANGES = [
  {
    from: "  function nextWrite(fn) {\n",
    to: `  function nextWrite(fn) { ${MARK}
    if (socket === null) {
      chunk = nextWriteTimer = null
      const lost = Errors.connection('CONNECTION_CLOSED', options, socket)
      query && queryError(query, lost)
      while (sent.length)
        queryError(sent.shift(), lost)
      return false
    }
`,
    times: 1,
  },
  {
    from: "    clearImmediate(nextWriteTimer)\n",
    to: "    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n",
    times: 2,
  },
];

const file = fileURLToPath(new URL("connection.js", import.meta.resolve("postgres")));
if (existsSync(file)) patch(readFileSync(file, "utf8"));

function patch(source) {
  if (source.includes(MARK)) return;
  let mended = source;
  for (const { from, to, times } of CHANGES) {
    if (mended.split(from).length !== times + 1) {
      throw new Error(`${file} is not the version that this script knows. See docs/decisions/0010-driver-mended.md.`);
    }
    mended = mended.replaceAll(from, to);
  }
  // A new file instead of a change in place: package managers may share the old one between checkouts by a hard link.
  writeFileSync(`${file}.new`, mended);
  renameSync(`${file}.new`, file);
}
