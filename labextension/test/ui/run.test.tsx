import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

const RUN = runId(1);
let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  server.experiments = { "0": "iris" };
  server.runs = [
    {
      id: RUN,
      name: "forest",
      start: Date.now() - 60_000,
      end: Date.now() - 58_500,
      metrics: { accuracy: 0.97, loss: 0.1 },
      history: { loss: [0.5, 0.2] },
      params: { depth: "3" },
      tags: {
        "mlflow.user": "ada",
        "mlflow.source.name": "work/iris.ipynb",
        "mlflow.source.git.commit": "0123456789abcdef0123456789abcdef01234567",
        "jupyter_track.git.dirty": "true",
        "jupyter_track.snapshot": "frontend",
      },
      artifacts: {
        "notebook.ipynb": "{}",
        "output/stdout.txt": "epoch 1",
        "output/figures/figure-1.png": "png",
        "model/MLmodel": "flavors:",
      },
    },
    { id: runId(2), name: "other", start: 1000 },
  ];
});

/** Open the run by keyboard. */
async function openRun(): Promise<Shown> {
  const shown = showPanel(server);
  (await screen.findByRole("button", { name: /forest/ })).focus();
  await shown.user.keyboard("{Enter}");
  await screen.findByRole("article", { name: "Run forest" });
  return shown;
}

