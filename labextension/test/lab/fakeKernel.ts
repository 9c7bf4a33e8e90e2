/** A kernel connection as far as the channel uses one, and the notebook that it runs. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";

type OnMessage = (message: KernelMessage.ICommMsgMsg) => void;

export class FakeComm {
  onMsg: OnMessage = () => undefined;
  isDisposed = false;
  readonly sent: unknown[] = [];

  constructor(readonly commId: string) {}

  send(data: unknown): void {
    this.sent.push(data);
  }
}

export class FakeKernel {
  readonly clientId = "this page";
  isDisposed = false;
  handleComms = true;
  readonly comms = new Map<string, FakeComm>();
  readonly targets = new Map<string, (comm: FakeComm) => void>();
  readonly iopubMessage = new Signal<this, KernelMessage.IIOPubMessage>(this);
  readonly anyMessage = new Signal<this, Kernel.IAnyMessageArgs>(this);
  readonly disposed = new Signal<this, undefined>(this);
  /** Channels that were opened before the page was there. */
  readonly older: string[] = [];

  requestCommInfo({ target_name }: { target_name: string }): Promise<unknown> {
    const comms = target_name === "jupyter_track" ? this.older : [];
    const content = { status: "ok", comms: Object.fromEntries(comms.map((id) => [id, {}])) };
    return Promise.resolve({ content });
  }

  registerCommTarget(name: string, callback: (comm: FakeComm) => void): void {
    this.targets.set(name, callback);
  }

  removeCommTarget(name: string): void {
    this.targets.delete(name);
  }

  hasComm(id: string): boolean {
    return this.comms.has(id);
  }

  createComm(_: string, id: string): FakeComm {
    const comm = new FakeComm(id);
    this.comms.set(id, comm);
    return comm;
  }

  // -- what the kernel does

  /** Open a channel, as `%load_ext` does. */
  open(id: string): FakeComm {
    const comm = this.createComm("", id);
    this.targets.get("jupyter_track")?.(comm);
    return comm;
  }

  /** Say something on a channel while a cell runs. */
  say(id: string, data: unknown, session = this.clientId): void {
    const message = this.message("comm_msg", { comm_id: id, data }, session);
    this.comms.get(id)?.onMsg(message as unknown as KernelMessage.ICommMsgMsg);
    this.iopubMessage.emit(message);
  }

  /** Answer the request that made the cell run. */
  reply(): void {
    const msg = this.message("execute_reply", {}) as unknown as KernelMessage.IMessage;
    this.anyMessage.emit({ msg, direction: "recv" });
  }

  /** Say that the cell has ended. */
  idle(): void {
    this.iopubMessage.emit(this.message("status", { execution_state: "idle" }));
  }

  private message(
    msg_type: string,
    content: unknown,
    session = this.clientId,
  ): KernelMessage.IIOPubMessage {
    return {
      header: { msg_type },
      parent_header: { msg_id: "request", session },
      content,
    } as unknown as KernelMessage.IIOPubMessage;
  }
}

/** The metadata of a notebook, with whatever else it holds. */
export class FakeModel {
  readonly metadataChanged = new Signal<this, undefined>(this);
  private metadata: Record<string, unknown> = {};

  getMetadata(key: string): unknown {
    return this.metadata[key];
  }

  setMetadata(key: string, value: unknown): void {
    this.metadata = { ...this.metadata, [key]: value };
    this.metadataChanged.emit(undefined);
  }

  deleteMetadata(key: string): void {
    const { [key]: deleted, ...left } = this.metadata;
    this.metadata = left;
    this.metadataChanged.emit(undefined);
  }

  get keys(): string[] {
    return Object.keys(this.metadata);
  }
}

export class FakePanel {
  isDisposed = false;
  readonly context = {
    path: "work/iris.ipynb",
    isDisposed: false,
    ready: Promise.resolve(),
    model: new FakeModel(),
  };
  notebook: unknown = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  readonly model = { toJSON: (): unknown => this.notebook };
  readonly sessionContext: {
    session: { kernel: FakeKernel } | null;
    readonly kernelChanged: Signal<FakePanel, undefined>;
  } = { session: null, kernelChanged: new Signal<FakePanel, undefined>(this) };

  change(kernel: FakeKernel): void {
    this.sessionContext.session = { kernel };
    this.sessionContext.kernelChanged.emit(undefined);
  }

  get asPanel(): NotebookPanel {
    return this as unknown as NotebookPanel;
  }
}
