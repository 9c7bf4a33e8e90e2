/** A tracking service in memory that speaks the wire's JSON, as far as the UI asks. */

import type { SendRequest } from "../src/client";

type Json = Record<string, unknown>;

export interface FakeRun {
  id: string;
  name?: string;
  status?: string;
  start?: number;
  end?: number;
  experiment?: string;
  metrics?: Record<string, number | string>;
  params?: Record<string, string>;
  tags?: Record<string, string>;
  /** Values of metrics before the last one, which is in `metrics`. */
  history?: Record<string, (number | string)[]>;
  /** Contents by path. */
  artifacts?: Record<string, string>;
  /** Datasets, as the wire has them. */
  inputs?: Json[];
}

interface FakeVersion {
  version: number;
  runId: string;
  stage?: string;
}

export interface FakeModel {
  versions: FakeVersion[];
  aliases: Record<string, number>;
}

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class FakeServer {
  experiments: Record<string, string> = { "0": "Default" };
  runs: FakeRun[] = [];
  models = new Map<string, FakeModel>();
  /** While it is down, nothing is answered. */
  isDown = false;
  /** Every request: method, path and query, and the body. */
  readonly requests: { method: string; path: string; body: Json }[] = [];

  readonly send: SendRequest = (path, init) => {
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as Json) : {};
    const method = init.method ?? "GET";
    this.requests.push({ method, path, body });
    if (this.isDown) {
      return Promise.reject(new TypeError("Failed to fetch"));
    }
    try {
      const [route = "", query = ""] = path.replace("api/2.0/mlflow/", "").split("?");
      const answer = this.answer(method, route, new URLSearchParams(query), body);
      return Promise.resolve(
        new Response(typeof answer === "string" ? answer : JSON.stringify(answer)),
      );
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      const { status, code, message } = error;
      return Promise.resolve(
        new Response(JSON.stringify({ error_code: code, message }), { status }),
      );
    }
  };

  private answer(method: string, route: string, query: URLSearchParams, body: Json): Json | string {
    const field = (name: string): string => query.get(name) ?? "";
    switch (`${method} ${route}`) {
      case "POST experiments/search":
        return {
          experiments: Object.entries(this.experiments).map(([experiment_id, name]) => ({
            experiment_id,
            name,
          })),
        };
      case "GET experiments/get": {
        const experiment_id = field("experiment_id");
        return { experiment: { experiment_id, name: this.experiments[experiment_id] } };
      }
      case "POST runs/search":
        return this.searchRuns(body);
      case "GET runs/get":
        return { run: wireRun(this.run(field("run_id"))) };
      case "GET metrics/get-history-bulk-interval":
        return { metrics: wireHistory(this.run(field("run_ids")), field("metric_key")) };
      case "GET artifacts/list":
        return { files: listing(this.run(field("run_id")), field("path")) };
      case "GET get-artifact":
        return this.run(field("run_id")).artifacts?.[field("path")] ?? "";
      case "GET registered-models/search":
        return {
          registered_models: [...this.models].map(([name, model]) => wireModel(name, model)),
        };
      case "GET model-versions/search": {
        const name = /^name = '(.*)'$/.exec(field("filter"))?.[1] ?? "";
        return { model_versions: wireVersions(name, this.model(name)) };
      }
      case "POST registered-models/create": {
        const name = String(body["name"]);
        if (this.models.has(name)) {
          throw new Refused(400, "RESOURCE_ALREADY_EXISTS", `There is a model ${name} already.`);
        }
        this.models.set(name, { versions: [], aliases: {} });
        return {};
      }
      case "POST model-versions/create": {
        const name = String(body["name"]);
        const { versions } = this.model(name);
        versions.push({ version: versions.length + 1, runId: String(body["run_id"]) });
        return { model_version: wireVersions(name, this.model(name)).at(-1) };
      }
      case "POST registered-models/alias": {
        const alias = String(body["alias"]);
        if (alias === "latest") {
          throw new Refused(400, "INVALID_PARAMETER_VALUE", "Invalid alias 'latest'.");
        }
        this.model(String(body["name"])).aliases[alias] = Number(body["version"]);
        return {};
      }
      case "DELETE registered-models/alias": {
        const model = this.model(String(body["name"]));
        const { [String(body["alias"])]: removed, ...left } = model.aliases;
        model.aliases = left;
        return {};
      }
      default:
        throw new Refused(404, "ENDPOINT_NOT_FOUND", `There is no endpoint ${method} ${route}.`);
    }
  }

  private searchRuns(body: Json): Json {
    const filter = typeof body["filter"] === "string" ? body["filter"] : "";
    if (filter.includes("nonsense")) {
      throw new Refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "Cannot read the filter: nonsense.\n  nonsense\n  ^^^^^^^^",
      );
    }
    const ids = body["experiment_ids"] as string[];
    const size = Number(body["max_results"]);
    const found = this.runs
      .filter((run) => ids.includes(run.experiment ?? "0"))
      .filter((run) => matches(run, filter))
      .sort((one, other) => (other.start ?? 0) - (one.start ?? 0));
    return {
      runs: found.slice(0, size).map(wireRun),
      ...(found.length > size ? { next_page_token: "more" } : {}),
    };
  }

  private run(id: string): FakeRun {
    const run = this.runs.find((run) => run.id === id);
    if (run === undefined) {
      throw new Refused(404, "RESOURCE_DOES_NOT_EXIST", `Run with id=${id} not found`);
    }
    return run;
  }

  private model(name: string): FakeModel {
    const model = this.models.get(name);
    if (model === undefined) {
      throw new Refused(404, "RESOURCE_DOES_NOT_EXIST", `Registered Model ${name} not found`);
    }
    return model;
  }
}

