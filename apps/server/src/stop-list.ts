import type { Logger } from "pino";

/** What has to be stopped, last started first. One failing does not keep the others running. */
export class StopList {
  private readonly log: Logger;
  private readonly entries: { name: string; stop: () => Promise<void> }[] = [];
  private running: Promise<void> | undefined;

  constructor(log: Logger) {
    this.log = log;
  }

  add(name: string, stop: () => Promise<void>): void {
    this.entries.push({ name, stop });
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  run(): Promise<void> {
    this.running ??= this.runOnce();
    return this.running;
  }

  private async runOnce(): Promise<void> {
    for (let entry = this.entries.pop(); entry; entry = this.entries.pop()) {
      await entry
        .stop()
        .catch((err: unknown) => this.log.error({ err, part: entry.name }, "a part did not stop cleanly"));
    }
  }
}
