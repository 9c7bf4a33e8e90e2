/** Jupyter as the host of the UI. */

import { Clipboard } from "@jupyterlab/apputils";
import { PathExt } from "@jupyterlab/coreutils";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import type { JSONObject } from "@lumino/coreutils";

import type { Run } from "../client";
import { type Host, SNAPSHOT_PATH } from "../ui";
import { drivePath } from "./drive";
import { contentsPath } from "./paths";
import { restoreNotebook } from "./restoring";
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

  async restoreNotebook(run: Run): Promise<string> {
    const { contents } = this.documents.services;
    const snapshot = await contents.get(drivePath(run.run_id, SNAPSHOT_PATH), { type: "notebook" });
    const source = contentsPath(run.tags.get("mlflow.source.name") ?? "", this.serverRoot);
    const folder = source === null ? "" : PathExt.dirname(source);
    const isThere = await contents.get(folder, { content: false }).then(
      () => true,
      () => false,
    );
    const path = await restoreNotebook(
      contents,
      run,
      snapshot.content as JSONObject,
      isThere ? folder : "",
    );
    this.documents.openOrReveal(path);
    return path;
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
