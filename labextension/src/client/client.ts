/** The tracking service, one typed method for each of its endpoints that the UI needs. */

import {
  asJson,
  decodeExperiment,
  decodeFile,
  decodeMetric,
  decodeModelVersion,
  decodePage,
  decodeRegisteredModel,
  decodeRun,
  type Json,
} from "./decode";
import type {
  Experiment,
  FileInfo,
  Metric,
  ModelVersion,
  Page,
  RegisteredModel,
  Run,
} from "./entities";
import { TrackError, UNREACHABLE } from "./errors";
import { equals, isOneOf } from "./filters";

/**
 * Sends a request.
 *
 * `path` is relative to the root of the service; who is asking, and how the request is proved to be
 * the person's own, is the knowledge of whoever provides the function.
 */
export type SendRequest = (path: string, init: RequestInit) => Promise<Response>;

/** What `TrackClient.searchRuns` looks for. */
export interface RunSearch {
  readonly experimentIds: readonly string[];
  readonly filter?: string;
  readonly maxResults: number;
  readonly pageToken?: string;
}

/** What a query string or a body holds; a list is a repeated field, and "" is left out. */
type Fields = Readonly<Record<string, string | number | readonly string[]>>;

const API = "api/2.0/mlflow/";

/** The largest pages that the service gives, where everything is wanted. */
const ALL_EXPERIMENTS = 1000;
const ALL_MODELS = 1000;

/** Points of a curve; more than one a few hundred pixels wide can show. */
export const MAX_POINTS = 1_000;

export class TrackClient {
  /**
   * @param send - How requests are sent.
   */
  constructor(private readonly send: SendRequest) {}

  /** Return every active experiment, the newest first. */
  async searchExperiments(): Promise<readonly Experiment[]> {
    return everything((page_token) =>
      this.post("experiments/search", { max_results: ALL_EXPERIMENTS, page_token }).then((answer) =>
        decodePage(answer, "experiments", decodeExperiment),
      ),
    );
  }

  /** Return one experiment, deleted ones included. */
  async getExperiment(experiment_id: string): Promise<Experiment> {
    const answer = await this.get("experiments/get", { experiment_id });
    return decodeExperiment(asJson(answer["experiment"]));
  }

  /** Return one page of runs, the newest first. */
  async searchRuns(search: RunSearch): Promise<Page<Run>> {
    if (search.experimentIds.length === 0) {
      return { items: [], next_page_token: "" };
    }
    const answer = await this.post("runs/search", {
      experiment_ids: search.experimentIds,
      filter: search.filter ?? "",
      max_results: search.maxResults,
      page_token: search.pageToken ?? "",
    });
    return decodePage(answer, "runs", decodeRun);
  }

  /** Return those of some runs that are in some experiments. */
  async findRuns(
    experimentIds: readonly string[],
    runIds: readonly string[],
  ): Promise<readonly Run[]> {
    if (runIds.length === 0) {
      return [];
    }
    const page = await this.searchRuns({
      experimentIds,
      filter: isOneOf("run_id", runIds),
      maxResults: runIds.length,
    });
    return page.items;
  }

  /** Return one run. */
  async getRun(run_id: string): Promise<Run> {
    return decodeRun(asJson((await this.get("runs/get", { run_id }))["run"]));
  }

  /**
   * Return the points by which a metric is drawn, by step: all, or of a long history about
   * `MAX_POINTS`, among which no peak is missing.
   */
  async getCurve(run_id: string, metric_key: string): Promise<readonly Metric[]> {
    const answer = await this.get("metrics/get-history-bulk-interval", {
      run_ids: [run_id],
      metric_key,
      max_results: MAX_POINTS,
    });
    return decodePage(answer, "metrics", decodeMetric).items;
  }

  /** Return what is in one folder of a run's artifacts; "" is the root. */
  async listArtifacts(run_id: string, path = ""): Promise<readonly FileInfo[]> {
    return decodePage(await this.get("artifacts/list", { run_id, path }), "files", decodeFile)
      .items;
  }

