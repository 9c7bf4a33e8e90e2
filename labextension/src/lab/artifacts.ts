/** Artifacts as documents of Jupyter: read-only, and without a kernel. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PathExt } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { ToolbarButton } from "@jupyterlab/ui-components";

import type { TrackClient } from "../client";
import { CommandIDs } from "./commands";
import { ArtifactDrive, DRIVE_NAME, drivePath, parseDrivePath } from "./drive";
import { trackIcon } from "./icon";
import { IArtifactOpener, ITrackService } from "./tokens";

/** Text files that have no extension which tells so. */
const TEXT_NAMES = new Set(["MLmodel", "MLproject", "Dockerfile", "LICENSE"]);

/** Bytes beyond which a browser tab had better not show a file. */
const MAX_SHOWN = 50_000_000;

type ShowRun = (runId: string) => void;

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
        presentSnapshot(panel, service.client, (run_id) => {
          void app.commands.execute(CommandIDs.openRun, { run_id });
        });
      }
    });
    return new ArtifactOpener(documents, service);
  },
};

/** Let a snapshot start no kernel, and say which run it is of: its tab can only show the name of its file. */
function presentSnapshot(panel: NotebookPanel, client: TrackClient, showRun: ShowRun): void {
  const { context } = panel;
  context.sessionContext.kernelPreference = {
    ...context.sessionContext.kernelPreference,
    shouldStart: false,
    canStart: false,
    autoStartDefault: false,
  };
  const { runId } = parseDrivePath(context.path);
  Promise.all([client.getRun(runId), context.ready])
    .then(([run]) => {
      if (!panel.isDisposed) {
        const button = new ToolbarButton({
          className: "jt-SnapshotRun",
          icon: trackIcon,
          label: run.run_name,
          tooltip: `Snapshot of the run ${run.run_name}. Click to show the run`,
          onClick: () => showRun(runId),
        });
        panel.toolbar.insertBefore("kernelName", "jupyter-track:run", button);
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
