import type { Page } from "playwright-core";

/** Something that went wrong on a page without the test having looked for it. */
export interface PageFault {
  kind: "console" | "exception" | "csp" | "request" | "crash";
  text: string;
}

/** What a test expects to go wrong: a server that is down on purpose, a refused sign-in. */
export type AllowedFault = RegExp;

/**
 * Collects what a page complains about: console errors, uncaught exceptions, violations of the content security policy,
 * answers of 500 and above, a crashed renderer.
 */
export class FaultLog {
  readonly #faults: PageFault[] = [];
  readonly #allowed: AllowedFault[] = [];

  /** Faults whose text matches do not count on this page, whenever they happened. */
  allow(...patterns: AllowedFault[]): void {
    this.#allowed.push(...patterns);
  }

  record(fault: PageFault): void {
    this.#faults.push(fault);
  }

  /** The faults nobody expected. */
  unexpected(): PageFault[] {
    return this.#faults.filter((fault) => !this.#allowed.some((pattern) => pattern.test(fault.text)));
  }
}

/** Starts to listen. Must be called before the page's first navigation, or early faults go unseen. */
export async function watchFaults(page: Page, log: FaultLog): Promise<void> {
  page.on("console", (message) => {
    if (message.type() === "error") {
      log.record({ kind: "console", text: `${message.text()} (${message.location().url})` });
    }
  });
  page.on("pageerror", (error) => log.record({ kind: "exception", text: error.stack ?? error.message }));
  page.on("crash", () => log.record({ kind: "crash", text: `The renderer of ${page.url()} crashed.` }));
  page.on("response", (response) => {
    if (response.status() >= 500) log.record({ kind: "request", text: `${response.status()} ${response.url()}` });
  });
  await page.exposeBinding("guildhallReportCsp", (_source, text: string) => log.record({ kind: "csp", text }));
  // A violation in report-only mode, or one that a console filter hides, still raises this event.
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report: unknown = Reflect.get(globalThis, "guildhallReportCsp");
      if (typeof report === "function") report(`${event.effectiveDirective} blocked ${event.blockedURI || "inline"}`);
    });
  });
}
