// Runs after every install. The Postgres driver (postgres 3.4.9) ends the process when a connection breaks between a write and its
// flush (porsager/postgres issue 1154) or while the driver asks for the types of arrays (1192, 1223), leaves a connection unable to
// write ever again (1208) or to answer (what was sent to a connection that had ended stayed in its queue), and counts the rows of a statement that failed to the next one (1119, 1181); all open. They are mended
// here, word for word, until a release has them; an unknown version of the file is an error, so that nobody runs without. A file that
// an older version of this script has mended gets what is new.
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
  {
    // A statement that fails after its first rows never says that it is complete: the next one's rows began behind theirs.
    from: "    query = results = errorResponse = null\n    result = new Result()\n",
    to: `    query = results = errorResponse = null\n    rows = 0 ${MARK}\n    result = new Result()\n`,
    times: 1,
  },
  {
    // Nobody waits for this; whoever waits for the connection is told by itself.
    from: "        return fetchArrayTypes()\n",
    to: `        return fetchArrayTypes().catch(() => {}) ${MARK}\n`,
    times: 1,
  },
  {
    // What was under way is over: left there, its error would be told to whoever waits for the new connection, which then has no types.
    from: "    if (initial)\n      return reconnect()\n",
    older: `    if (initial) { ${MARK}
      query && queryError(query, Errors.connection('CONNECTION_CLOSED', options, socket))
      query = errorResponse = null
      return reconnect()
    }
`,
    to: `    if (initial) { ${MARK}
      query && queryError(query, Errors.connection('CONNECTION_CLOSED', options, socket))
      while (sent.length)
        queryError(sent.shift(), Errors.connection('CONNECTION_CLOSED', options, socket))
      query = errorResponse = null
      return reconnect()
    }
`,
    times: 1,
  },
  {
    // The same, for a transaction that waits for the connection. And what was sent since it broke, as the ROLLBACK of the transaction that
    // lost it, is answered by nobody: left there, it took the answers of the next statement, which then waited for ever.
    from: "    closedTime = performance.now()\n",
    older: `    query = errorResponse = null ${MARK}\n    closedTime = performance.now()\n`,
    to: `    while (sent.length)
      queryError(sent.shift(), Errors.connection('CONNECTION_CLOSED', options, socket))
    query = errorResponse = null ${MARK}
    closedTime = performance.now()
`,
    times: 1,
  },
];

const file = fileURLToPath(new URL("connection.js", import.meta.resolve("postgres")));
if (existsSync(file)) patch(readFileSync(file, "utf8"));

function patch(source) {
  let mended = source;
  for (const { from, older, to, times } of CHANGES) {
    if (mended.includes(to)) continue;
    if (older !== undefined && mended.includes(older)) {
      mended = mended.replace(older, () => to);
      continue;
    }
    if (mended.split(from).length !== times + 1) {
      throw new Error(`${file} is not the version that this script knows. See docs/decisions/0010-driver-mended.md.`);
    }
    mended = mended.replaceAll(from, to);
  }
  if (mended === source) return;
  // A new file instead of a change in place: package managers may share the old one between checkouts by a hard link.
  writeFileSync(`${file}.new`, mended);
  renameSync(`${file}.new`, file);
}
