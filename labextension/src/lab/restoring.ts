/** The snapshot of a run as a new notebook, which can be edited and run. */

import { PathExt } from "@jupyterlab/coreutils";
import { type Contents, ServerConnection } from "@jupyterlab/services";
import type { JSONObject, PartialJSONObject } from "@lumino/coreutils";

import type { Run } from "../client";

/** What no file may have in its name on one system or another. */
// eslint-disable-next-line no-control-regex -- control characters are among it
const UNSAFE = /[\x00-\x1f<>:"/\\|?*\x7f]+/g;
const MAX_STEM = 120;
/** Numbers that are tried behind a name that is taken. */
const MAX_NUMBER = 1_000;

type Store = Pick<Contents.IManager, "get" | "newUntitled" | "save" | "rename" | "delete">;

/**
 * Write the notebook of a run as a new file, and return its path.
 *
 * @param folder - Where; a number is added to a name that is taken.
 */
export async function restoreNotebook(
  contents: Store,
  run: Run,
  notebook: JSONObject,
  folder: string,
): Promise<string> {
  // The server makes a file under a name of its own, and gives it no name that another file has: what is
  // there is never written over, whoever writes at the same time.
  const { path } = await contents.newUntitled({ path: folder, type: "notebook" });
  try {
    await contents.save(path, {
      type: "notebook",
      format: "json",
      content: markedAsRestored(notebook, run.run_id),
    });
    return await nameIt(contents, path, PathExt.join(folder, stemFor(run)));
  } catch (error) {
    await contents.delete(path).catch(() => undefined);
    throw error;
  }
}

/** Return what the file is called: after the notebook that ran, and the run. */
export function stemFor(run: Run): string {
  const source = run.tags.get("mlflow.source.name") ?? "";
  const notebook = (source.split(/[\\/]/).at(-1) ?? "").replace(/\.ipynb$/, "");
  const stem = `${notebook || "notebook"}-${run.run_name || run.run_id.slice(0, 8)}`;
  return (
    stem
      .replace(UNSAFE, "-")
      .slice(0, MAX_STEM)
      .replace(/^[ .]+|[ .]+$/g, "") || run.run_id
  );
}

async function nameIt(contents: Store, path: string, stem: string): Promise<string> {
  for (let number = 1; number < MAX_NUMBER; number++) {
    const name = number === 1 ? `${stem}.ipynb` : `${stem}-${number}.ipynb`;
    if (await isTaken(contents, name)) {
      continue;
    }
    try {
      return (await contents.rename(path, name)).path;
    } catch (error) {
      if (statusOf(error) !== 409) {
        throw error;
      }
    }
  }
  throw new Error(`There are ${MAX_NUMBER} notebooks named ${stem} already.`);
}

async function isTaken(contents: Store, path: string): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) {
      return false;
    }
    throw error;
  }
}

function statusOf(error: unknown): number {
  return error instanceof ServerConnection.ResponseError ? error.response.status : 0;
}

function markedAsRestored(notebook: JSONObject, runId: string): PartialJSONObject {
  const metadata = asObject(notebook["metadata"]);
  const ours = { ...asObject(metadata["jupyter_track"]), restored_from: runId };
  return { ...notebook, metadata: { ...metadata, jupyter_track: ours } };
}

function asObject(value: JSONObject[string] | undefined): JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
