/** Jupyter as the host of the UI. */

import { Clipboard } from "@jupyterlab/apputils";
import type { IDocumentManager } from "@jupyterlab/docmanager";

import { type Host, SNAPSHOT_PATH } from "../ui";
import { contentsPath } from "./paths";
import type { IArtifactOpener } from "./tokens";

export class JupyterHost implements Host {
  /**
   * @param serverRoot - The folder that the server serves, as it names it to pages.
   */
  constructor(
    private readonly artifacts: IArtifactOpener,
    private readonly documents: IDocumentManager,
    private readonly serverRoot: string,
  ) {}

  openSnapshot(runId: string): Promise<void> {
    return this.artifacts.open(runId, SNAPSHOT_PATH);
  }

  openArtifact(runId: string, path: string): Promise<void> {
    return this.artifacts.open(runId, path);
  }

  notebookOpener(source: string): (() => Promise<void>) | null {
    const path = contentsPath(source, this.serverRoot);
    if (path === null) {
      return null;
    }
    return async () => {
      try {
        await this.documents.services.contents.get(path, { content: false });
      } catch {
        throw new Error(`${source} is not there any more.`);
      }
      this.documents.openOrReveal(path);
    };
  }

  copyText(text: string): Promise<void> {
    Clipboard.copyToSystem(text);
    return Promise.resolve();
  }
}
