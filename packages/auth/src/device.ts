/** What a user agent says about itself, in words people know. */
export interface Device {
  /** "Firefox", or the program's own name, or "Unknown browser". */
  browser: string;
  /** "Windows"; null where it is not said. */
  system: string | null;
}

type Rule = readonly [sign: RegExp, name: string];

/** The first that matches counts: most browsers also claim to be those further down. */
const BROWSERS: readonly Rule[] = [
  [/\b(Edg|EdgA|EdgiOS)\//, "Edge"],
  [/\b(OPR|OPiOS|OPT)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bDuckDuckGo\//, "DuckDuckGo"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome|Chromium)\//, "Chrome"],
  [/\bVersion\/[\d.]+ .*Safari\//, "Safari"],
];

const SYSTEMS: readonly Rule[] = [
  [/\bWindows\b/, "Windows"],
  [/\biPad\b/, "iPad"],
  [/\biPhone\b/, "iPhone"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bAndroid\b/, "Android"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** A program that calls itself "name/version" and nothing else: curl, a script. */
const PROGRAM = /^([A-Za-z][\w.-]{0,30})\/[\w.]+/;

/** Reads a user agent. It is what the client says: good for recognizing a device, never for deciding anything. */
export function describeDevice(userAgent: string): Device {
  const program = userAgent.startsWith("Mozilla/") ? undefined : PROGRAM.exec(userAgent)?.[1];
  return {
    browser: find(BROWSERS, userAgent) ?? program ?? "Unknown browser",
    system: find(SYSTEMS, userAgent) ?? null,
  };
}

/** The same in one phrase: "Firefox on Windows". */
export function deviceName(userAgent: string): string {
  const { browser, system } = describeDevice(userAgent);
  return system ? `${browser} on ${system}` : browser;
}

function find(rules: readonly Rule[], userAgent: string): string | undefined {
  return rules.find(([sign]) => sign.test(userAgent))?.[1];
}
