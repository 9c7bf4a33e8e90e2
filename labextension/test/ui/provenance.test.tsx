import { screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

const RUN = runId(1);
const CAPTURE = `{
 "format": 1,
 "params": [
  {
   "key": "lr",
   "value": "0.1",
   "rule": "assigned constant",
   "line": 2,
   "expression": "lr = 0.1",
   "timestamp": 1,
   "later": [[5, "0.01"]]
  }
 ],
 "metrics": [
  {
   "key": "loss",
   "value": NaN,
   "points": 12,
   "rules": ["loop", "printed"],
   "rule": "printed",
   "line": 4,
   "expression": "loss = step(lr)",
   "first_timestamp": 1,
   "last_timestamp": 2
  }
 ],
 "skipped": [{"key": "n_rows", "rule": "name", "line": 3, "reason": "a size, not a score"}]
}`;

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

async function openRun(
  artifacts: Record<string, string>,
  tags = { "jupyter_track.cell_id": "a" },
): Promise<Shown> {
  server.runs = [{ id: RUN, name: "forest", tags, artifacts }];
  const shown = showPanel(server);
  await shown.user.click(await screen.findByRole("button", { name: /forest/ }));
  await screen.findByRole("article", { name: "Run forest" });
  return shown;
}

async function unfold(shown: Shown): Promise<void> {
  await shown.user.click(await screen.findByRole("button", { name: "How it was captured" }));
}

/** Return the rows of a table, each as the texts in it. */
function rows(table: HTMLElement): string[][] {
  return within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => [...row.children].map((cell) => cell.textContent));
}

describe("how a run was captured", () => {
  it("is asked for when it is unfolded, not before", async () => {
    const shown = await openRun({ "track/capture.json": CAPTURE });
    const asked = (): boolean => server.requests.some(({ path }) => path.includes("capture.json"));
    expect(asked()).toBe(false);
    await unfold(shown);
    await screen.findByRole("table", { name: /^Params/ });
    expect(asked()).toBe(true);
  });

  it("tells rule, line and expression of each value, and what was left out and why", async () => {
    await unfold(await openRun({ "track/capture.json": CAPTURE }));
    expect(rows(await screen.findByRole("table", { name: /^Params/ }))).toEqual([
      ["lr", "0.1", "assigned constant", "line 2", "lr = 0.1Later: line 5 sets it to 0.01"],
    ]);
    expect(rows(screen.getByRole("table", { name: /^Metrics/ }))).toEqual([
      ["loss", "NaN", "loop + printed, 12 points", "line 4", "loss = step(lr)"],
    ]);
    expect(rows(screen.getByRole("table", { name: /^Left out/ }))).toEqual([
      ["n_rows", "", "name", "line 3", "a size, not a score"],
    ]);
  });

  it("says no value or name twice", async () => {
    const named = (key: string, value: string, expression: string): object => ({ key, value, expression }); // prettier-ignore
    const params = [
      named("lr", "0.1", "0.1"),
      named("optimizer", "adam", "'adam'"),
      named("alpha", "3", "alpha"),
      named("depth", "4", "2 * 2"),
    ];
    await unfold(await openRun({ "track/capture.json": JSON.stringify({ params }) }));
    const table = await screen.findByRole("table", { name: /^Params/ });
    expect(rows(table).map((row) => row.at(-1))).toEqual(["", "", "", "2 * 2"]);
  });

  it("is told for each cell of a run that several cells share, in their order", async () => {
    await unfold(
      await openRun({
        "cells/10/track/capture.json": CAPTURE,
        "cells/2/track/capture.json": CAPTURE,
        "cells/2/output/stdout.txt": "",
      }),
    );
    const cells = await screen.findAllByRole("heading", { name: /^Cell/ });
    expect(cells.map((cell) => cell.textContent)).toEqual(["Cell 2", "Cell 10"]);
    expect(screen.getAllByRole("table", { name: /^Metrics/ })).toHaveLength(2);
  });

  it("says so if nothing was captured", async () => {
    await unfold(await openRun({ "output/stdout.txt": "hello" }));
    expect(await screen.findByText(/^Nothing was captured/)).toBeTruthy();
  });

  it("says that the record is broken, in its place", async () => {
    await unfold(await openRun({ "track/capture.json": '{"params": [' }));
    expect((await screen.findByRole("alert")).textContent).toContain("not valid JSON");
    expect(screen.getByRole("region", { name: "Artifacts" })).toBeTruthy();
  });

  it("makes do with a record in which everything is of another kind", async () => {
    const record = '{"params": [7, {"key": 1, "later": [null]}], "metrics": {}, "skipped": null}';
    await unfold(await openRun({ "track/capture.json": record }));
    expect(rows(await screen.findByRole("table", { name: /^Params/ }))).toHaveLength(2);
    expect(screen.queryByRole("table", { name: /^Metrics/ })).toBeNull();
  });

  it("is not offered for what another client has logged", async () => {
    server.runs = [{ id: RUN, name: "forest" }];
    const { user } = showPanel(server);
    await user.click(await screen.findByRole("button", { name: /forest/ }));
    await screen.findByRole("region", { name: "Artifacts" });
    expect(screen.queryByRole("button", { name: "How it was captured" })).toBeNull();
  });
});
