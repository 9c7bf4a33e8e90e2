import { describe, expect, it } from "vitest";

import { registerModel, TrackClient, TrackError, UNREACHABLE } from "../../src/client";
import { FakeServer, runId } from "../fakeServer";

/** Return a client whose every request gets the same answer, and the requests that it sends. */
function answering(body: string, status = 200): { client: TrackClient; sent: string[] } {
  const sent: string[] = [];
  const client = new TrackClient((path) => {
    sent.push(path);
    return Promise.resolve(new Response(body, { status }));
  });
  return { client, sent };
}

describe("what is asked", () => {
  it("puts the fields of a GET into the query, whatever they hold", async () => {
    const { client, sent } = answering("{}");
    await client.listArtifacts("r1", "a b/ü&x=1?#%");
    const url = new URL(sent[0] ?? "", "http://server/");
    expect(url.pathname).toBe("/api/2.0/mlflow/artifacts/list");
    expect(url.searchParams.get("path")).toBe("a b/ü&x=1?#%");
  });

  it("sends what writes as JSON, with its content type, and leaves out what is empty", async () => {
    const server = new FakeServer();
    const inits: RequestInit[] = [];
    const client = new TrackClient((path, init) => {
      inits.push(init);
      return server.send(path, init);
    });
    await client.searchRuns({ experimentIds: ["0"], maxResults: 5 });
    expect(inits[0]?.method).toBe("POST");
    expect(inits[0]?.headers).toEqual({ "Content-Type": "application/json" });
    expect(JSON.parse(inits[0]?.body as string)).toEqual({ experiment_ids: ["0"], max_results: 5 });
  });

  it("takes an alias off with a body, as MLflow does", async () => {
    const server = new FakeServer();
    server.models.set("iris", { versions: [], aliases: { champion: 1 } });
    await new TrackClient(server.send).deleteAlias("iris", "champion");
    expect(server.requests[0]).toMatchObject({
      method: "DELETE",
      body: { name: "iris", alias: "champion" },
    });
    expect(server.models.get("iris")?.aliases).toEqual({});
  });

  it("does not ask for the runs of no experiment", async () => {
    const { client, sent } = answering("{}");
    const page = await client.searchRuns({ experimentIds: [], maxResults: 5 });
    expect(page.items).toEqual([]);
    expect(sent).toEqual([]);
  });

  it("follows the pages of what is wanted whole", async () => {
    const tokens: (string | undefined)[] = [];
    const client = new TrackClient((_, init) => {
      const { page_token } = JSON.parse(init.body as string) as { page_token?: string };
      tokens.push(page_token);
      const experiments = [{ experiment_id: String(tokens.length), name: "e" }];
      const more = tokens.length < 3 ? { next_page_token: `page ${tokens.length}` } : {};
      return Promise.resolve(new Response(JSON.stringify({ experiments, ...more })));
    });
    const experiments = await client.searchExperiments();
    expect(experiments.map((each) => each.experiment_id)).toEqual(["1", "2", "3"]);
    expect(tokens).toEqual([undefined, "page 1", "page 2"]);
  });

  it.each([
    ["iris", "name = 'iris'"],
    ["it's", `name = "it's"`],
    [`"it's"`, `name LIKE '"it_s"'`],
  ])("asks for the versions of the model %s", async (name, filter) => {
    const { client, sent } = answering("{}");
    await client.searchModelVersions(name);
    expect(new URL(sent[0] ?? "", "http://server/").searchParams.get("filter")).toBe(filter);
  });

  it("does not take a model with a similar name for the one that was asked for", async () => {
    const versions = [`"it's"`, `"it-s"`].map((name) => ({ name, version: "1" }));
    const { client } = answering(JSON.stringify({ model_versions: versions }));
    const found = await client.searchModelVersions(`"it's"`);
    expect(found.map((version) => version.name)).toEqual([`"it's"`]);
  });

  it("sorts versions as numbers", async () => {
    const versions = ["2", "10", "9"].map((version) => ({ name: "iris", version }));
    const { client } = answering(JSON.stringify({ model_versions: versions }));
    const found = await client.searchModelVersions("iris");
    expect(found.map((version) => version.version)).toEqual(["10", "9", "2"]);
  });
});

