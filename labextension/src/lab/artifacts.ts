/** Artifacts as documents of Jupyter: read-only, and without a kernel. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PathExt } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";

import type { TrackClient } from "../client";
import { ArtifactDrive, DRIVE_NAME, drivePath, parseDrivePath } from "./drive";
import { IArtifactOpener, ITrackService } from "./tokens";

/** Text files that have no extension which tells so. */
const TEXT_NAMES = new Set(["MLmodel", "MLproject", "Dockerfile", "LICENSE"]);

/** Bytes beyond which a browser tab had better not show a file. */
const MAX_SHOWN = 50_000_000;

/** Opens what the document registry has a type for, and downloads the rest. */
class ArtifactOpener implements IArtifactOpener {
  constructor(
    private readonly documents: IDocumentManager,
    private readonly service: ITrackService,
  ) {}

  async open(runId: string, path: string): Promise<void> {
    // Asked first, because a document that cannot be loaded leaves a dialog and an empty tab.
    const files = await this.service.client.listArtifacts(runId, PathExt.dirname(path));
    const file = files.find((each) => each.path === path);
    if (file === undefined) {
      throw new Error(`This run has no artifact ${path}.`);
    }
    const name = PathExt.basename(path);
    const isKnown = this.documents.registry.getFileTypesForPath(path).length > 0;
    if ((isKnown || TEXT_NAMES.has(name)) && (file.file_size ?? 0) <= MAX_SHOWN) {
      this.documents.openOrReveal(drivePath(runId, path), isKnown ? "default" : "Editor");
    } else {
      download(this.service.artifactUrl(runId, path), name);
    }
  }
}

export const artifactsPlugin: JupyterFrontEndPlugin<IArtifactOpener> = {
  id: "jupyter-track:artifacts",
  description: "Opens the artifacts of runs, their notebook snapshots among them, as documents.",
  autoStart: true,
  requires: [ITrackService, IDocumentManager],
  optional: [INotebookTracker],
  provides: IArtifactOpener,
  activate: (
    app,
    service: ITrackService,
    documents: IDocumentManager,
    notebooks: INotebookTracker | null,
  ) => {
    app.serviceManager.contents.addDrive(
      new ArtifactDrive(service, app.serviceManager.serverSettings),
    );
    // However a snapshot was opened, a restored layout included.
    notebooks?.widgetAdded.connect((_, panel) => {
      if (panel.context.path.startsWith(`${DRIVE_NAME}:`)) {
        presentSnapshot(panel, service.client);
      }
    });
    return new ArtifactOpener(documents, service);
  },
};

/** Let a snapshot start no kernel, and say in its tab which run it is of. */
function presentSnapshot(panel: NotebookPanel, client: TrackClient): void {
  const { context } = panel;
  context.sessionContext.kernelPreference = {
    ...context.sessionContext.kernelPreference,
    shouldStart: false,
    canStart: false,
    autoStartDefault: false,
  };
  const { runId, path } = parseDrivePath(context.path);
  Promise.all([client.getRun(runId), context.ready])
    .then(([run]) => {
      if (!panel.isDisposed) {
        panel.title.label = `${run.run_name} – ${PathExt.basename(path)}`;
      }
    })
    .catch(() => {
      // The document itself tells that it cannot be loaded.
    });
}

function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
