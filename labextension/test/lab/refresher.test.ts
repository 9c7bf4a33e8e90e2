import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TrackError } from "../../src/client";
import { Refresher } from "../../src/lab/refresher";
import { Pulse } from "../../src/ui";

let pulse: Pulse;
let beats: number;
let isChanging: boolean;
let isSeen: boolean;
let refresher: Refresher;

beforeEach(() => {
  vi.useFakeTimers();
  pulse = new Pulse();
  beats = 0;
  isChanging = false;
  isSeen = true;
  pulse.enter(() => {
    beats++;
    return Promise.resolve(isChanging);
  });
  refresher = new Refresher(pulse, () => isSeen);
});

afterEach(() => {
  refresher.dispose();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Return how often the server is asked during some seconds. */
async function beatsDuring(seconds: number): Promise<number> {
  const before = beats;
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return beats - before;
}

describe("the refresher", () => {
  it("asks seldom when nothing changes", async () => {
    refresher.refresh();
    expect(await beatsDuring(1)).toBe(1);
    expect(await beatsDuring(60)).toBe(4);
  });

  it("asks often while a run is under way, and seldom after it", async () => {
    isChanging = true;
    refresher.refresh();
    await beatsDuring(1);
    expect(await beatsDuring(20)).toBe(10);
    isChanging = false;
    await beatsDuring(2);
    expect(await beatsDuring(30)).toBe(2);
  });

  it("asks at once when a kernel says that a run has changed, and soon again", async () => {
    refresher.refresh();
    await beatsDuring(1);
    refresher.runChanged();
    expect(await beatsDuring(0.1)).toBe(1);
    expect(await beatsDuring(8)).toBe(4);
    await beatsDuring(10);
    expect(await beatsDuring(30)).toBe(2);
  });

  it("does not ask while nobody sees the panel", async () => {
    refresher.refresh();
    await beatsDuring(1);
    isSeen = false;
    expect(await beatsDuring(120)).toBe(0);
    isSeen = true;
    refresher.refresh();
    expect(await beatsDuring(1)).toBe(1);
  });

  it("asks ever more seldom while the server does not answer", async () => {
    // Each pause is drawn by chance from a range that grows.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    isChanging = true;
    refresher.refresh();
    await beatsDuring(1);
    pulse.report({}, new TrackError("UNREACHABLE", "Away."));
    const first = await beatsDuring(60);
    const later = await beatsDuring(600);
    expect(first).toBeLessThan(15);
    expect(later).toBeLessThan(30);
    expect(later).toBeGreaterThan(0);
  });
});
