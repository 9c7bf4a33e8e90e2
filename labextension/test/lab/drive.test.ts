import { ServerConnection } from "@jupyterlab/services";
import { beforeEach, describe, expect, it } from "vitest";

import { TrackClient } from "../../src/client";
import { ArtifactDrive, drivePath, parseDrivePath } from "../../src/lab/drive";
import { FakeServer, runId } from "../fakeServer";

const RUN = runId(1);
const NOTEBOOK = {
  cells: [{ cell_type: "code", metadata: { trusted: true, tags: ["a"] }, source: "1" }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};
let drive: ArtifactDrive;

beforeEach(() => {
  const server = new FakeServer();
  server.runs = [
    {
      id: RUN,
      name: "forest",
      start: 1000,
      end: 2000,
      artifacts: { "notebook.ipynb": JSON.stringify(NOTEBOOK), "output/stdout.txt": "größer" },
    },
  ];
  drive = new ArtifactDrive(
    {
      client: new TrackClient(server.send),
      artifactUrl: (run, path) => `http://server/get/${run}/${path}`,
    },
    ServerConnection.makeSettings({ baseUrl: "http://server/" }),
  );
});

describe("the drive of artifacts", () => {
  it("gives a snapshot as a notebook that cannot be written", async () => {
    const model = await drive.get(`${RUN}/notebook.ipynb`, { type: "notebook", format: "json" });
    expect(model).toMatchObject({
      name: "notebook.ipynb",
      path: `${RUN}/notebook.ipynb`,
      type: "notebook",
      format: "json",
      writable: false,
      created: "1970-01-01T00:00:01.000Z",
      last_modified: "1970-01-01T00:00:02.000Z",
    });
  });

  it("does not let a snapshot bring its own trust", async () => {
    const model = await drive.get(`${RUN}/notebook.ipynb`, { type: "notebook" });
    expect(model.content).toEqual({
      ...NOTEBOOK,
      cells: [{ cell_type: "code", metadata: { tags: ["a"] }, source: "1" }],
    });
  });

  it("gives text as text", async () => {
    const model = await drive.get(`${RUN}/output/stdout.txt`, { type: "file", format: "text" });
    expect(model).toMatchObject({ type: "file", format: "text", content: "größer" });
  });

  it("gives bytes in base64 where a document wants that", async () => {
    const model = await drive.get(`${RUN}/output/stdout.txt`, { type: "file", format: "base64" });
    const bytes = Uint8Array.from(atob(model.content as string), (each) => each.charCodeAt(0));
    expect(new TextDecoder().decode(bytes)).toBe("größer");
  });

  it("gives what is known of a file without its content", async () => {
    const model = await drive.get(`${RUN}/output/stdout.txt`, { content: false });
    expect(model).toMatchObject({ type: "file", content: null, size: 6 });
  });

  it("lists the folders of a run", async () => {
    const root = await drive.get(RUN, { type: "directory" });
    const names = (root.content as { name: string; type: string }[]).map((each) => each.name);
    expect(root.type).toBe("directory");
    expect(names.sort()).toEqual(["notebook.ipynb", "output"]);
    expect((await drive.get(`${RUN}/output`)).type).toBe("directory");
  });

  it("says that a file or a run is not there", async () => {
    await expect(drive.get(`${RUN}/none.txt`)).rejects.toThrow("no artifact none.txt");
    await expect(drive.get(`${runId(9)}/notebook.ipynb`)).rejects.toThrow("not found");
  });

  it("refuses everything that writes", async () => {
    const writes = [
      drive.save(),
      drive.rename(),
      drive.delete(),
      drive.newUntitled(),
      drive.copy(),
      drive.createCheckpoint(),
    ];
    for (const write of writes) {
      await expect(write).rejects.toThrow("read-only");
    }
    expect(await drive.listCheckpoints()).toEqual([]);
  });

  it("says where a browser downloads a file", async () => {
    expect(await drive.getDownloadUrl(`${RUN}/output/stdout.txt`)).toBe(
      `http://server/get/${RUN}/output/stdout.txt`,
    );
  });
});

it("finds run and artifact in a path that it has made", () => {
  const path = drivePath(RUN, "output/a b.txt");
  expect(path).toBe(`jupyter-track:${RUN}/output/a b.txt`);
  expect(parseDrivePath(path)).toEqual({ runId: RUN, path: "output/a b.txt" });
});