/** Return an id of a run, as long as real ones are. */
export function runId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** Three filters are enough to tell that the UI sends them: by name, by ids, and by a tag. */
function matches(run: FakeRun, filter: string): boolean {
  const name = /^run_name = '(.*)'$/.exec(filter)?.[1];
  const isListed = !filter.startsWith("run_id IN") || filter.includes(run.id);
  const [, tag = "", value] = /^tags\.(\S+) = '(.*)'$/.exec(filter) ?? [];
  const isTagged = value === undefined || run.tags?.[tag] === value;
  return isListed && isTagged && (name === undefined || run.name === name);
}

function pairs(values: Record<string, string> = {}): Json[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function wireRun(run: FakeRun): Json {
  return {
    info: {
      run_id: run.id,
      run_name: run.name ?? run.id,
      experiment_id: run.experiment ?? "0",
      user_id: "ada",
      status: run.status ?? "FINISHED",
      start_time: run.start ?? 0,
      ...(run.end === undefined ? {} : { end_time: run.end }),
    },
    data: {
      metrics: Object.entries(run.metrics ?? {}).map(([key, value]) => ({
        key,
        value,
        timestamp: 1,
        step: run.history?.[key]?.length ?? 0,
      })),
      params: pairs(run.params),
      tags: pairs(run.tags),
    },
    inputs: { dataset_inputs: run.inputs ?? [] },
  };
}

function wireHistory(run: FakeRun, key: string): Json[] {
  return [...(run.history?.[key] ?? []), run.metrics?.[key] ?? "NaN"].map((value, step) => ({
    key,
    value,
    timestamp: 1,
    step,
  }));
}

function listing(run: FakeRun, folder: string): Json[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const found = new Map<string, Json>();
  for (const [path, content] of Object.entries(run.artifacts ?? {})) {
    if (path.startsWith(prefix)) {
      const [name = "", ...below] = path.slice(prefix.length).split("/");
      const is_dir = below.length > 0;
      found.set(name, {
        path: prefix + name,
        is_dir,
        ...(is_dir ? {} : { file_size: content.length }),
      });
    }
  }
  return [...found.values()];
}

function wireVersions(name: string, model: FakeModel): Json[] {
  return model.versions.map((each) => ({
    name,
    version: String(each.version),
    run_id: each.runId,
    creation_timestamp: 1,
    current_stage: each.stage ?? "None",
    aliases: Object.entries(model.aliases)
      .filter(([, version]) => version === each.version)
      .map(([alias]) => alias),
  }));
}

function wireModel(name: string, model: FakeModel): Json {
  return {
    name,
    latest_versions: wireVersions(name, model).slice(-1),
    aliases: Object.entries(model.aliases).map(([alias, version]) => ({
      alias,
      version: String(version),
    })),
  };
}