  /** Return one artifact. */
  async getArtifact(run_id: string, path: string): Promise<Response> {
    return this.ask(artifactPath(run_id, path), { method: "GET" });
  }

  /** Return every registered model, by name. */
  async searchRegisteredModels(): Promise<readonly RegisteredModel[]> {
    return everything((page_token) =>
      this.get("registered-models/search", { max_results: ALL_MODELS, page_token }).then((answer) =>
        decodePage(answer, "registered_models", decodeRegisteredModel),
      ),
    );
  }

  /** Register a name. */
  async createRegisteredModel(name: string): Promise<void> {
    await this.post("registered-models/create", { name });
  }

  /** Return the versions of a registered model, the newest first. */
  async searchModelVersions(name: string): Promise<readonly ModelVersion[]> {
    const versions = await everything((page_token) =>
      this.get("model-versions/search", { filter: equals("name", name), page_token }).then(
        (answer) => decodePage(answer, "model_versions", decodeModelVersion),
      ),
    );
    return versions
      .filter((version) => version.name === name)
      .sort((one, other) => Number(other.version) - Number(one.version));
  }

  /** Add the next version of a registered model. */
  async createModelVersion(name: string, source: string, run_id: string): Promise<ModelVersion> {
    const answer = await this.post("model-versions/create", { name, source, run_id });
    return decodeModelVersion(asJson(answer["model_version"]));
  }

  /** Point an alias at a version, wherever it pointed before. */
  async setAlias(name: string, alias: string, version: string): Promise<void> {
    await this.post("registered-models/alias", { name, alias, version });
  }

  /** Remove an alias. */
  async deleteAlias(name: string, alias: string): Promise<void> {
    await this.call("registered-models/alias", withBody("DELETE", { name, alias }));
  }

  private get(route: string, query: Fields): Promise<Json> {
    return this.call(`${route}?${queryString(query)}`, { method: "GET" });
  }

  private post(route: string, body: Fields): Promise<Json> {
    return this.call(route, withBody("POST", body));
  }

  private async call(route: string, init: RequestInit): Promise<Json> {
    const response = await this.ask(API + route, init);
    try {
      return asJson(await response.json());
    } catch {
      throw new TrackError(UNREACHABLE, "The server's answer is not JSON.", response.status);
    }
  }

  private async ask(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.send(path, init);
    } catch (error) {
      const reason = error instanceof Error && error.message ? ` (${error.message})` : "";
      throw new TrackError(UNREACHABLE, `The server does not answer${reason}.`);
    }
    if (!response.ok) {
      throw await refusal(response);
    }
    return response;
  }
}

/** Return where an artifact is, relative to the root of the service. */
export function artifactPath(run_id: string, path: string): string {
  return `get-artifact?${queryString({ run_id, path })}`;
}

function queryString(fields: Fields): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given(fields))) {
    for (const each of Array.isArray(value) ? value : [value]) {
      query.append(name, String(each));
    }
  }
  return query.toString();
}

function withBody(method: string, fields: Fields): RequestInit {
  return {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given(fields)),
  };
}

function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

async function refusal(response: Response): Promise<TrackError> {
  let answer: Json = {};
  try {
    answer = asJson(await response.json());
  } catch {
    // A proxy's page of HTML, or nothing: told by its status below.
  }
  const { error_code: code, message } = answer;
  if (typeof code === "string" && typeof message === "string") {
    return new TrackError(code, message, response.status);
  }
  const told = `${response.status} ${response.statusText}`.trim();
  return new TrackError(
    UNREACHABLE,
    response.status === 404
      ? "The server does not know jupyter-track. Is its server extension enabled?"
      : `The server answered ${told}.`,
    response.status,
  );
}

async function everything<T>(
  nextPage: (page_token: string) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let token = "";
  do {
    const page = await nextPage(token);
    items.push(...page.items);
    token = page.next_page_token;
  } while (token !== "");
  return items;
}
