import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel } from "./panel";

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

/** Return the names of the runs in the list, from the top. */
async function listed(): Promise<(string | null)[]> {
  const list = await screen.findByRole("list", { name: "Runs" });
  return [...list.querySelectorAll(".jt-Row-name")].map((name) => name.textContent);
}

describe("the list of runs", () => {
  it("says what to do when there is no run yet", async () => {
    const { user, host } = showPanel(server);
    expect(await screen.findByText("No runs yet")).toBeTruthy();
    expect(screen.getByText("%load_ext jupyter_track")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Copy %%track" }));
    expect(host.copyText).toHaveBeenCalledWith("%%track");
    expect(screen.getByText("Copied %%track")).toBeTruthy();
  });

  it("has the newest runs first, and before them those that are under way", async () => {
    server.runs = [
      { id: runId(1), name: "old", start: 1000 },
      { id: runId(2), name: "training", start: 2000, status: "RUNNING" },
      { id: runId(3), name: "new", start: 3000 },
    ];
    showPanel(server);
    expect(await listed()).toEqual(["training", "new", "old"]);
    expect(screen.getByRole("img", { name: "running" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Runs 3" })).toBeTruthy();
  });

  it("shows three metrics of a run, the machine's own ones never, and how many are left", async () => {
    server.runs = [
      {
        id: runId(1),
        name: "forest",
        metrics: { "system/cpu": 7, accuracy: 0.97333333, loss: "NaN", f1: "Infinity", auc: 1 },
      },
    ];
    showPanel(server);
    const row = await screen.findByRole("button", { name: /forest/ });
    expect(within(row).getByText("0.973333")).toBeTruthy();
    expect(within(row).getByTitle("loss = NaN")).toBeTruthy();
    expect(within(row).getByText("Infinity")).toBeTruthy();
    expect(within(row).getByText("+2")).toBeTruthy();
    expect(within(row).queryByText("system/cpu")).toBeNull();
  });

  it("takes HTML in names for text", async () => {
    const name = '<img src=x onerror="alert(1)">';
    server.experiments = { "0": "<b>bold</b>" };
    server.runs = [{ id: runId(1), name, metrics: { "<i>m</i>": 1 } }];
    showPanel(server);
    expect(await listed()).toEqual([name]);
    expect(document.querySelector("img, b, i")).toBeNull();
  });

  it("filters in the server's language on Enter", async () => {
    server.runs = [
      { id: runId(1), name: "one" },
      { id: runId(2), name: "two" },
    ];
    const { user } = showPanel(server);
    await user.type(
      await screen.findByRole("textbox", { name: "Filter runs" }),
      "run_name = 'two'",
    );
    expect(screen.getByText(/to filter/)).toBeTruthy();
    expect(await listed()).toHaveLength(2);
    await user.keyboard("{Enter}");
    await waitFor(async () => expect(await listed()).toEqual(["two"]));
    await user.click(screen.getByRole("button", { name: "Clear filter" }));
    await waitFor(async () => expect(await listed()).toHaveLength(2));
  });

  it("shows why a filter is refused, and keeps the list", async () => {
    server.runs = [{ id: runId(1), name: "one" }];
    const { user } = showPanel(server);
    const field = await screen.findByRole("textbox", { name: "Filter runs" });
    await user.type(field, "nonsense{Enter}");
    const refusal = await screen.findByRole("alert");
    expect(within(refusal).getByText("Cannot read the filter: nonsense.")).toBeTruthy();
    // The sign stands below the place that it points at.
    expect(refusal.querySelector("pre")?.textContent).toBe("  nonsense\n  ^^^^^^^^");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(await listed()).toEqual(["one"]);
    await user.clear(field);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("says that nothing matches, and does not explain the first steps then", async () => {
    server.runs = [{ id: runId(1), name: "one" }];
    const { user } = showPanel(server);
    const field = await screen.findByRole("textbox", { name: "Filter runs" });
    await user.type(field, "run_name = 'x'{Enter}");
    expect(await screen.findByText("No run matches the filter.")).toBeTruthy();
    expect(screen.queryByText("No runs yet")).toBeNull();
    expect(screen.getByRole("textbox", { name: "Filter runs" })).toBe(field);
  });

  it("shows one experiment or all of them", async () => {
    server.experiments = { "0": "Default", "1": "iris" };
    server.runs = [
      { id: runId(1), name: "one", experiment: "0" },
      { id: runId(2), name: "two", experiment: "1" },
    ];
    const { user } = showPanel(server);
    const experiment = await screen.findByRole("combobox", { name: "Experiment" });
    await user.selectOptions(experiment, "iris");
    await waitFor(async () => expect(await listed()).toEqual(["two"]));
    await user.selectOptions(experiment, "All experiments");
    await waitFor(async () => expect(await listed()).toHaveLength(2));
  });

  it("shows more runs on demand, and says that there are more", async () => {
    server.runs = Array.from({ length: 35 }, (_, index) => ({ id: runId(index), start: index }));
    const { user } = showPanel(server);
    expect(await screen.findByRole("button", { name: "Runs 30+" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("button", { name: "Runs 35" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  it("is one stop of the Tab key, with arrow keys between its rows", async () => {
    server.runs = [1, 2, 3].map((number) => ({ id: runId(number), name: `run ${number}`, start: 4 - number })); // prettier-ignore
    const { user } = showPanel(server);
    (await screen.findByRole("combobox", { name: "Experiment" })).focus();
    await user.tab();
    expect(document.activeElement?.textContent).toContain("run 1");
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.textContent).toContain("run 3");
    await user.keyboard("{Home}");
    expect(document.activeElement?.textContent).toContain("run 1");
    await user.tab();
    expect(document.activeElement?.textContent).toContain("Registered models");
  });

  it("folds away", async () => {
    server.runs = [{ id: runId(1), name: "one" }];
    const { user } = showPanel(server);
    await user.click(await screen.findByRole("button", { name: "Runs 1" }));
    expect(screen.queryByRole("list", { name: "Runs" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Runs 1" }));
    expect(screen.getByRole("list", { name: "Runs" })).toBeTruthy();
  });
});

describe("a beat", () => {
  it("shows what is new and tells that a run goes on", async () => {
    const { pulse } = showPanel(server);
    await screen.findByText("No runs yet");
    server.runs.push({ id: runId(1), name: "new", status: "RUNNING", start: Date.now() });
    expect(await act(() => pulse.beat())).toEqual({ changing: true, answered: true });
    expect(await listed()).toEqual(["new"]);
    server.runs[0] = { id: runId(1), name: "new", status: "FAILED" };
    expect(await act(() => pulse.beat())).toEqual({ changing: false, answered: true });
    expect(screen.getByRole("img", { name: "failed" })).toBeTruthy();
  });

  it("does not hurry for a run that was left behind long ago", async () => {
    server.runs = [{ id: runId(1), name: "lost", status: "RUNNING", start: 1000 }];
    const { pulse } = showPanel(server);
    await listed();
    expect((await act(() => pulse.beat())).changing).toBe(false);
  });

  it("keeps the list while the server is away, and says so in one line", async () => {
    server.runs = [{ id: runId(1), name: "one" }];
    const { pulse, user } = showPanel(server);
    await listed();
    server.isDown = true;
    expect((await act(() => pulse.beat())).answered).toBe(false);
    expect(screen.getAllByRole("alert")).toHaveLength(1);
    expect(screen.getByRole("alert").textContent).toContain("The server does not answer");
    expect(await listed()).toEqual(["one"]);
    server.isDown = false;
    await user.click(screen.getByRole("button", { name: "Retry" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(screen.getByText("Up to date")).toBeTruthy();
  });

  it("does not take a server that is away for one without runs", async () => {
    server.isDown = true;
    showPanel(server);
    expect(await screen.findByRole("alert")).toBeTruthy();
    expect(screen.queryByText("No runs yet")).toBeNull();
  });

  it("asks nothing for the lists while they are not seen", async () => {
    server.runs = [{ id: runId(1), name: "one" }];
    const { pulse, user } = showPanel(server);
    await user.click(await screen.findByRole("button", { name: /one/ }));
    await screen.findByRole("heading", { name: /one/ });
    server.requests.length = 0;
    await act(() => pulse.beat());
    const asked = server.requests.map((request) => request.path);
    expect(asked).not.toContain("api/2.0/mlflow/experiments/search");
    expect(asked.some((path) => path.includes("registered-models"))).toBe(false);
  });
});
