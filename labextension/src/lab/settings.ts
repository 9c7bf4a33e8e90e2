/** What the metadata of a notebook say of the capture of its cells: names to leave out, names to change. */

import type { INotebookModel } from "@jupyterlab/notebook";
import type { JSONObject, JSONValue } from "@lumino/coreutils";

/** The entry of a notebook's metadata that is ours, and what in it is about the capture. */
const METADATA_KEY = "jupyter_track";
const CAPTURE_KEY = "capture";

/** Names, and characters of a name, that are taken at most; a kernel that says more has gone astray. */
const MAX_NAMES = 1_000;
const MAX_NAME = 250;

/** What a person has said, once and for all; `rename` maps the name that is found to the one that is recorded. */
export interface CaptureSettings extends JSONObject {
  readonly exclude: string[];
  readonly rename: Record<string, string>;
}

/** The part of a notebook's model that is needed here. */
export type MetadataModel = Pick<INotebookModel, "getMetadata" | "setMetadata" | "deleteMetadata">;

/** Return what a kernel says if it is such settings, else null. */
export function asSettings(value: unknown): CaptureSettings | null {
  if (!isObject(value)) {
    return null;
  }
  const { exclude, rename } = value;
  if (!Array.isArray(exclude) || !exclude.every(isName) || !isObject(rename)) {
    return null;
  }
  const renamed = Object.entries(rename);
  const areNames = renamed.every(([name, other]) => isName(name) && isName(other));
  if (!areNames || exclude.length > MAX_NAMES || renamed.length > MAX_NAMES) {
    return null;
  }
  return { exclude: [...exclude], rename: Object.fromEntries(renamed) as Record<string, string> };
}

/** Whether there is nothing to keep. */
export function areEmpty({ exclude, rename }: CaptureSettings): boolean {
  return exclude.length === 0 && Object.keys(rename).length === 0;
}

/** Return what a notebook says, as it stands there: a kernel passes over what in it makes no sense. */
export function readSettings(model: MetadataModel): JSONValue {
  return ours(model)[CAPTURE_KEY] ?? {};
}

/** Let a notebook say something else; what other entries say stays, and nothing to say is no entry. */
export function writeSettings(model: MetadataModel, settings: CaptureSettings): void {
  const { [CAPTURE_KEY]: before, ...entry } = ours(model);
  if (!areEmpty(settings)) {
    entry[CAPTURE_KEY] = settings;
  } else if (before === undefined) {
    return;
  }
  if (Object.keys(entry).length > 0) {
    model.setMetadata(METADATA_KEY, entry);
  } else {
    model.deleteMetadata(METADATA_KEY);
  }
}

function ours(model: MetadataModel): JSONObject {
  const entry: unknown = model.getMetadata(METADATA_KEY);
  return isObject(entry) ? (entry as JSONObject) : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_NAME;
}
