/** How the values of a run were captured, as the run itself keeps it: `track/capture.json`, one for each cell. */

import type { TrackClient } from "./client";
import { asJson, type Json, list, number, text } from "./decode";
import { TrackError, UNREADABLE } from "./errors";

const CAPTURE_FOLDER = "track";
const CAPTURE_FILE = `${CAPTURE_FOLDER}/capture.json`;
/** The files of each cell, where several have shared a run. */
const CELLS_FOLDER = "cells";

/** Bytes of one record that a page had better not take apart. */
const MAX_RECORD = 5_000_000;

/** A param or metric: `line` counts from 1 in the cell, 0 if it is of none; `points` is 1 for a single value. */
export interface CapturedValue {
  readonly key: string;
  readonly value: string | number;
  readonly points: number;
  readonly rule: string;
  readonly line: number;
  readonly expression: string;
  /** What the cell sets the same name to later on. */
  readonly later: readonly { readonly line: number; readonly value: string }[];
}

/** What looked like a param or metric, and was left out. */
export interface LeftOut {
  readonly key: string;
  readonly rule: string;
  readonly line: number;
  readonly reason: string;
}

/** What one cell has brought; `cell` is its place in the run, empty if it is the only one. */
export interface CapturedCell {
  readonly cell: string;
  readonly params: readonly CapturedValue[];
  readonly metrics: readonly CapturedValue[];
  readonly leftOut: readonly LeftOut[];
}

/** Return what is known of each cell of a run; nothing of a run that was logged by hand. */
export async function loadCapture(
  client: TrackClient,
  runId: string,
): Promise<readonly CapturedCell[]> {
  const cells = (await client.listArtifacts(runId, CELLS_FOLDER)).filter((file) => file.is_dir);
  const folders = cells
    .map((file) => file.path)
    .sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  const found: CapturedCell[] = [];
  // One after the other: a run of many cells leaves the browser's few connections to others.
  for (const folder of ["", ...folders.map((path) => `${path}/`)]) {
    const record = await readRecord(client, runId, folder);
    if (record !== null) {
      found.push(decodeCell(folder.split("/").at(-2) ?? "", record));
    }
  }
  return found;
}

async function readRecord(
  client: TrackClient,
  runId: string,
  folder: string,
): Promise<Json | null> {
  const path = folder + CAPTURE_FILE;
  const files = await client.listArtifacts(runId, folder + CAPTURE_FOLDER);
  const file = files.find((each) => each.path === path);
  if (file === undefined) {
    return null;
  }
  if ((file.file_size ?? 0) > MAX_RECORD) {
    throw new TrackError(UNREADABLE, `${path} is too large for this table: open it below.`);
  }
  const record = await (await client.getArtifact(runId, path)).text();
  try {
    return asJson(JSON.parse(quoteNonFinite(record)));
  } catch {
    throw new TrackError(UNREADABLE, `${path} is not valid JSON.`);
  }
}

/** Python writes NaN and the infinities bare, which JSON does not know; each value has a line of its own. */
function quoteNonFinite(record: string): string {
  return record.replace(/^(\s*"value": )(NaN|-?Infinity)(,?)$/gm, '$1"$2"$3');
}

function decodeCell(cell: string, record: Json): CapturedCell {
  return {
    cell,
    params: list(record["params"]).map((each) => decodeValue(each, text(each["value"]))),
    metrics: list(record["metrics"]).map((each) => decodeValue(each, number(each["value"]))),
    leftOut: list(record["skipped"]).map((each) => ({
      key: text(each["key"]),
      rule: text(each["rule"]),
      line: lineOf(each["line"]),
      reason: text(each["reason"]),
    })),
  };
}

function decodeValue(entry: Json, value: string | number): CapturedValue {
  const { rules, later } = entry;
  return {
    key: text(entry["key"]),
    value,
    points: number(entry["points"]) || 1,
    rule:
      Array.isArray(rules) && rules.length > 0 ? rules.map(text).join(" + ") : text(entry["rule"]),
    line: lineOf(entry["line"]),
    expression: text(entry["expression"]),
    later: (Array.isArray(later) ? later : [])
      .filter(Array.isArray)
      .map((each: readonly unknown[]) => ({ line: lineOf(each[0]), value: text(each[1]) })),
  };
}

function lineOf(value: unknown): number {
  const line = number(value);
  return Number.isInteger(line) ? line : 0;
}