describe("what is answered", () => {
  it("reads a run with everything that the wire may leave out", async () => {
    const { client } = answering('{"run": {"info": {"run_id": "r", "status": "RUNNING"}}}');
    const run = await client.getRun("r");
    expect(run.end_time).toBeNull();
    expect(run.metrics).toEqual([]);
    expect(run.params).toEqual([]);
    expect(run.tags.size).toBe(0);
  });

  it.each([
    ['"NaN"', NaN],
    ['"Infinity"', Infinity],
    ['"-Infinity"', -Infinity],
    ["0.5", 0.5],
    ['"0.5"', 0.5],
    ["null", NaN],
  ])("reads the metric value %s", async (text, value) => {
    const { client } = answering(`{"metrics": [{"key": "m", "value": ${text}, "timestamp": 1}]}`);
    const [metric] = await client.getCurve("r", "m");
    expect(metric?.value).toBe(value);
  });

  it("takes tags with the names of JavaScript's own properties for tags", async () => {
    const tags = [{ key: "__proto__", value: "a" }, { key: "constructor", value: "b" }]; // prettier-ignore
    const { client } = answering(JSON.stringify({ run: { data: { tags } } }));
    const run = await client.getRun("r");
    expect([...run.tags]).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("takes a state that it does not know for one that is not final", async () => {
    const { client } = answering('{"run": {"info": {"status": "PAUSED"}}}');
    expect((await client.getRun("r")).status).toBe("SCHEDULED");
  });
});

describe("what goes wrong", () => {
  async function failure(work: Promise<unknown>): Promise<TrackError> {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TrackError);
    return error as TrackError;
  }

  it("is told in the service's words", async () => {
    const body = JSON.stringify({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "No run r." });
    const error = await failure(answering(body, 404).client.getRun("r"));
    expect(error).toMatchObject({
      errorCode: "RESOURCE_DOES_NOT_EXIST",
      message: "No run r.",
      status: 404,
      isRefusal: true,
    });
  });

  it("is no refusal if the server is in trouble", async () => {
    const body = JSON.stringify({ error_code: "TEMPORARILY_UNAVAILABLE", message: "Locked." });
    const error = await failure(answering(body, 503).client.getRun("r"));
    expect(error).toMatchObject({ message: "Locked.", isRefusal: false });
  });

  it("is a missing server extension if nobody knows the address", async () => {
    const error = await failure(answering("<html>404</html>", 404).client.getRun("r"));
    expect(error.errorCode).toBe(UNREACHABLE);
    expect(error.message).toContain("server extension");
    expect(error.isRefusal).toBe(false);
  });

  it("names the status that a proxy answers with", async () => {
    const error = await failure(answering("Bad gateway", 502).client.getRun("r"));
    expect(error.message).toContain("502");
  });

  it("is a page instead of JSON", async () => {
    const error = await failure(answering("<html>Log in</html>").client.getRun("r"));
    expect(error.errorCode).toBe(UNREACHABLE);
  });

  it("is a server that does not answer", async () => {
    const server = new FakeServer();
    server.isDown = true;
    const error = await failure(new TrackClient(server.send).searchExperiments());
    expect(error.errorCode).toBe(UNREACHABLE);
    expect(error.message).toContain("does not answer");
  });
});

describe("registering a model", () => {
  it("makes the name at the first version and goes on counting at the next", async () => {
    const server = new FakeServer();
    const client = new TrackClient(server.send);
    expect((await registerModel(client, "iris", runId(1))).version).toBe("1");
    expect((await registerModel(client, "iris", runId(2))).version).toBe("2");
    expect(server.requests.at(-1)?.body).toEqual({
      name: "iris",
      source: `runs:/${runId(2)}/model`,
      run_id: runId(2),
    });
  });

  it("makes no version of a name that is refused", async () => {
    const sent: string[] = [];
    const client = new TrackClient((path) => {
      sent.push(path);
      const refusal = { error_code: "INVALID_PARAMETER_VALUE", message: "Not a name: a/b" };
      return Promise.resolve(new Response(JSON.stringify(refusal), { status: 400 }));
    });
    await expect(registerModel(client, "a/b", runId(1))).rejects.toThrow("Not a name: a/b");
    expect(sent).toEqual(["api/2.0/mlflow/registered-models/create"]);
  });
});
