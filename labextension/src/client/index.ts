/** The transport: the tracking service as typed calls. Knows no host and no UI. */

export { loadCapture } from "./capture";
export type { CapturedCell, CapturedValue, LeftOut } from "./capture";
export { artifactPath, MAX_POINTS, TrackClient } from "./client";
export type { RunSearch, SendRequest } from "./client";
export { isUnderWay } from "./entities";
export type {
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
export { asTrackError, TrackError, UNREACHABLE } from "./errors";
export { loadFailure, TRACEBACK_FILE } from "./failure";
export { equals } from "./filters";
export { MODEL_FILE, MODEL_FOLDER, registerModel } from "./register";
