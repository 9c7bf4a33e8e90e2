/** Registering what a run has made: several requests that belong together. */

import type { TrackClient } from "./client";
import type { ModelVersion } from "./entities";
import { TrackError } from "./errors";

/** Where a run keeps its model, and the file that says that it is one. */
export const MODEL_FOLDER = "model";
export const MODEL_FILE = `${MODEL_FOLDER}/MLmodel`;

/** Add a run's model as the next version of a registered model, which need not be there yet. */
export async function registerModel(
  client: TrackClient,
  name: string,
  runId: string,
): Promise<ModelVersion> {
  try {
    await client.createRegisteredModel(name);
  } catch (error) {
    if (!(error instanceof TrackError && error.errorCode === "RESOURCE_ALREADY_EXISTS")) {
      throw error;
    }
  }
  return client.createModelVersion(name, `runs:/${runId}/${MODEL_FOLDER}`, runId);
}
