/** Why a run has failed, as the run itself keeps it. */

import type { TrackClient } from "./client";

const ERROR_FOLDER = "error";
export const TRACEBACK_FILE = `${ERROR_FOLDER}/traceback.txt`;

/** Bytes of a traceback that are worth asking for only to read its last line. */
const MAX_TRACEBACK = 1_000_000;

/** The line of a traceback that names the exception: not indented, a dotted name, and mostly what it says. */
const EXCEPTION = /^[A-Za-z_][\w.]*(: .*)?$/;

/** Return the exception that ended a run and what it says; empty if the run kept none. */
export async function loadFailure(client: TrackClient, runId: string): Promise<string> {
  const files = await client.listArtifacts(runId, ERROR_FOLDER);
  const file = files.find((each) => each.path === TRACEBACK_FILE);
  if (file === undefined || (file.file_size ?? 0) > MAX_TRACEBACK) {
    return "";
  }
  const traceback = await (await client.getArtifact(runId, TRACEBACK_FILE)).text();
  const lines = traceback.split("\n").filter((line) => line.trim() !== "");
  return lines.reverse().find((line) => EXCEPTION.test(line)) ?? lines[0] ?? "";
}
