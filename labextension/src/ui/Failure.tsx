/** Why a run has failed. */

import type { ReactElement } from "react";

import { loadFailure, type Run, TRACEBACK_FILE } from "../client";
import { useTrack } from "./context";
import { crossIcon } from "./icons";
import { Problem } from "./Problem";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

/** Shows nothing where no error was kept. */
export function Failure({ run }: { run: Run }): ReactElement | null {
  const { client, host } = useTrack();
  const { value: reason } = useLoaded(
    `failure of ${run.run_id}`,
    () => loadFailure(client, run.run_id),
    // A run without that file is no problem to tell of.
    { showsRefusal: true },
  );
  const opening = useAction();
  if (reason === undefined || reason === "") {
    return null;
  }
  return (
    <section className="jt-Notice" data-kind="error" aria-label="Failure">
      {crossIcon}
      <div>
        <code className="jt-Clamp">{reason}</code>
        <button
          type="button"
          className="jt-LinkButton"
          aria-disabled={opening.busy}
          onClick={() => void opening.run(() => host.openArtifact(run.run_id, TRACEBACK_FILE))}
        >
          Open traceback
        </button>
        {opening.problem !== "" && <Problem message={opening.problem} />}
      </div>
    </section>
  );
}
