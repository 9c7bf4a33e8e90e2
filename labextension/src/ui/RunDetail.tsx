/** One run, with all that is known of it. */

import type { ReactElement } from "react";

import { isUnderWay, type Run } from "../client";
import { ArtifactTree } from "./ArtifactTree";
import { useTrack } from "./context";
import { Datasets } from "./Datasets";
import { Detail } from "./Detail";
import { Failure } from "./Failure";
import { shortId } from "./format";
import { HiddenState } from "./HiddenState";
import { MetricsTable } from "./MetricsTable";
import { ParamsTable } from "./ParamsTable";
import { Problem } from "./Problem";
import { Provenance } from "./Provenance";
import { loadRelations } from "./relations";
import { RunActions } from "./RunActions";
import { RunAgain } from "./RunAgain";
import { RunFacts } from "./RunFacts";
import { RelatedRuns } from "./RunList";
import { StatusSign } from "./StatusSign";
import { useLoaded } from "./useLoaded";

export function RunDetail({ runId }: { runId: string }): ReactElement {
  const { client } = useTrack();
  const {
    value: run,
    refusal,
    reload,
  } = useLoaded(`run ${runId}`, () => client.getRun(runId), {
    isChanging: (run) => isUnderWay(run.status),
    showsRefusal: true,
  });
  return (
    <Detail
      kind="Run"
      title={run?.run_name ?? shortId(runId)}
      sign={run && <StatusSign status={run.status} />}
    >
      {refusal !== null && <Problem message={refusal.message} onRetry={() => void reload()} />}
      {run && <Facts run={run} />}
    </Detail>
  );
}

function Facts({ run }: { run: Run }): ReactElement {
  const { client } = useTrack();
  // Another verdict names another run: it is looked for at once, not at the next beat.
  const { value: relations } = useLoaded(
    `relations of ${run.run_id} ${run.tags.get("jupyter_track.reproduced.run") ?? ""}`,
    () => loadRelations(client, run),
  );
  return (
    <>
      <RunFacts run={run} relations={relations} />
      <RunActions run={run} />
      {run.status === "FAILED" && <Failure run={run} />}
      <HiddenState run={run} />
      <MetricsTable runId={run.run_id} metrics={run.metrics} />
      <ParamsTable params={run.params} />
      <Datasets inputs={run.inputs} />
      <RelatedRuns title="Nested runs" runs={relations?.children ?? []} />
      <RelatedRuns title="Re-runs" runs={relations?.reruns ?? []} />
      {isOurs(run) && <Provenance runId={run.run_id} />}
      {isOurs(run) && <RunAgain run={run} relations={relations} />}
      <ArtifactTree runId={run.run_id} />
    </>
  );
}

/** Whether a tracked cell has made it: of what other clients log, nothing was captured. */
function isOurs(run: Run): boolean {
  return [...run.tags.keys()].some((tag) => tag.startsWith("jupyter_track."));
}
