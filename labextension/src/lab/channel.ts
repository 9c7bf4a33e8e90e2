/**
 * The front end's end of the channel between a kernel and the notebook that it runs.
 *
 * The kernel opens it, tells that a run has changed, and asks for the notebook as the person sees it. It has the
 * notebook's metadata keep what the person says of the capture, and asks for another notebook to be opened.
 */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { DisposableDelegate, type IDisposable } from "@lumino/disposable";

import { asSettings, type CaptureSettings } from "./settings";
import { SettingsLink } from "./settingsLink";
import { cellSettled } from "./settled";
import type { IRunChange } from "./tokens";
import { withoutTrust } from "./trust";

/** The kernel opens its channels under this name. */
const TARGET = "jupyter_track";

/**
 * Bytes of JSON. Jupyter's server takes messages of at most 10 MB and closes the connection to the kernel at a
 * longer one; a kernel that gets no answer keeps the file on disk as the snapshot.
 */
const MAX_ANSWER = 9_000_000;

const RUN_ID = /^[0-9a-f]{32}$/;

/** What the kernel says. */
type Question =
  | { readonly type: "run"; readonly run_id: string; readonly status: string }
  | { readonly type: "snapshot"; readonly run_id: string }
  | { readonly type: "settings"; readonly settings: CaptureSettings }
  | { readonly type: "open"; readonly path: string };

/** What comes of what the kernel says. */
export interface Listener {
  /** A run has changed. */
  readonly onRun: (change: IRunChange) => void;
  /** The person has asked, in a cell, for the notebook at a path of the kernel's machine. */
  readonly onOpen: (path: string) => void;
}

/** Serve whatever kernel a notebook has, now and later. */
export function serveNotebook(panel: NotebookPanel, listener: Listener): IDisposable {
  const { sessionContext } = panel;
  let served: IDisposable | null = null;
  const serve = (): void => {
    served?.dispose();
    const kernel = sessionContext.session?.kernel;
    served = kernel ? serveKernel(kernel, panel, listener) : null;
  };
  serve();
  sessionContext.kernelChanged.connect(serve);
  return new DisposableDelegate(() => {
    sessionContext.kernelChanged.disconnect(serve);
    served?.dispose();
  });
}

function serveKernel(
  kernel: Kernel.IKernelConnection,
  panel: NotebookPanel,
  listener: Listener,
): IDisposable {
  const link = new SettingsLink(panel.context);
  const receive = (comm: Kernel.IComm, message: KernelMessage.ICommMsgMsg): void => {
    const question = asQuestion(message.content.data);
    switch (question?.type) {
      case "run":
        listener.onRun({ runId: question.run_id, status: question.status });
        break;
      case "snapshot":
        // Not awaited: the kernel's further messages, which end the cell, wait for the end of this one.
        void answer(kernel, comm, panel, question.run_id, message.parent_header);
        break;
      case "settings":
        link.keep(question.settings);
        break;
      case "open":
        // Other pages may have the notebook too; in them nobody has asked for anything.
        if (isFrom(message.parent_header, kernel.clientId)) {
          listener.onOpen(question.path);
        }
        break;
    }
  };
  const listen = (comm: Kernel.IComm): void => {
    comm.onMsg = (message) => receive(comm, message);
    link.add(comm);
  };
  const adopt = (id: string): Kernel.IComm | null => {
    if (kernel.isDisposed || !kernel.handleComms || kernel.hasComm(id)) {
      return null;
    }
    const comm = kernel.createComm(TARGET, id);
    listen(comm);
    return comm;
  };
  // A channel that the kernel opened before this page was there, or while another was: there was nobody to
  // take it. A kernel that is busy does not answer yet which channels it has, so until then it is known by
  // what it says of runs, which nobody else says.
  const overhear = (_: unknown, message: KernelMessage.IIOPubMessage): void => {
    if (message.header.msg_type !== "comm_msg") {
      return;
    }
    const { comm_id: id, data } = message.content as KernelMessage.ICommMsgMsg["content"];
    const question = asQuestion(data);
    if (question?.type === "run" || question?.type === "snapshot") {
      const comm = adopt(id);
      if (comm !== null) {
        receive(comm, message as KernelMessage.ICommMsgMsg);
      }
    }
  };
  kernel.registerCommTarget(TARGET, listen);
  kernel.iopubMessage.connect(overhear);
  void openChannels(kernel).then((ids) => ids.forEach(adopt));
  return new DisposableDelegate(() => {
    link.dispose();
    kernel.iopubMessage.disconnect(overhear);
    if (!kernel.isDisposed) {
      kernel.removeCommTarget(TARGET, listen);
    }
  });
}

/** Ask a kernel which channels it has opened. */
async function openChannels(kernel: Kernel.IKernelConnection): Promise<readonly string[]> {
  if (!kernel.handleComms) {
    return [];
  }
  try {
    const { content } = await kernel.requestCommInfo({ target_name: TARGET });
    return content.status === "ok" ? Object.keys(content.comms) : [];
  } catch {
    return []; // The kernel went away before it could answer.
  }
}

/** Send the notebook, once the outputs of the cell that has just ended are in it. */
async function answer(
  kernel: Kernel.IKernelConnection,
  comm: Kernel.IComm,
  panel: NotebookPanel,
  runId: string,
  request: KernelMessage.IIOPubMessage["parent_header"],
): Promise<void> {
  try {
    await cellSettled(kernel, request);
    const notebook = panel.isDisposed ? undefined : panel.model?.toJSON();
    if (notebook === undefined || comm.isDisposed || kernel.isDisposed) {
      return;
    }
    const said = {
      type: "snapshot",
      run_id: runId,
      path: panel.context.path,
      notebook: withoutTrust(notebook as JSONObject),
    };
    if (new Blob([JSON.stringify(said)]).size <= MAX_ANSWER) {
      comm.send(said);
    }
  } catch (error) {
    console.warn("jupyter-track: the notebook could not be sent to its kernel.", error);
  }
}

function asQuestion(data: unknown): Question | null {
  const { type, run_id, status, settings, path } = (data ?? {}) as Partial<Record<string, unknown>>;
  switch (type) {
    case "run":
      return isRunId(run_id) && typeof status === "string" ? { type, run_id, status } : null;
    case "snapshot":
      return isRunId(run_id) ? { type, run_id } : null;
    case "settings": {
      const said = asSettings(settings);
      return said === null ? null : { type, settings: said };
    }
    case "open":
      return typeof path === "string" ? { type, path } : null;
    default:
      return null;
  }
}

function isRunId(value: unknown): value is string {
  return typeof value === "string" && RUN_ID.test(value);
}

function isFrom(request: KernelMessage.IIOPubMessage["parent_header"], session: string): boolean {
  return "session" in request && request.session === session;
}
