/** The one error that the client throws. */

/** Nobody answered, or what answered was not the service. */
export const UNREACHABLE = "UNREACHABLE";

/** What a run keeps cannot be read; it will be the same the next time. */
export const UNREADABLE = "UNREADABLE";

/**
 * What went wrong with a request.
 *
 * `errorCode` is MLflow's (`INVALID_PARAMETER_VALUE`, `RESOURCE_DOES_NOT_EXIST` ...), `UNREACHABLE` or `UNREADABLE`;
 * `status` is the HTTP status, 0 if there was no answer.
 */
export class TrackError extends Error {
  constructor(
    readonly errorCode: string,
    message: string,
    readonly status = 0,
  ) {
    super(message);
    this.name = "TrackError";
  }

  /** Whether the request itself was refused, so that sending it again does not help. */
  get isRefusal(): boolean {
    return (
      this.errorCode === UNREADABLE ||
      this.status === 400 ||
      (this.status === 404 && this.errorCode !== UNREACHABLE)
    );
  }
}

/** Return whatever was thrown as a `TrackError`. */
export function asTrackError(thrown: unknown): TrackError {
  if (thrown instanceof TrackError) {
    return thrown;
  }
  return new TrackError(UNREACHABLE, thrown instanceof Error ? thrown.message : String(thrown));
}
