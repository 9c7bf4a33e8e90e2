/** Which runs belong to a run: what it is a part or a re-run of, and the other way round. */

import { asTrackError, equals, type Run, type TrackClient } from "../client";
import { shortId } from "./format";

/** Of the runs that are nested in one, and of its re-runs. */
const MAX_RUNS = 50;

const PARENT_TAG = "mlflow.parentRunId";
const RERUN_OF_TAG = "jupyter_track.rerun_of";
const VERDICT_RUN_TAG = "jupyter_track.reproduced.run";

/** A run that another one names; `name` is the beginning of its id if it is not there any more. */
export interface NamedRun {
  readonly run_id: string;
  readonly name: string;
}

export interface Relations {
  readonly parent: NamedRun | null;
  /** What this run has executed again. */
  readonly original: NamedRun | null;
  /** The re-run that the verdict on this one is from. */
  readonly judge: NamedRun | null;
  readonly children: readonly Run[];
  readonly reruns: readonly Run[];
}

export async function loadRelations(client: TrackClient, run: Run): Promise<Relations> {
  const named = (tag: string): Promise<NamedRun | null> => nameRun(client, run.tags.get(tag) ?? "");
  const tagged = async (tag: string): Promise<readonly Run[]> => {
    const filter = equals(`tags.${tag}`, run.run_id);
    const experimentIds = [run.experiment_id];
    return (await client.searchRuns({ experimentIds, filter, maxResults: MAX_RUNS })).items;
  };
  const [parent, original, judge, children, reruns] = await Promise.all([
    named(PARENT_TAG),
    named(RERUN_OF_TAG),
    named(VERDICT_RUN_TAG),
    tagged(PARENT_TAG),
    tagged(RERUN_OF_TAG),
  ]);
  return { parent, original, judge, children, reruns };
}

async function nameRun(client: TrackClient, run_id: string): Promise<NamedRun | null> {
  if (run_id === "") {
    return null;
  }
  try {
    return { run_id, name: (await client.getRun(run_id)).run_name };
  } catch (error) {
    if (asTrackError(error).isRefusal) {
      return { run_id, name: shortId(run_id) };
    }
    throw error;
  }
}
