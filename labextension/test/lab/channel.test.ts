import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { serveNotebook } from "../../src/lab/channel";
import type { IRunChange } from "../../src/lab/tokens";
import { runId } from "../fakeServer";
import { FakeKernel, FakePanel } from "./fakeKernel";

const RUN = runId(1);
const ASK = { type: "snapshot", run_id: RUN };

let kernel: FakeKernel;
let panel: FakePanel;
let changes: IRunChange[];

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new FakeKernel();
  panel = new FakePanel();
  changes = [];
  serveNotebook(panel.asPanel, (change) => changes.push(change));
  panel.change(kernel);
});

afterEach(() => {
  vi.useRealTimers();
});

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
    expect(comm.sent).toEqual([]);
    panel.notebook = { cells: [{ cell_type: "code", metadata: {}, outputs: ["the last"] }] };
    kernel.idle();
    await vi.advanceTimersByTimeAsync(0);
    expect(comm.sent).toEqual([{ ...ASK, path: "work/iris.ipynb", notebook: panel.notebook }]);
  });

  it("waits for the reply, with which the execution count comes", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    kernel.idle();
    await vi.advanceTimersByTimeAsync(100);
    expect(comm.sent).toEqual([]);
    kernel.reply();
    await vi.advanceTimersByTimeAsync(0);
    expect(comm.sent).toHaveLength(1);
  });

  it("does not wait for a reply that another page gets", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK, "another page");
    kernel.idle();
    await vi.advanceTimersByTimeAsync(0);
    expect(comm.sent).toHaveLength(1);
  });

  it("gives what there is if the end of the cell does not come", async () => {
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(comm.sent).toHaveLength(1);
  });

  it("leaves out that the cells are trusted", async () => {
    panel.notebook = { cells: [{ metadata: { trusted: true, tags: [] } }] };
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(comm.sent).toMatchObject([{ notebook: { cells: [{ metadata: { tags: [] } }] } }]);
    expect(JSON.stringify(comm.sent)).not.toContain("trusted");
  });

  it("sends nothing that would break the connection", async () => {
    panel.notebook = { cells: [], metadata: { image: "x".repeat(10_000_000) } };
    const comm = kernel.open("c");
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(comm.sent).toEqual([]);
  });

  it("takes over a channel that the kernel opened before the page was loaded", async () => {
    kernel.say("older", { type: "run", run_id: RUN, status: "RUNNING" });
    expect(changes).toHaveLength(1);
    kernel.say("older", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(kernel.comms.get("older")?.sent).toHaveLength(1);
  });

  it("leaves the channels of others alone", () => {
    kernel.say("widget", { method: "update", state: {} });
    kernel.say("widget", { type: "run", run_id: "not an id", status: "RUNNING" });
    kernel.say("widget", null);
    expect(kernel.comms.size).toBe(0);
    expect(changes).toEqual([]);
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
    expect(comm.sent).toEqual([]);
  });

  it("warns, and throws nothing, if the notebook cannot be read", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const comm = kernel.open("c");
    vi.spyOn(panel.model, "toJSON").mockImplementation(() => {
      throw new Error("Broken.");
    });
    kernel.say("c", ASK);
    await vi.advanceTimersByTimeAsync(5000);
    expect(comm.sent).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
