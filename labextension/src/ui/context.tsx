/** What every part of the UI may use. */

import { createContext, useContext } from "react";

import type { TrackClient } from "../client";
import type { Host } from "./host";
import type { Navigation } from "./navigation";
import type { Pulse } from "./pulse";

export interface Track {
  readonly client: TrackClient;
  readonly host: Host;
  readonly navigation: Navigation;
  readonly pulse: Pulse;
  /** Tell a person who does not see the screen what has just happened. */
  readonly announce: (text: string) => void;
}

export const TrackContext = createContext<Track | null>(null);

export function useTrack(): Track {
  const track = useContext(TrackContext);
  if (track === null) {
    throw new Error("useTrack needs a TrackContext around it.");
  }
  return track;
}
