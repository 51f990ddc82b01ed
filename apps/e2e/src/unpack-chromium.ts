/**
 * Unpacks the Chromium of @sparticuz/chromium into `$TMPDIR` and ends.
 *
 * Run as a process of its own: the package unpacks into os.tmpdir() and adds its shared libraries only when it believes to
 * be on AWS Lambda. Both are read from the environment, so the parent sets TMPDIR and AWS_EXECUTION_ENV for this process
 * alone, and no test ever runs under a false environment.
 */
import chromium from "@sparticuz/chromium";

process.stdout.write(`${await chromium.executablePath()}\n`);
