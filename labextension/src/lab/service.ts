/** The tracking service as this Jupyter server has it. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

import { artifactPath, TrackClient } from "../client";
import { ITrackService } from "./tokens";

/** Where the server extension serves, below the server's base URL. */
const ROOT = "jupyter-track/";

/** Return the service that answers below a server's base URL. */
export function createService(settings: ServerConnection.ISettings): ITrackService {
  const root = URLExt.join(settings.baseUrl, ROOT);
  return {
    // Jupyter's own way to send: it knows the token and proves that the request is not forged.
    client: new TrackClient((path, init) =>
      ServerConnection.makeRequest(root + path, init, settings),
    ),
    artifactUrl: (runId, path) => root + artifactPath(runId, path),
  };
}

export const servicePlugin: JupyterFrontEndPlugin<ITrackService> = {
  id: "jupyter-track:service",
  description: "Provides the tracking service of the Jupyter server.",
  autoStart: true,
  provides: ITrackService,
  activate: (app) => createService(app.serviceManager.serverSettings),
};
