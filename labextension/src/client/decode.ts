/** From what JSON holds to entities; what is missing or of another kind becomes its empty value. */

import type {
  DatasetInput,
  Experiment,
  FileInfo,
  Metric,
  ModelVersion,
  Page,
  Param,
  RegisteredModel,
  Run,
  RunStatus,
} from "./entities";

/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

const STATUSES: ReadonlySet<string> = new Set<RunStatus>([
  "RUNNING",
  "SCHEDULED",
  "FINISHED",
  "FAILED",
  "KILLED",
]);

/** Return a value if it is a JSON object, else an empty one. */
export function asJson(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** JSON has no NaN and no infinities; the wire writes them, and some servers every integer, as text. */
export function number(value: unknown): number {
  if (typeof value === "number") {
    return value;
  }
  return typeof value === "string" && value !== "" ? Number(value) : NaN;
}

function time(value: unknown): number {
  const milliseconds = number(value);
  return Number.isFinite(milliseconds) ? milliseconds : 0;
}

function pairs(value: unknown): readonly Param[] {
  return list(value).map((pair) => ({ key: text(pair["key"]), value: text(pair["value"]) }));
}

function mapping(value: unknown): ReadonlyMap<string, string> {
  return new Map(pairs(value).map((pair) => [pair.key, pair.value]));
}

export function decodePage<T>(answer: Json, key: string, decode: (item: Json) => T): Page<T> {
  return {
    items: list(answer[key]).map(decode),
    next_page_token: text(answer["next_page_token"]),
  };
}

export function decodeExperiment(experiment: Json): Experiment {
  return { experiment_id: text(experiment["experiment_id"]), name: text(experiment["name"]) };
}

export function decodeMetric(metric: Json): Metric {
  return {
    key: text(metric["key"]),
    value: number(metric["value"]),
    timestamp: time(metric["timestamp"]),
    step: time(metric["step"]),
  };
}

export function decodeRun(run: Json): Run {
  const info = asJson(run["info"]);
  const data = asJson(run["data"]);
  const status = text(info["status"]);
  const end = time(info["end_time"]);
  return {
    run_id: text(info["run_id"]),
    run_name: text(info["run_name"]),
    experiment_id: text(info["experiment_id"]),
    user_id: text(info["user_id"]),
    // A state of a newer server is one that this client does not know to be final.
    status: STATUSES.has(status) ? (status as RunStatus) : "SCHEDULED",
    start_time: time(info["start_time"]),
    end_time: end || null,
    metrics: list(data["metrics"]).map(decodeMetric),
    params: pairs(data["params"]),
    tags: mapping(data["tags"]),
    inputs: list(asJson(run["inputs"])["dataset_inputs"]).map(decodeInput),
  };
}

function decodeInput(input: Json): DatasetInput {
  const dataset = asJson(input["dataset"]);
  return {
    name: text(dataset["name"]),
    digest: text(dataset["digest"]),
    source_type: text(dataset["source_type"]),
    schema: text(dataset["schema"]),
    profile: text(dataset["profile"]),
    context: mapping(input["tags"]).get("mlflow.data.context") ?? "",
  };
}

export function decodeFile(file: Json): FileInfo {
  const size = number(file["file_size"]);
  return {
    path: text(file["path"]),
    is_dir: file["is_dir"] === true,
    file_size: Number.isFinite(size) ? size : null,
  };
}

export function decodeModelVersion(version: Json): ModelVersion {
  const aliases = version["aliases"];
  return {
    name: text(version["name"]),
    version: text(version["version"]),
    creation_timestamp: time(version["creation_timestamp"]),
    current_stage: text(version["current_stage"]),
    description: text(version["description"]),
    source: text(version["source"]),
    run_id: text(version["run_id"]),
    status: text(version["status"]),
    aliases: Array.isArray(aliases) ? aliases.map(text) : [],
  };
}

export function decodeRegisteredModel(model: Json): RegisteredModel {
  return {
    name: text(model["name"]),
    last_updated_timestamp: time(model["last_updated_timestamp"]),
    description: text(model["description"]),
    aliases: new Map(
      list(model["aliases"]).map((each) => [text(each["alias"]), text(each["version"])]),
    ),
    latest_versions: list(model["latest_versions"]).map(decodeModelVersion),
  };
}
