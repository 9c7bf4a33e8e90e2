/** The whole panel over a server in memory and a host that takes notes. */

import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { vi } from "vitest";

import { TrackClient } from "../../src/client";
import { type Host, Navigation, Pulse, TrackPanel } from "../../src/ui";
import type { FakeServer } from "../fakeServer";

export interface Shown {
  readonly user: UserEvent;
  readonly host: { readonly [name in keyof Host]: ReturnType<typeof vi.fn<Host[name]>> };
  readonly navigation: Navigation;
  readonly pulse: Pulse;
}

export function showPanel(server: FakeServer): Shown {
  const host = {
    openSnapshot: vi.fn<Host["openSnapshot"]>(() => Promise.resolve()),
    restoreNotebook: vi.fn<Host["restoreNotebook"]>(() => Promise.resolve("iris-forest.ipynb")),
    openArtifact: vi.fn<Host["openArtifact"]>(() => Promise.resolve()),
    notebookOpener: vi.fn<Host["notebookOpener"]>(() => null),
    copyText: vi.fn<Host["copyText"]>(() => Promise.resolve()),
  };
  const navigation = new Navigation();
  const pulse = new Pulse();
  render(
    <TrackPanel
      client={new TrackClient(server.send)}
      host={host}
      navigation={navigation}
      pulse={pulse}
    />,
  );
  return { user: userEvent.setup(), host, navigation, pulse };
}