describe("one run", () => {
  it("shows what is known of it", async () => {
    await openRun();
    const facts = (): Record<string, string> =>
      Object.fromEntries(
        [...document.querySelectorAll(".jt-Facts > dt")].map((name) => [
          name.textContent,
          name.nextElementSibling?.textContent ?? "",
        ]),
      );
    await waitFor(() => expect(facts()["Experiment"]).toBe("iris"));
    expect(facts()).toMatchObject({
      Status: "finished",
      Duration: "1.5 s",
      User: "ada",
      Notebook: "iris.ipynb",
      Commit: "01234567with changes",
      "Run id": RUN.slice(0, 8),
    });
    expect(screen.getByRole("row", { name: "depth 3" })).toBeTruthy();
  });

  it("goes back on Escape, to the row that it was opened from", async () => {
    const { user } = await openRun();
    expect(document.activeElement?.textContent).toBe("forest");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("article")).toBeNull();
    expect(document.activeElement?.getAttribute("data-row")).toBe(RUN);
  });

  it("draws a curve where there is more than one point", async () => {
    await openRun();
    expect(await screen.findByRole("img", { name: /^loss: 3 points, least 0.1, greatest 0.5/ })).toBeTruthy(); // prettier-ignore
    expect(screen.queryByRole("img", { name: /^accuracy:/ })).toBeNull();
  });

  it("asks again only for the curve that has a new point", async () => {
    const { pulse } = await openRun();
    await screen.findByRole("img", { name: /^loss: 3 points/ });
    server.requests.length = 0;
    const run = server.runs[0];
    expect(run).toBeDefined();
    Object.assign(run ?? {}, {
      metrics: { accuracy: 0.97, loss: 0.05 },
      history: { loss: [0.5, 0.2, 0.1] },
    });
    await act(() => pulse.beat());
    await screen.findByRole("img", { name: /^loss: 4 points/ });
    const asked = server.requests.filter((request) => request.path.includes("get-history"));
    expect(asked).toHaveLength(1);
  });

  it("shows the first of very many metrics, and all on demand", async () => {
    const metrics = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`m${index}`, index] as const),
    );
    server.runs[0] = { id: RUN, name: "forest", metrics };
    const { user } = await openRun();
    expect(screen.getAllByRole("row")).toHaveLength(20);
    await user.click(screen.getByRole("button", { name: "Show all 100 metrics" }));
    expect(screen.getAllByRole("row")).toHaveLength(100);
    expect(document.activeElement?.textContent).toBe("Show the first 20 only");
    await user.keyboard("{Enter}");
    expect(screen.getAllByRole("row")).toHaveLength(20);
  });

  it("opens the snapshot", async () => {
    const { user, host } = await openRun();
    await user.click(screen.getByRole("button", { name: "Open snapshot" }));
    expect(host.openSnapshot).toHaveBeenCalledWith(RUN);
  });

  it("offers no snapshot of a run that has none", async () => {
    server.runs[0] = { id: RUN, name: "forest" };
    await openRun();
    expect(screen.queryByRole("button", { name: "Open snapshot" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Register model…" })).toBeNull();
  });

  it("opens the notebook that it came from where the host can", async () => {
    const open = vi.fn(() => Promise.resolve());
    const shown = showPanel(server);
    shown.host.notebookOpener.mockReturnValue(open);
    await shown.user.click(await screen.findByRole("button", { name: /forest/ }));
    await shown.user.click(await screen.findByRole("button", { name: "iris.ipynb" }));
    expect(shown.host.notebookOpener).toHaveBeenCalledWith("work/iris.ipynb");
    expect(open).toHaveBeenCalledOnce();
  });

  it("says why something could not be opened", async () => {
    const { user, host } = await openRun();
    host.openSnapshot.mockRejectedValue(new Error("It is gone."));
    await user.click(screen.getByRole("button", { name: "Open snapshot" }));
    expect((await screen.findByRole("alert")).textContent).toBe("It is gone.");
  });

  it("lists a folder of artifacts when it is unfolded", async () => {
    const { user, host } = await openRun();
    const artifacts = within(screen.getByRole("region", { name: "Artifacts" }));
    await artifacts.findByRole("button", { name: "output" });
    expect(server.requests.some((request) => request.path.includes("path=output"))).toBe(false);
    await user.click(await artifacts.findByRole("button", { name: "output" }));
    await user.click(await artifacts.findByRole("button", { name: "figures" }));
    await user.click(await artifacts.findByRole("button", { name: /figure-1.png/ }));
    expect(host.openArtifact).toHaveBeenCalledWith(RUN, "output/figures/figure-1.png");
  });

  it("says why it has failed, and leads to the traceback", async () => {
    const traceback = `Traceback (most recent call last):
  Cell line 3
    raise ValueError(
ValueError: no such file:
  data.csv
`;
    server.runs[0] = {
      id: RUN,
      name: "forest",
      status: "FAILED",
      artifacts: { "error/traceback.txt": traceback },
    };
    const { user, host } = await openRun();
    const failure = within(await screen.findByRole("region", { name: "Failure" }));
    expect(failure.getByText("ValueError: no such file:")).toBeTruthy();
    await user.click(failure.getByRole("button", { name: "Open traceback" }));
    expect(host.openArtifact).toHaveBeenCalledWith(RUN, "error/traceback.txt");
  });

  it("says nothing of a failure of which nothing was kept", async () => {
    server.runs[0] = { id: RUN, name: "forest", status: "FAILED" };
    await openRun();
    await screen.findByText("No artifacts.");
    expect(screen.queryByRole("region", { name: "Failure" })).toBeNull();
  });

  it("says that it does not exist", async () => {
    const { navigation } = showPanel(server);
    act(() => navigation.openRun(runId(9)));
    expect((await screen.findByRole("alert")).textContent).toContain("not found");
    expect(screen.getByRole("button", { name: "Back to All runs and models" })).toBeTruthy();
  });
});

describe("registering the model of a run", () => {
  async function openForm(): Promise<Shown> {
    const shown = await openRun();
    await shown.user.click(await screen.findByRole("button", { name: "Register model…" }));
    return shown;
  }

  it("makes a version under a new name and leads to it", async () => {
    const { user, navigation } = await openForm();
    await user.type(screen.getByLabelText("Model name"), "iris");
    await user.type(screen.getByLabelText(/Alias/), "champion{Enter}");
    expect((await screen.findByText(/^Registered iris version 1$/)).textContent).toBeTruthy();
    expect(server.models.get("iris")).toEqual({
      versions: [{ version: 1, runId: RUN }],
      aliases: { champion: 1 },
    });
    await user.click(screen.getByRole("button", { name: "iris" }));
    expect(navigation.location).toEqual({ view: "model", name: "iris" });
    expect(await screen.findByRole("article", { name: "Registered model iris" })).toBeTruthy();
  });

  it("says beforehand which version an alias moves away from", async () => {
    server.models.set("iris", {
      versions: [{ version: 1, runId: runId(2) }],
      aliases: { champion: 1 },
    });
    const { user } = await openForm();
    await user.type(screen.getByLabelText("Model name"), "iris");
    expect(screen.getByText("Adds the next version of this registered model.")).toBeTruthy();
    await user.type(screen.getByLabelText(/Alias/), "champion");
    expect(screen.getByText(/champion moves here from version 1\./)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Register" }));
    await screen.findByText(/^Registered iris version 2$/);
    expect(server.models.get("iris")?.aliases).toEqual({ champion: 2 });
  });

  it("tells that the version is there when only its alias was refused", async () => {
    const { user } = await openForm();
    await user.type(screen.getByLabelText("Model name"), "iris");
    await user.type(screen.getByLabelText(/Alias/), "latest{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe(
      "It got no alias: Invalid alias 'latest'.",
    );
    expect(screen.getByText(/^Registered iris version 1$/)).toBeTruthy();
    expect(screen.queryByRole("form", { name: "Register model" })).toBeNull();
  });

  it("is called off by Escape, which does not leave the run", async () => {
    const { user } = await openForm();
    await user.keyboard("{Escape}");
    expect(screen.queryByLabelText("Model name")).toBeNull();
    expect(screen.getByRole("article", { name: "Run forest" })).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.textContent).toContain("Register model…"));
  });
});
