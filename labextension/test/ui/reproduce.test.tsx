import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { datasetShape } from "../../src/ui/datasetShape";
import { type FakeRun, FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

const RUN = runId(0xabcdef);
const OTHER = "12345678" + runId(0).slice(8);
let server: FakeServer;
let run: FakeRun;

beforeEach(() => {
  server = new FakeServer();
  run = { id: RUN, name: "forest", start: 2000, tags: { "jupyter_track.snapshot": "frontend" } };
  server.runs = [run, { id: OTHER, name: "other", start: 1000 }];
});

function tag(tags: Record<string, string>): void {
  run.tags = { ...run.tags, ...tags };
}

async function openRun(): Promise<Shown> {
  const shown = showPanel(server);
  await shown.user.click(await screen.findByRole("button", { name: /forest/ }));
  await screen.findByRole("article", { name: "Run forest" });
  return shown;
}

function fact(name: string): HTMLElement {
  return screen.getByText(name, { selector: "dt" }).nextElementSibling as HTMLElement;
}

describe("the state that a run came from", () => {
  it("is told where it is not what the notebook shows", async () => {
    tag({ "jupyter_track.order": "cell 4 [3] was run before cell 2 [4]\ncell 3 [2] has changed" });
    await openRun();
    const notice = await screen.findByRole("region", { name: "Hidden state" });
    expect(
      within(notice)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(["cell 4 [3] was run before cell 2 [4]", "cell 3 [2] has changed"]);
    expect(within(notice).getByText("%track slice 00000000")).toBeTruthy();
  });

  it("is no matter where there is nothing to say", async () => {
    tag({ "jupyter_track.order": "" });
    await openRun();
    await screen.findByRole("region", { name: "Artifacts" });
    expect(screen.queryByRole("region", { name: "Hidden state" })).toBeNull();
  });
});

describe("a re-run", () => {
  it.each(["reproduced", "differs", "fails"])("gives a verdict: %s", async (verdict) => {
    tag({
      "jupyter_track.reproduced": verdict,
      "jupyter_track.reproduced.at": String(Date.now() - 120_000),
      "jupyter_track.reproduced.detail": "2 params and 1 metric compared",
      "jupyter_track.reproduced.run": OTHER,
    });
    const { user, navigation } = await openRun();
    const link = await within(fact("Re-run")).findByRole("button", { name: "other" });
    expect(fact("Re-run").textContent).toBe(
      `${verdict}2 min ago2 params and 1 metric comparedother`,
    );
    expect(fact("Re-run").querySelector("svg")).not.toBeNull();
    await user.click(link);
    expect(navigation.location).toEqual({ view: "run", runId: OTHER });
  });

  it("leads to its original, and the original to it", async () => {
    tag({ "jupyter_track.rerun_of": OTHER });
    const { user } = await openRun();
    await user.click(await screen.findByRole("button", { name: "other" }));
    await screen.findByRole("article", { name: "Run other" });
    const list = await screen.findByRole("list", { name: "Re-runs" });
    await user.click(within(list).getByRole("button", { name: /forest/ }));
    expect(await screen.findByRole("article", { name: "Run forest" })).toBeTruthy();
  });

  it("names an original that is not there any more by the beginning of its id", async () => {
    tag({ "jupyter_track.rerun_of": runId(9) });
    await openRun();
    await waitFor(() => expect(fact("Re-run of").textContent).toBe("00000000"));
  });
});

it("leads from a nested run to the run around it, and back", async () => {
  tag({ "mlflow.parentRunId": OTHER });
  const { user } = await openRun();
  await user.click(await screen.findByRole("button", { name: "other" }));
  const list = await screen.findByRole("list", { name: "Nested runs" });
  expect(within(list).getByRole("button", { name: /forest/ })).toBeTruthy();
});

describe("restoring the notebook", () => {
  it("says under which name it was written", async () => {
    const { user, host } = await openRun();
    await user.click(screen.getByRole("button", { name: "Restore notebook" }));
    expect(await screen.findByText("Restored as iris-forest.ipynb", { selector: "p > span" })).toBeTruthy(); // prettier-ignore
    expect(host.restoreNotebook.mock.calls[0]?.[0].run_id).toBe(RUN);
  });

  it("says why it could not be written", async () => {
    const { user, host } = await openRun();
    host.restoreNotebook.mockRejectedValue(new Error("The disk is full."));
    await user.click(screen.getByRole("button", { name: "Restore notebook" }));
    expect((await screen.findByRole("alert")).textContent).toBe("The disk is full.");
    expect(screen.queryByText(/^Restored as/)).toBeNull();
  });
});

describe("the commands", () => {
  async function unfold(): Promise<Shown> {
    const shown = await openRun();
    await shown.user.click(await screen.findByRole("button", { name: "Re-run and compare" }));
    return shown;
  }

  it("are copied", async () => {
    const { user, host } = await unfold();
    await user.click(screen.getByRole("button", { name: "Copy %track rerun 00000000" }));
    expect(host.copyText).toHaveBeenCalledWith("%track rerun 00000000");
  });

  it("compare with a run that is chosen by keyboard or mouse", async () => {
    const { user, host } = await unfold();
    await screen.findByRole("option", { name: /^other/ });
    expect(screen.queryByText(/%track diff/)).toBeNull();
    await user.selectOptions(screen.getByRole("combobox", { name: "Compare with" }), OTHER);
    await user.click(screen.getByRole("button", { name: "Copy %track diff 00000000 12345678" }));
    expect(host.copyText).toHaveBeenCalledWith("%track diff 00000000 12345678");
  });

  it("compare a re-run with its original unless another run is chosen", async () => {
    tag({ "jupyter_track.rerun_of": OTHER });
    await unfold();
    expect(await screen.findByText("%track diff 00000000 12345678")).toBeTruthy();
  });
});

it("shows the data that a run has read", async () => {
  run.inputs = [
    {
      tags: [{ key: "mlflow.data.context", value: "training" }],
      dataset: {
        name: "iris",
        digest: "0123456789abcdef",
        source_type: "code",
        source: "{}",
        profile: '{"features_shape": [150, 4]}',
      },
    },
  ];
  await openRun();
  expect(await screen.findByRole("row", { name: "iris 150 × 4 training 01234567" })).toBeTruthy();
});

it.each([
  ['{"features_shape": [150, 4], "features_size": 600}', "150 × 4"],
  ['{"shape": [1000]}', "1000 values"],
  ['{"num_rows": 150, "num_elements": 750}', "150 × 5"],
  ['{"num_rows": 1}', "1 row"],
  ['{"features_shape": {"a": [1]}}', ""],
  ['{"num_rows": 0, "num_elements": 0}', "0 rows"],
  ["[", ""],
  ["null", ""],
])("says of the profile %s: %s", (profile, shape) => {
  expect(datasetShape(profile)).toBe(shape);
});
