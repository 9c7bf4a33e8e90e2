/** What a notebook has only while it is open. */

import type { JSONObject } from "@lumino/coreutils";

/**
 * Return a notebook without the marks of trust in its cells.
 *
 * They say that the person who has it open has run these cells; whoever opens it next has not, and what such
 * a cell puts out may hold scripts. Jupyter's server takes them out too when it saves a notebook.
 */
export function withoutTrust(notebook: JSONObject): JSONObject {
  const { cells } = notebook;
  return Array.isArray(cells) ? { ...notebook, cells: cells.map(cellWithoutTrust) } : notebook;
}

function cellWithoutTrust(cell: JSONObject[string]): JSONObject[string] {
  if (!isObject(cell) || !isObject(cell["metadata"])) {
    return cell;
  }
  const { trusted, ...metadata } = cell["metadata"];
  return { ...cell, metadata };
}

function isObject(value: JSONObject[string] | undefined): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
