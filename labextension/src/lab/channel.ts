/**
 * The front end's end of the channel between a kernel and the notebook that it runs.
 *
 * The kernel opens it, tells that a run has changed, and asks for the notebook as the person sees it.
 */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { DisposableDelegate, type IDisposable } from "@lumino/disposable";

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
  | { readonly type: "snapshot"; readonly run_id: string };

/**
 * Serve whatever kernel a notebook has, now and later.
 *
 * @param onRun - Called when the kernel says that a run has changed.
 */
export function serveNotebook(
  panel: NotebookPanel,
  onRun: (change: IRunChange) => void,
): IDisposable {
  const { sessionContext } = panel;
  let served: IDisposable | null = null;
  const serve = (): void => {
    served?.dispose();
    const kernel = sessionContext.session?.kernel;
    served = kernel ? serveKernel(kernel, panel, onRun) : null;
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
  onRun: (change: IRunChange) => void,
): IDisposable {
  const receive = (comm: Kernel.IComm, message: KernelMessage.ICommMsgMsg): void => {
    const question = asQuestion(message.content.data);
    if (question?.type === "run") {
      onRun({ runId: question.run_id, status: question.status });
    } else if (question?.type === "snapshot") {
      // Not awaited: the kernel's further messages, which end the cell, wait for the end of this one.
      void answer(kernel, comm, panel, question.run_id, message.parent_header);
    }
  };
  const listen = (comm: Kernel.IComm): void => {
    comm.onMsg = (message) => receive(comm, message);
  };
  // A channel that the kernel opened before this page was there, or while another was: there was nobody to
  // take it. A kernel that is busy would not answer the question which channels it has, so it is known by
  // what it says.
  const adopt = (_: unknown, message: KernelMessage.IIOPubMessage): void => {
    if (message.header.msg_type !== "comm_msg" || kernel.isDisposed) {
      return;
    }
    const { comm_id: id, data } = message.content as KernelMessage.ICommMsgMsg["content"];
    if (!kernel.handleComms || kernel.hasComm(id) || asQuestion(data) === null) {
      return;
    }
    const comm = kernel.createComm(TARGET, id);
    listen(comm);
    receive(comm, message as KernelMessage.ICommMsgMsg);
  };
  kernel.registerCommTarget(TARGET, listen);
  kernel.iopubMessage.connect(adopt);
  return new DisposableDelegate(() => {
    kernel.iopubMessage.disconnect(adopt);
    if (!kernel.isDisposed) {
      kernel.removeCommTarget(TARGET, listen);
    }
  });
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
  const { type, run_id, status } = (data ?? {}) as Partial<Record<string, unknown>>;
  if (typeof run_id !== "string" || !RUN_ID.test(run_id)) {
    return null;
  }
  if (type === "run" && typeof status === "string") {
    return { type, run_id, status };
  }
  return type === "snapshot" ? { type, run_id } : null;
}
