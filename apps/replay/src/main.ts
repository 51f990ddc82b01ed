import { resolve } from "node:path";
import { OptionError, parseOptions, usage } from "./options.ts";
import { toJson, toText } from "./report.ts";
import { runReplay } from "./run-replay.ts";
import { TraceError } from "./trace.ts";
import { PortalError } from "./wallet-reads.ts";

const EXIT = { exact: 0, notExact: 1, mistake: 2, interrupted: 130 };

/** 0: the wallet agrees. 1: it does not, or could not be asked. 2: nothing was sent. 130: ended early, and it agrees. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === "help") {
    console.log(usage);
    return EXIT.exact;
  }
  // npm runs the command in the root of the checkout; paths are meant from where it was typed.
  const file = resolve(process.env.INIT_CWD ?? process.cwd(), options.file);
  const interrupt = new AbortController();
  process.on("SIGINT", () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
    console.error("\nEnding: waiting for the answers that are under way. Press Ctrl-C again to leave at once.");
  });
  const report = await runReplay({ ...options, file }, interrupt.signal);
  console.log(options.asJson ? JSON.stringify(toJson(report)) : `\n${toText(report)}`);
  if (!report.audit?.isExact) return EXIT.notExact;
  return report.wasInterrupted ? EXIT.interrupted : EXIT.exact;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = error instanceof OptionError || error instanceof TraceError || error instanceof PortalError;
  if (!isExpected) throw error;
  console.error(
    error instanceof OptionError ? `${error.message}\n\nnpm run replay -- --help lists the options.` : error.message,
  );
  process.exitCode = EXIT.mistake;
}
