import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";

import { FakeServer, runId } from "../fakeServer";
import { showPanel, type Shown } from "./panel";

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  server.runs = [{ id: runId(1), name: "forest" }];
  server.models.set("iris", {
    versions: [{ version: 1, runId: runId(1) }],
    aliases: { champion: 1 },
  });
});

/** Return the name of the button, or the text of what else has the focus. */
function focused(): string | null {
  const { activeElement } = document;
  return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? null;
}

/** Wait until something is gone; what has the focus by then keeps it. */
async function gone(find: () => HTMLElement | null): Promise<void> {
  await waitFor(() => expect(find()).toBeNull());
}

/** Hold back the changes of aliases, until the returned function is called. */
function holdChanges(): () => void {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { send } = server;
  const held: FakeServer["send"] = async (path, init) => {
    if (path.includes("registered-models/alias")) {
      await released;
    }
    return send(path, init);
  };
  Object.assign(server, { send: held });
  return () => release();
}

async function openModel(): Promise<Shown> {
  const shown = showPanel(server);
  (await screen.findByRole("button", { name: /^iris/ })).focus();
  await shown.user.keyboard("{Enter}");
  await screen.findByRole("listitem", { name: "Version 1" });
  return shown;
}

async function openAliasForm(): Promise<Shown> {
  const shown = await openModel();
  screen.getByRole("button", { name: "Add alias to version 1" }).focus();
  await shown.user.keyboard("{Enter}");
  expect(focused()).toBe("Alias");
  return shown;
}

const aliasField = (): HTMLElement | null => screen.queryByRole("combobox", { name: "Alias" });

describe("the focus", () => {
  it("goes back to the button that a form was opened by, as soon as the form is gone", async () => {
    const { user } = await openAliasForm();
    await user.keyboard("best{Enter}");
    await gone(aliasField);
    expect(focused()).toBe("Add alias to version 1");
  });

  it("goes back there too when the form is called off", async () => {
    const { user } = await openAliasForm();
    await user.keyboard("{Escape}");
    expect(aliasField()).toBeNull();
    expect(focused()).toBe("Add alias to version 1");
  });

  it("stays where a person has gone while the form was being sent", async () => {
    const release = holdChanges();
    const { user } = await openAliasForm();
    await user.keyboard("best{Enter}");
    screen.getByRole("button", { name: "Refresh" }).focus();
    release();
    await gone(aliasField);
    expect(focused()).toBe("Refresh");
  });

  it("goes on from the button of an alias that was removed", async () => {
    const { user } = await openModel();
    screen.getByRole("button", { name: "Remove alias champion" }).focus();
    await user.keyboard("{Enter}");
    await gone(() => screen.queryByRole("button", { name: "Remove alias champion" }));
    expect(focused()).toBe("Add alias to version 1");
  });

  it("stays on a button while it works", async () => {
    const release = holdChanges();
    const { user } = await openModel();
    const button = screen.getByRole("button", { name: "Remove alias champion" });
    button.focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(button.getAttribute("aria-disabled")).toBe("true"));
    expect(button.matches(":disabled")).toBe(false);
    expect(document.activeElement).toBe(button);
    release();
    await gone(() => screen.queryByRole("button", { name: "Remove alias champion" }));
  });

  it("is not lost with the last page of a list", async () => {
    server.runs = Array.from({ length: 40 }, (_, index) => ({ id: runId(index), start: index }));
    const { user } = showPanel(server);
    (await screen.findByRole("button", { name: "Show more" })).focus();
    await user.keyboard("{Enter}");
    await gone(() => screen.queryByRole("button", { name: "Show more" }));
    expect(focused()).toBe("These are all 40 runs.");
  });

  it("is not lost with a problem that is solved", async () => {
    server.isDown = true;
    const { user } = showPanel(server);
    (await screen.findByRole("button", { name: "Retry" })).focus();
    server.isDown = false;
    await user.keyboard("{Enter}");
    await gone(() => screen.queryByRole("alert"));
    expect(focused()).toBe("Refresh");
  });

  it("goes to another row when its own is not in the list any more", async () => {
    server.runs = [1, 2].map((number) => ({
      id: runId(number),
      name: `run ${number}`,
      start: number,
    }));
    const { pulse } = showPanel(server);
    (await screen.findByRole("button", { name: /run 1/ })).focus();
    server.runs.shift();
    await pulse.beat();
    await gone(() => screen.queryByRole("button", { name: /run 1/ }));
    expect(document.activeElement?.getAttribute("data-row")).toBe(runId(2));
  });
});
