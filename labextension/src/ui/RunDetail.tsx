/** One run, with all that is known of it. */

import type { ReactElement } from "react";

import { isUnderWay } from "../client";
import { ArtifactTree } from "./ArtifactTree";
import { useTrack } from "./context";
import { Detail } from "./Detail";
import { MetricsTable } from "./MetricsTable";
import { ParamsTable } from "./ParamsTable";
import { Problem } from "./Problem";
import { RunActions } from "./RunActions";
import { RunFacts } from "./RunFacts";
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
      title={run?.run_name ?? runId.slice(0, 8)}
      sign={run && <StatusSign status={run.status} />}
    >
      {refusal !== null && <Problem message={refusal.message} onRetry={() => void reload()} />}
      {run && (
        <>
          <RunFacts run={run} />
          <RunActions run={run} />
          <MetricsTable runId={runId} metrics={run.metrics} />
          <ParamsTable params={run.params} />
          <ArtifactTree runId={runId} />
        </>
      )}
    </Detail>
  );
}
