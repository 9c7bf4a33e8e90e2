/**
 * Experiments, runs and registered models, under MLflow's names.
 *
 * Field names are those of MLflow's JSON. What the wire leaves out when it is empty is here an empty
 * list, map or text, and every number is a number, NaN and the infinities included.
 */

/** The states of a run; all but the first two are final. */
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** A named group of runs; in a notebook, by default, the notebook. */
export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
}

/** One point of a metric; `timestamp` in milliseconds since the epoch. */
export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** One parameter. */
export interface Param {
  readonly key: string;
  readonly value: string;
}

/**
 * Data that a run has read.
 *
 * `schema` and `profile` are JSON, of which each kind of dataset has its own; `context` says what for: training,
 * evaluation.
 */
export interface DatasetInput {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly schema: string;
  readonly profile: string;
  readonly context: string;
}

/**
 * A run with its latest metrics, its params, its tags and the data that it has read.
 *
 * Times are milliseconds since the epoch; `end_time` is null while the run goes on.
 */
export interface Run {
  readonly run_id: string;
  readonly run_name: string;
  readonly experiment_id: string;
  readonly user_id: string;
  readonly status: RunStatus;
  readonly start_time: number;
  readonly end_time: number | null;
  readonly metrics: readonly Metric[];
  readonly params: readonly Param[];
  readonly tags: ReadonlyMap<string, string>;
  readonly inputs: readonly DatasetInput[];
}

/** A file or folder among a run's artifacts; `path` starts at the root of the artifacts. */
export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size: number | null;
}

/** One version of a registered model; `version` is a decimal number, as a text. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly creation_timestamp: number;
  readonly current_stage: string;
  readonly description: string;
  readonly source: string;
  readonly run_id: string;
  readonly status: string;
  readonly aliases: readonly string[];
}

/** A name under which versions are kept; `aliases` maps an alias to the version it points to. */
export interface RegisteredModel {
  readonly name: string;
  readonly last_updated_timestamp: number;
  readonly description: string;
  readonly aliases: ReadonlyMap<string, string>;
  readonly latest_versions: readonly ModelVersion[];
}

/** One page of a search, and the token that asks for the next; empty on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_page_token: string;
}

/** Whether a run in this state has not ended. */
export function isUnderWay(status: RunStatus): boolean {
  return status === "RUNNING" || status === "SCHEDULED";
}
