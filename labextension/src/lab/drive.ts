/** The artifacts of runs as a drive that documents are opened from. Nothing can be written to it. */

import { PathExt } from "@jupyterlab/coreutils";
import type { Contents, ServerConnection } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { type ISignal, Signal } from "@lumino/signaling";

import type { FileInfo, Run } from "../client";
import { toBase64 } from "./base64";
import type { ITrackService } from "./tokens";
import { withoutTrust } from "./trust";

export const DRIVE_NAME = "jupyter-track";

/** Return the path under which Jupyter opens an artifact: `jupyter-track:<run id>/<path>`. */
export function drivePath(runId: string, path: string): string {
  return `${DRIVE_NAME}:${runId}/${path}`;
}

/** Return the run and the artifact that a path of the drive, with or without its name, stands for. */
export function parseDrivePath(path: string): { runId: string; path: string } {
  const local = path.startsWith(`${DRIVE_NAME}:`) ? path.slice(DRIVE_NAME.length + 1) : path;
  const [runId = "", ...rest] = local.replace(/^\/+/, "").split("/");
  return { runId, path: rest.join("/") };
}

/**
 * The drive.
 *
 * Its folders are those of one run each; the root is empty, because nobody looks for a run by its id.
 */
export class ArtifactDrive implements Contents.IDrive {
  readonly name = DRIVE_NAME;
  isDisposed = false;
  private readonly _fileChanged = new Signal<this, Contents.IChangedArgs>(this);

  constructor(
    private readonly service: ITrackService,
    readonly serverSettings: ServerConnection.ISettings,
  ) {}

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }

  async get(localPath: string, options: Contents.IFetchOptions = {}): Promise<Contents.IModel> {
    const { runId, path } = parseDrivePath(localPath);
    if (runId === "") {
      return folderModel("", null, []);
    }
    const { client } = this.service;
    const run = await client.getRun(runId);
    const listed = await client.listArtifacts(runId, path === "" ? "" : PathExt.dirname(path));
    const file = listed.find((each) => each.path === path);
    if (path === "" || file?.is_dir === true) {
      const files = path === "" ? listed : await client.listArtifacts(runId, path);
      return folderModel(`${runId}/${path}`.replace(/\/$/, ""), run, files);
    }
    if (file === undefined) {
      throw new Error(`The run ${run.run_name} has no artifact ${path}.`);
    }
    const model = fileModel(run, file);
    return options.content === false ? model : this.withContent(model, runId, path, options);
  }

  getDownloadUrl(localPath: string): Promise<string> {
    const { runId, path } = parseDrivePath(localPath);
    return Promise.resolve(this.service.artifactUrl(runId, path));
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([]);
  }

  newUntitled(): Promise<Contents.IModel> {
    return refuse();
  }

  delete(): Promise<void> {
    return refuse();
  }

  rename(): Promise<Contents.IModel> {
    return refuse();
  }

  save(): Promise<Contents.IModel> {
    return refuse();
  }

  copy(): Promise<Contents.IModel> {
    return refuse();
  }

  createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return refuse();
  }

  restoreCheckpoint(): Promise<void> {
    return refuse();
  }

  deleteCheckpoint(): Promise<void> {
    return refuse();
  }

  private async withContent(
    model: Contents.IModel,
    runId: string,
    path: string,
    options: Contents.IFetchOptions,
  ): Promise<Contents.IModel> {
    const response = await this.service.client.getArtifact(runId, path);
    const type = options.type ?? model.type;
    if (type === "notebook") {
      const content = withoutTrust((await response.json()) as JSONObject);
      return { ...model, type, format: "json", content };
    }
    const mimetype = response.headers.get("Content-Type")?.split(";")[0] ?? "";
    if (options.format === "base64") {
      const content = toBase64(new Uint8Array(await response.arrayBuffer()));
      return { ...model, type: "file", format: "base64", mimetype, content };
    }
    return { ...model, type: "file", format: "text", mimetype, content: await response.text() };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(
    new Error("The artifacts of a run are read-only. Save a copy elsewhere: File > Save As…"),
  );
}

function fileModel(run: Run, file: FileInfo): Contents.IModel {
  return {
    name: PathExt.basename(file.path),
    path: `${run.run_id}/${file.path}`,
    type: file.is_dir ? "directory" : file.path.endsWith(".ipynb") ? "notebook" : "file",
    format: null,
    content: null,
    mimetype: "",
    writable: false,
    created: new Date(run.start_time).toISOString(),
    last_modified: new Date(run.end_time ?? run.start_time).toISOString(),
    ...(file.file_size === null ? {} : { size: file.file_size }),
  };
}

function folderModel(path: string, run: Run | null, files: readonly FileInfo[]): Contents.IModel {
  const moment = new Date(run?.start_time ?? 0).toISOString();
  return {
    name: PathExt.basename(path),
    path,
    type: "directory",
    format: "json",
    content: run === null ? [] : files.map((file) => fileModel(run, file)),
    mimetype: "",
    writable: false,
    created: moment,
    last_modified: moment,
  };
}
