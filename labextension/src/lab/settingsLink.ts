/** Keeps what a notebook's metadata say of the capture, and what its kernel goes by, the same. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";

import { areEmpty, type CaptureSettings, readSettings, writeSettings } from "./settings";

export class SettingsLink implements IDisposable {
  isDisposed = false;
  private readonly comms = new Set<Kernel.IComm>();
  /** What both sides know. */
  private known = "";

  /**
   * @param context - Of the notebook.
   */
  constructor(
    private readonly context: Pick<NotebookPanel["context"], "model" | "ready" | "isDisposed">,
  ) {
    context.model.metadataChanged.connect(this.changed);
  }

  /** Tell a kernel that has opened a channel what the notebook says. */
  add(comm: Kernel.IComm): void {
    this.comms.add(comm);
    // The notebook of a page that was loaded a moment ago may not be there yet.
    void this.context.ready.then(() => {
      if (!this.isDisposed && !this.context.isDisposed) {
        this.known = JSON.stringify(readSettings(this.context.model));
        this.say(comm);
      }
    });
  }

  /** Write into the metadata what the kernel says; the person saves it with the notebook. */
  keep(settings: CaptureSettings): void {
    if (!this.context.isDisposed) {
      // Known beforehand, so that the change is not said back to the kernel.
      this.known = JSON.stringify(areEmpty(settings) ? {} : settings);
      writeSettings(this.context.model, settings);
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.comms.clear();
    if (!this.context.isDisposed) {
      this.context.model.metadataChanged.disconnect(this.changed);
    }
  }

  /** The person, or whoever edits the notebook with them, may have changed the entry by hand. */
  private readonly changed = (): void => {
    const present = JSON.stringify(readSettings(this.context.model));
    if (present !== this.known) {
      this.known = present;
      this.comms.forEach((comm) => this.say(comm));
    }
  };

  private say(comm: Kernel.IComm): void {
    if (comm.isDisposed) {
      this.comms.delete(comm);
      return;
    }
    try {
      comm.send({ type: "settings", settings: readSettings(this.context.model) });
    } catch (error) {
      console.warn(
        "jupyter-track: the kernel could not be told of the notebook's settings.",
        error,
      );
    }
  }
}
