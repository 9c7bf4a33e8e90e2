/** Opening a notebook that a kernel has written, which names it by its place on its own machine. */

import type { IDocumentManager } from "@jupyterlab/docmanager";

import { contentsPath, pathBesideNotebook } from "./paths";

export interface Opening {
  readonly documents: Pick<IDocumentManager, "openOrReveal" | "services">;
  /** The kernel's notebook, relative to the server's root. */
  readonly notebook: string;
  /** The folder that the server serves, as it names it to pages. */
  readonly serverRoot: string;
  /** Shows the person a line of text. */
  readonly tell: (message: string) => void;
}

/** Open a notebook if it is in the folder that the server serves; else say where it is. */
export async function openForKernel(place: string, opening: Opening): Promise<void> {
  const { documents, notebook, serverRoot, tell } = opening;
  const path = place.startsWith("/")
    ? (contentsPath(place, serverRoot) ?? pathBesideNotebook(place, notebook, serverRoot))
    : null;
  try {
    if (path !== null) {
      await documents.services.contents.get(path, { content: false });
      documents.openOrReveal(path);
      return;
    }
  } catch {
    // It is not where it seemed to be: told as below.
  }
  tell(`This page cannot open the notebook. It is at ${place}`);
}
