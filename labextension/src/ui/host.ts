/** What the UI asks of the program that it is shown in. */

import type { Run } from "../client";

export interface Host {
  /** Show the notebook as it was when the run ended. */
  openSnapshot(runId: string): Promise<void>;

  /**
   * Write the notebook as it was when the run ended as a new file, never over another one, and show it.
   *
   * Fulfilled with the path of the file.
   */
  restoreNotebook(run: Run): Promise<string>;

  /** Show a file among the artifacts of a run, or hand it to the person as a download. */
  openArtifact(runId: string, path: string): Promise<void>;

  /** Return how to open a notebook that a run names as its source; null if the host cannot. */
  notebookOpener(source: string): (() => Promise<void>) | null;

  /** Put a text on the clipboard. */
  copyText(text: string): Promise<void>;
}

/** Where a run keeps its snapshot, relative to the root of its artifacts. */
export const SNAPSHOT_PATH = "notebook.ipynb";
