/** What the plugins give to each other, and to other extensions. */

import type { ISignal } from "@lumino/signaling";
import { Token } from "@lumino/coreutils";

import type { TrackClient } from "../client";

/** The tracking service in this Jupyter server. */
export interface ITrackService {
  readonly client: TrackClient;
  /** Return the address from which a browser downloads an artifact. */
  artifactUrl(runId: string, path: string): string;
}

export const ITrackService = new Token<ITrackService>(
  "jupyter-track:ITrackService",
  "The tracking service in this Jupyter server: experiments, runs, artifacts, registered models.",
);

/** Opens the artifacts of runs. */
export interface IArtifactOpener {
  /** Show an artifact as a document, or download it if it is none that can be shown. */
  open(runId: string, path: string): Promise<void>;
}

export const IArtifactOpener = new Token<IArtifactOpener>(
  "jupyter-track:IArtifactOpener",
  "Opens the artifacts of runs, their notebook snapshots among them, as read-only documents.",
);

/** A run of a notebook that is open here has started, grown or ended. */
export interface IRunChange {
  readonly runId: string;
  readonly status: string;
}

export interface IRunChanges {
  readonly changed: ISignal<IRunChanges, IRunChange>;
}

export const IRunChanges = new Token<IRunChanges>(
  "jupyter-track:IRunChanges",
  "Tells when a run of a notebook that is open here has changed, as its kernel says.",
);
