import type { Contents } from "@jupyterlab/services";
import { ServerConnection } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { beforeEach, describe, expect, it } from "vitest";

import type { Run } from "../../src/client";
import { restoreNotebook, stemFor } from "../../src/lab/restoring";

const NOTEBOOK: JSONObject = { cells: [], metadata: { kernelspec: {} }, nbformat: 4 };

function run(name: string, source = "/srv/nb/work/iris.ipynb"): Run {
  return {
    run_id: "1a2b3c4d".padEnd(32, "0"),
    run_name: name,
    tags: new Map([["mlflow.source.name", source]]),
  } as unknown as Run;
}

/** Files by path; what is refused is refused as Jupyter's server does. */
class FakeContents {
  readonly files = new Map<string, unknown>();
  /** Called before each file is renamed. */
  beforeRename = (): void => undefined;
  problem: Error | null = null;

  get(path: string): Promise<Contents.IModel> {
    return this.files.has(path) ? answer(path) : refuse(404);
  }

  newUntitled({ path }: Contents.ICreateOptions = {}): Promise<Contents.IModel> {
    const made = `${path === "" ? "" : `${path}/`}Untitled.ipynb`;
    this.files.set(made, null);
    return answer(made);
  }

  save(path: string, { content }: Partial<Contents.IModel> = {}): Promise<Contents.IModel> {
    if (this.problem !== null) {
      return Promise.reject(this.problem);
    }
    this.files.set(path, content);
    return answer(path);
  }

  rename(path: string, name: string): Promise<Contents.IModel> {
    this.beforeRename();
    if (this.files.has(name)) {
      return refuse(409);
    }
    this.files.set(name, this.files.get(path));
    this.files.delete(path);
    return answer(name);
  }

  delete(path: string): Promise<void> {
    this.files.delete(path);
    return Promise.resolve();
  }
}

function answer(path: string): Promise<Contents.IModel> {
  return Promise.resolve({ path } as Contents.IModel);
}

function refuse(status: number): Promise<never> {
  return Promise.reject(new ServerConnection.ResponseError(new Response(null, { status })));
}

let contents: FakeContents;

beforeEach(() => {
  contents = new FakeContents();
});

describe("restoring a notebook", () => {
  it("writes it beside the notebook, and says in it which run it is of", async () => {
    const path = await restoreNotebook(contents, run("forest"), NOTEBOOK, "work");
    expect(path).toBe("work/iris-forest.ipynb");
    expect([...contents.files]).toEqual([
      [
        path,
        {
          ...NOTEBOOK,
          metadata: {
            kernelspec: {},
            jupyter_track: { restored_from: "1a2b3c4d".padEnd(32, "0") },
          },
        },
      ],
    ]);
  });

  it("keeps what else the notebook says of tracking", async () => {
    const capture = { exclude: ["lr"], rename: {} };
    const notebook = { ...NOTEBOOK, metadata: { jupyter_track: { capture } } };
    const path = await restoreNotebook(contents, run("forest"), notebook, "");
    expect(contents.files.get(path)).toMatchObject({ metadata: { jupyter_track: { capture } } });
  });

  it("adds a number to a name that is taken", async () => {
    contents.files.set("work/iris-forest.ipynb", "mine");
    contents.files.set("work/iris-forest-2.ipynb", "mine too");
    const path = await restoreNotebook(contents, run("forest"), NOTEBOOK, "work");
    expect(path).toBe("work/iris-forest-3.ipynb");
    expect(contents.files.get("work/iris-forest.ipynb")).toBe("mine");
  });

  it("does not write over a file that came a moment ago", async () => {
    contents.beforeRename = () => contents.files.set("iris-forest.ipynb", "mine");
    const path = await restoreNotebook(contents, run("forest"), NOTEBOOK, "");
    expect(path).toBe("iris-forest-2.ipynb");
    expect(contents.files.get("iris-forest.ipynb")).toBe("mine");
  });

  it("leaves no file behind when it cannot be written", async () => {
    contents.problem = new Error("The disk is full.");
    await expect(restoreNotebook(contents, run("forest"), NOTEBOOK, "")).rejects.toThrow("full");
    expect(contents.files.size).toBe(0);
  });
});

it.each([
  ["forest", "/srv/iris.ipynb", "iris-forest"],
  ["a/b: c?", "C:\\nb\\iris.ipynb", "iris-a-b- c-"],
  ["../../etc", "", "notebook-..-..-etc"],
  ["", "iris.ipynb", "iris-1a2b3c4d"],
  ["x".repeat(200), "iris.ipynb", `iris-${"x".repeat(115)}`],
])("names the notebook of the run %j of %j: %s", (name, source, stem) => {
  expect(stemFor(run(name, source))).toBe(stem);
});
