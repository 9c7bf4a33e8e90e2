import { beforeEach, describe, expect, it } from "vitest";

import { serveNotebook } from "../../src/lab/channel";
import { asSettings } from "../../src/lab/settings";
import { type FakeComm, FakeKernel, FakePanel } from "./fakeKernel";

const NOTHING = { exclude: [], rename: {} };
const SETTINGS = { exclude: ["seed"], rename: { acc: "accuracy" } };

let kernel: FakeKernel;
let panel: FakePanel;

beforeEach(() => {
  kernel = new FakeKernel();
  panel = new FakePanel();
  serveNotebook(panel.asPanel, { onRun: () => undefined, onOpen: () => undefined });
  panel.change(kernel);
});

async function open(): Promise<FakeComm> {
  const comm = kernel.open("c");
  await panel.context.ready;
  return comm;
}

function say(settings: unknown): void {
  kernel.say("c", { type: "settings", settings });
}

describe("what the notebook says of the capture", () => {
  it("is told to the kernel as soon as it has opened the channel", async () => {
    panel.context.model.setMetadata("jupyter_track", { capture: SETTINGS, other: 1 });
    const comm = await open();
    expect(comm.sent).toEqual([{ type: "settings", settings: SETTINGS }]);
  });

  it("is nothing in a notebook that has no such entry", async () => {
    panel.context.model.setMetadata("jupyter_track", "scribble");
    const comm = await open();
    expect(comm.sent).toEqual([{ type: "settings", settings: {} }]);
  });

  it("is what the kernel says, and is not said back", async () => {
    const comm = await open();
    comm.sent.length = 0;
    say(SETTINGS);
    expect(panel.context.model.getMetadata("jupyter_track")).toEqual({ capture: SETTINGS });
    expect(comm.sent).toEqual([]);
  });

  it("leaves alone what else the entry holds", async () => {
    panel.context.model.setMetadata("jupyter_track", { restored_from: "1a2b" });
    await open();
    say(SETTINGS);
    expect(panel.context.model.getMetadata("jupyter_track")).toEqual({
      restored_from: "1a2b",
      capture: SETTINGS,
    });
    say(NOTHING);
    expect(panel.context.model.getMetadata("jupyter_track")).toEqual({ restored_from: "1a2b" });
  });

  it("leaves no trace when there is nothing to say", async () => {
    await open();
    say(NOTHING);
    expect(panel.context.model.keys).toEqual([]);
    say(SETTINGS);
    say(NOTHING);
    expect(panel.context.model.keys).toEqual([]);
  });

  it("is told again when it was changed by hand, and only then", async () => {
    const comm = await open();
    comm.sent.length = 0;
    panel.context.model.setMetadata("kernelspec", { name: "python3" });
    expect(comm.sent).toEqual([]);
    panel.context.model.setMetadata("jupyter_track", { capture: { exclude: ["lr"] } });
    expect(comm.sent).toEqual([{ type: "settings", settings: { exclude: ["lr"] } }]);
  });

  it("is told to no channel that was closed, nor to a kernel that was left", async () => {
    const comm = await open();
    comm.sent.length = 0;
    comm.isDisposed = true;
    panel.context.model.setMetadata("jupyter_track", { capture: { exclude: ["a"] } });
    comm.isDisposed = false;
    panel.change(new FakeKernel());
    panel.context.model.setMetadata("jupyter_track", { capture: { exclude: ["b"] } });
    expect(comm.sent).toEqual([]);
  });

  it("stays as it is when the kernel says what makes no sense", async () => {
    await open();
    say({ exclude: "seed", rename: {} });
    say({ exclude: ["seed"] });
    say(null);
    expect(panel.context.model.keys).toEqual([]);
  });
});

it.each([
  [{ exclude: [1], rename: {} }],
  [{ exclude: [""], rename: {} }],
  [{ exclude: ["x".repeat(251)], rename: {} }],
  [{ exclude: Array.from({ length: 1001 }, (_, index) => `n${index}`), rename: {} }],
  [{ exclude: [], rename: { acc: 1 } }],
  [{ exclude: [], rename: ["acc"] }],
  [{ exclude: [], rename: { "": "accuracy" } }],
  [[]],
])("takes no settings from %j", (value) => {
  expect(asSettings(value)).toBeNull();
});

it("takes names as they are, whatever they are", () => {
  const settings: unknown = JSON.parse(
    '{"exclude": ["a b"], "rename": {"__proto__": "proto"}, "more": 1}',
  );
  expect(JSON.stringify(asSettings(settings))).toBe(
    '{"exclude":["a b"],"rename":{"__proto__":"proto"}}',
  );
});
