import { type BoundFunctions, type queries, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  server.runs = [{ id: runId(1), name: "forest" }];
  server.models.set("iris", {
    versions: [
      { version: 1, runId: runId(1) },
      { version: 2, runId: runId(9), stage: "Staging" },
    ],
    aliases: { champion: 1 },
  });
});

async function openModel(): Promise<Shown> {
  const shown = showPanel(server);
  await shown.user.click(await screen.findByRole("button", { name: /^iris/ }));
  await screen.findByRole("listitem", { name: "Version 2" });
  return shown;
}

function version(number: number): BoundFunctions<typeof queries> {
  return within(screen.getByRole("listitem", { name: `Version ${number}` }));
}

describe("the list of registered models", () => {
  it("shows the newest version and where the aliases point", async () => {
    showPanel(server);
    const row = await screen.findByRole("button", { name: /^iris/ });
    expect(within(row).getByText("version 2")).toBeTruthy();
    expect(within(row).getByTitle("The alias champion points to version 1")).toBeTruthy();
  });

  it("says how to get one", async () => {
    server.models.clear();
    showPanel(server);
    expect(await screen.findByText(/No registered models yet/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Registered models 0" })).toBeTruthy();
  });
});

describe("one registered model", () => {
  it("shows its versions, the newest first, with stage and run", async () => {
    await openModel();
    const names = screen.getAllByText(/^Version \d$/).map((each) => each.textContent);
    expect(names).toEqual(["Version 2", "Version 1"]);
    expect(version(2).getByText("Staging")).toBeTruthy();
    expect(version(1).queryByText("None")).toBeNull();
    // The run of version 2 is not there any more.
    expect(version(2).getByRole("button", { name: runId(9).slice(0, 8) })).toBeTruthy();
  });

  it("leads to the run of a version, and back", async () => {
    const { user } = await openModel();
    await user.click(version(1).getByRole("button", { name: "forest" }));
    expect(await screen.findByRole("article", { name: "Run forest" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Back to iris" }));
    expect(await screen.findByRole("article", { name: "Registered model iris" })).toBeTruthy();
  });

  it("adds an alias", async () => {
    const { user } = await openModel();
    await user.click(version(2).getByRole("button", { name: "Add alias to version 2" }));
    await user.type(screen.getByRole("combobox", { name: "Alias" }), "challenger{Enter}");
    await waitFor(() => expect(version(2).getByText("challenger")).toBeTruthy());
    expect(screen.getByText("challenger now points to version 2")).toBeTruthy();
    expect(server.models.get("iris")?.aliases).toEqual({ champion: 1, challenger: 2 });
  });

  it("moves an alias, and says so before and after", async () => {
    const { user } = await openModel();
    await user.click(version(2).getByRole("button", { name: "Add alias to version 2" }));
    await user.type(screen.getByRole("combobox", { name: "Alias" }), "champion");
    expect(
      screen.getByText("champion points to version 1 now and will move to version 2."),
    ).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Move" }));
    await waitFor(() => expect(version(2).getByText("champion")).toBeTruthy());
    expect(version(1).queryByText("champion")).toBeNull();
    expect(screen.getByText("champion moved from version 1 to version 2")).toBeTruthy();
  });

  it("takes an alias off", async () => {
    const { user } = await openModel();
    await user.click(version(1).getByRole("button", { name: "Remove alias champion" }));
    await waitFor(() => expect(version(1).queryByText("champion")).toBeNull());
    expect(server.models.get("iris")?.aliases).toEqual({});
    expect(screen.getByText("champion was removed")).toBeTruthy();
  });

  it("shows why an alias was refused, and lets it be corrected", async () => {
    const { user } = await openModel();
    await user.click(version(2).getByRole("button", { name: "Add alias to version 2" }));
    const field = screen.getByRole("combobox", { name: "Alias" });
    await user.type(field, "latest{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe("Invalid alias 'latest'.");
    await user.clear(field);
    await user.type(field, "best{Enter}");
    await waitFor(() => expect(version(2).getByText("best")).toBeTruthy());
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
