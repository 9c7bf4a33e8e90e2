/** The channels to the kernels of all notebooks that are open. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import { PageConfig } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { Signal } from "@lumino/signaling";

import { serveNotebook } from "./channel";
import { openForKernel } from "./opening";
import { type IRunChange, IRunChanges } from "./tokens";

class RunChanges implements IRunChanges {
  readonly changed: Signal<IRunChanges, IRunChange> = new Signal(this);
}

export const kernelsPlugin: JupyterFrontEndPlugin<IRunChanges> = {
  id: "jupyter-track:kernels",
  description:
    "Hears from the kernels of open notebooks of their runs, gives them snapshots, keeps their settings in the " +
    "notebooks, and opens the notebooks that they restore.",
  autoStart: true,
  requires: [IDocumentManager],
  optional: [INotebookTracker],
  provides: IRunChanges,
  activate: (_, documents: IDocumentManager, notebooks: INotebookTracker | null) => {
    const changes = new RunChanges();
    const serve = (panel: NotebookPanel): void => {
      const served = serveNotebook(panel, {
        onRun: (change) => changes.changed.emit(change),
        onOpen: (path) =>
          void openForKernel(path, {
            documents,
            notebook: panel.context.path,
            serverRoot: PageConfig.getOption("serverRoot"),
            tell: (message) => Notification.warning(message, { autoClose: false }),
          }),
      });
      panel.disposed.connect(() => served.dispose());
    };
    notebooks?.forEach(serve);
    notebooks?.widgetAdded.connect((_, panel) => serve(panel));
    return changes;
  },
};
