import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { serveNotebook } from "../../src/lab/channel";
import type { IRunChange } from "../../src/lab/tokens";
import { runId } from "../fakeServer";
import { type FakeComm, FakeKernel, FakePanel } from "./fakeKernel";

const RUN = runId(1);
const ASK = { type: "snapshot", run_id: RUN };

let kernel: FakeKernel;
let panel: FakePanel;
let changes: IRunChange[];
let opened: string[];

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new FakeKernel();
  panel = new FakePanel();
  changes = [];
  opened = [];
  serveNotebook(panel.asPanel, {
    onRun: (change) => changes.push(change),
    onOpen: (path) => opened.push(path),
  });
  panel.change(kernel);
});

afterEach(() => {
  vi.useRealTimers();
});

/** Return the notebooks that were sent; what is said of the settings is looked at elsewhere. */
function snapshots(comm: FakeComm | undefined): unknown[] {
  return (comm?.sent ?? []).filter((said) => (said as { type: string }).type === "snapshot");
}

describe("the channel to a kernel", () => {
  it("passes on that a run has changed", () => {
    kernel.open("c");
    kernel.say("c", { type: "run", run_id: RUN, status: "RUNNING" });
    expect(changes).toEqual([{ runId: RUN, status: "RUNNING" }]);
  });

  it("gives the notebook when the cell has ended on the screen too, not before", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    kernel.reply();
    await vi.advanceTimersByTimeAsync(100);
    expect(snapshots(comm)).toEqual([]);
    panel.notebook = { cells: [{ cell_type: "code", metadata: {}, outputs: ["the last"] }] };
    kernel.idle();
    await vi.advanceTimersByTimeAsync(0);
    expect(snapshots(comm)).toEqual([
      { ...ASK, path: "work/iris.ipynb", notebook: panel.notebook },
    ]);
  });

  it("waits for the reply, with which the execution count comes", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    kernel.idle();
    await vi.advanceTimersByTimeAsync(100);
    expect(snapshots(comm)).toEqual([]);
    kernel.reply();
    await vi.advanceTimersByTimeAsync(0);
    expect(snapshots(comm)).toHaveLength(1);
  });

  it("does not wait for a reply that another page gets", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK, "another page");
    kernel.idle();
    await vi.advanceTimersByTimeAsync(0);
    expect(snapshots(comm)).toHaveLength(1);
  });

  it("gives what there is if the end of the cell does not come", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(comm)).toHaveLength(1);
  });

  it("leaves out that the cells are trusted", async () => {
    panel.notebook = { cells: [{ metadata: { trusted: true, tags: [] } }] };
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(comm)).toMatchObject([{ notebook: { cells: [{ metadata: { tags: [] } }] } }]);
    expect(JSON.stringify(snapshots(comm))).not.toContain("trusted");
  });

  it("sends nothing that would break the connection", async () => {
    panel.notebook = { cells: [], metadata: { image: "x".repeat(10_000_000) } };
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(comm)).toEqual([]);
  });

  it("takes over a channel that the kernel opened before the page was loaded", async () => {
    kernel.say("older", { type: "run", run_id: RUN, status: "RUNNING" });
    expect(changes).toHaveLength(1);
    kernel.say("older", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(kernel.comms.get("older"))).toHaveLength(1);
  });

  it("takes over a channel that the kernel knows from before the page was loaded", async () => {
    const next = new FakeKernel();
    next.older.push("older");
    panel.change(next);
    await vi.advanceTimersByTimeAsync(0);
    next.say("older", { type: "open", path: "/srv/nb/iris-baseline.ipynb" });
    expect(opened).toEqual(["/srv/nb/iris-baseline.ipynb"]);
  });

  it("opens a notebook where the person has asked for it, and on no other page", () => {
    kernel.open("c");
    kernel.say("c", { type: "open", path: "/srv/nb/iris.ipynb" }, "another page");
    expect(opened).toEqual([]);
    kernel.say("c", { type: "open", path: 7 });
    expect(opened).toEqual([]);
    kernel.say("c", { type: "open", path: "/srv/nb/iris.ipynb" });
    expect(opened).toEqual(["/srv/nb/iris.ipynb"]);
  });

  it("leaves the channels of others alone", () => {
    kernel.say("widget", { method: "update", state: {} });
    kernel.say("widget", { type: "run", run_id: "not an id", status: "RUNNING" });
    kernel.say("widget", null);
    kernel.say("widget", { type: "open", path: "/srv/nb/iris.ipynb" });
    kernel.say("widget", { type: "settings", settings: { exclude: ["lr"], rename: {} } });
    expect(kernel.comms.size).toBe(0);
    expect(changes).toEqual([]);
    expect(opened).toEqual([]);
    expect(panel.context.model.keys).toEqual([]);
  });

  it("does not take over where another page's connection does the talking", () => {
    kernel.handleComms = false;
    kernel.say("older", { type: "run", run_id: RUN, status: "RUNNING" });
    expect(kernel.comms.size).toBe(0);
  });

  it("goes over to another kernel", () => {
    const next = new FakeKernel();
    panel.change(next);
    expect(kernel.targets.size).toBe(0);
    next.open("c");
    next.say("c", { type: "run", run_id: RUN, status: "FAILED" });
    expect(changes).toEqual([{ runId: RUN, status: "FAILED" }]);
  });

  it("ends with a notebook that was closed meanwhile, without a word", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    panel.isDisposed = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(comm)).toEqual([]);
  });

  it("warns, and throws nothing, if the notebook cannot be read", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const comm = kernel.open("c");
    vi.spyOn(panel.model, "toJSON").mockImplementation(() => {
      throw new Error("Broken.");
    });
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(snapshots(comm)).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
