import { act, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

const RUN = runId(1);

function showAll(): Shown {
  const server = new FakeServer();
  server.runs = [
    {
      id: RUN,
      name: "forest",
      status: "FAILED",
      tags: {
        "jupyter_track.order": "cell 3 has changed since it ran",
        "jupyter_track.snapshot": "frontend",
        "mlflow.source.git.commit": "0123456789abcdef",
      },
      artifacts: { "error/traceback.txt": "ValueError: no", "model/MLmodel": "flavors:" },
    },
  ];
  server.models.set("iris", {
    versions: [{ version: 1, runId: RUN }],
    aliases: { champion: 1 },
  });
  return showPanel(server);
}

/** Return the HTML of what can be used and has no name that a screen reader could say. */
function nameless(): string[] {
  return ["button", "textbox", "combobox"].flatMap((role) => {
    const named = new Set(screen.queryAllByRole(role, { name: /\S/ }));
    const all = screen.queryAllByRole(role);
    return all.filter((each) => !named.has(each)).map((each) => each.outerHTML);
  });
}

describe("everything that can be used has a name", () => {
  it("in the lists", async () => {
    showAll();
    await screen.findByRole("button", { name: /^iris/ });
    expect(nameless()).toEqual([]);
  });

  it("in a run", async () => {
    const { user, navigation } = showAll();
    act(() => navigation.openRun(RUN));
    await user.click(await screen.findByRole("button", { name: "Register model…" }));
    await user.click(screen.getByRole("button", { name: "Re-run and compare" }));
    await screen.findByRole("button", { name: "Open traceback" });
    expect(nameless()).toEqual([]);
  });

  it("in a registered model", async () => {
    const { user, navigation } = showAll();
    act(() => navigation.openModel("iris"));
    await user.click(await screen.findByRole("button", { name: /^Add alias/ }));
    expect(nameless()).toEqual([]);
  });
});
