/** The channels to the kernels of all notebooks that are open. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { Signal } from "@lumino/signaling";

import { serveNotebook } from "./channel";
import { type IRunChange, IRunChanges } from "./tokens";

class RunChanges implements IRunChanges {
  readonly changed: Signal<IRunChanges, IRunChange> = new Signal(this);
}

export const kernelsPlugin: JupyterFrontEndPlugin<IRunChanges> = {
  id: "jupyter-track:kernels",
  description: "Hears from the kernels of open notebooks of their runs, and gives them snapshots.",
  autoStart: true,
  optional: [INotebookTracker],
  provides: IRunChanges,
  activate: (_, notebooks: INotebookTracker | null) => {
    const changes = new RunChanges();
    const serve = (panel: NotebookPanel): void => {
      const served = serveNotebook(panel, (change) => changes.changed.emit(change));
      panel.disposed.connect(() => served.dispose());
    };
    notebooks?.forEach(serve);
    notebooks?.widgetAdded.connect((_, panel) => serve(panel));
    return changes;
  },
};
