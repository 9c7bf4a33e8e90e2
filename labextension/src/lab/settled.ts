/** When a cell that has ended in the kernel has ended on the screen too. */

import type { Kernel, KernelMessage } from "@jupyterlab/services";

/** Milliseconds; after these, what is there has to do. */
const PATIENCE = 3000;

type Request = KernelMessage.IIOPubMessage["parent_header"];

/**
 * Wait until the outputs and the execution count of a cell are in the notebook's model.
 *
 * A kernel says on one channel, in order, what a cell puts out and then that it is idle, and on another, at about
 * the same time, how the execution ended. Jupyter handles what was said before it tells of "idle"; the
 * execution count comes with the reply, which only the page that asked for the execution gets.
 *
 * @param request - What made the kernel run the cell.
 */
export async function cellSettled(
  kernel: Kernel.IKernelConnection,
  request: Request,
): Promise<void> {
  const id = "msg_id" in request ? request.msg_id : "";
  const awaited = new Set(["idle"]);
  if ("session" in request && request.session === kernel.clientId) {
    awaited.add("reply");
  }
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      kernel.iopubMessage.disconnect(onIOPub);
      kernel.anyMessage.disconnect(onAny);
      kernel.disposed.disconnect(end);
      resolve();
    };
    const happened = (what: string): void => {
      awaited.delete(what);
      if (awaited.size === 0) {
        end();
      }
    };
    const onIOPub = (_: unknown, message: KernelMessage.IIOPubMessage): void => {
      if (isOf(message, id, "status") && "execution_state" in message.content) {
        if (message.content.execution_state === "idle") {
          happened("idle");
        }
      }
    };
    const onAny = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
      if (direction === "recv" && isOf(msg, id, "execute_reply")) {
        happened("reply");
      }
    };
    const timer = setTimeout(end, PATIENCE);
    kernel.iopubMessage.connect(onIOPub);
    kernel.anyMessage.connect(onAny);
    kernel.disposed.connect(end);
  });
  // Whoever executed the cell hears of its end in promises that are fulfilled now.
  await new Promise((resolve) => setTimeout(resolve));
}

function isOf(message: KernelMessage.IMessage, request: string, type: string): boolean {
  const { parent_header: parent, header } = message;
  return header.msg_type === type && "msg_id" in parent && parent.msg_id === request;
}
