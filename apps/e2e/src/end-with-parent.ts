/**
 * Preloaded into a server under test (`node --import`): asks it to stop when the test process is gone, however that died.
 * Standard input is a pipe from the parent; the kernel closes it when the parent ends, kill -9 included.
 */
const GRACE_MS = 60_000;

process.stdin.on("end", () => {
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
process.stdin.on("error", () => undefined);
process.stdin.resume();
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();
