import { describe, expect, test } from "vitest";
import { createFeed, type SequencedEvent } from "./feed";

const renamed = (sequence: string, name = `name ${sequence}`): SequencedEvent => ({
  sequence,
  at: "2025-03-03T10:00:00.000Z",
  type: "organization.renamed",
  payload: { name },
});
const reset = (sequence: string): SequencedEvent => ({
  sequence,
  at: "2025-03-03T10:00:00.000Z",
  type: "reset",
  payload: {},
});

describe("a page's feed", () => {
  test("L2 tells every event once and in order, whatever arrives twice or late", () => {
    const feed = createFeed("10");
    const heard: string[] = [];
    feed.subscribe((event) => heard.push(event.sequence));
    const taken = ["11", "12", "12", "11", "10", "13", "12"].map((sequence) => feed.append(renamed(sequence)));
    expect(taken).toEqual([true, true, false, false, false, true, false]);
    expect(heard).toEqual(["11", "12", "13"]);
    expect(feed.lastSequence()).toBe("13");
  });

  test("compares sequences as numbers, not as texts", () => {
    const feed = createFeed("9");
    expect(feed.append(renamed("10"))).toBe(true);
    expect(feed.append(renamed("9007199254740993"))).toBe(true);
    expect(feed.append(renamed("9007199254740992"))).toBe(false);
  });

  test("gives what came after a sequence, and says when it no longer knows", () => {
    const feed = createFeed("0");
    for (let sequence = 1; sequence <= 600; sequence += 1) feed.append(renamed(String(sequence)));
    expect(feed.since("598")?.map(({ sequence }) => sequence)).toEqual(["599", "600"]);
    expect(feed.since("600")).toEqual([]);
    expect(feed.since("100")).toHaveLength(500);
    expect(feed.since("99")).toBeUndefined();
  });

  test("knows nothing of what happened before it began", () => {
    expect(createFeed("5").since("4")).toBeUndefined();
    expect(createFeed("5").since("5")).toEqual([]);
  });

  test("L2 after a reset goes on from there, even from an earlier place of the log", () => {
    const feed = createFeed("100");
    feed.append(renamed("101"));
    expect(feed.append(reset("40"))).toBe(true);
    expect(feed.since("39")).toBeUndefined();
    expect(feed.append(renamed("41"))).toBe(true);
    expect(feed.since("40")?.map(({ sequence }) => sequence)).toEqual(["41"]);
  });

  test("stops telling who has gone", () => {
    const feed = createFeed("0");
    const heard: string[] = [];
    const stop = feed.subscribe((event) => heard.push(event.sequence));
    feed.append(renamed("1"));
    stop();
    feed.append(renamed("2"));
    expect(heard).toEqual(["1"]);
  });
});
