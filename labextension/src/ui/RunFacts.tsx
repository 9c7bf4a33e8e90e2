/** How a run went and where it came from. */

import type { ReactElement, ReactNode } from "react";

import { isUnderWay, type Run } from "../client";
import { CopyButton } from "./CopyButton";
import { useTrack } from "./context";
import { baseName, formatDuration, formatMoment, formatMomentShort, shortId } from "./format";
import { Problem } from "./Problem";
import type { Relations } from "./relations";
import { RunLink } from "./RunLink";
import { statusWord } from "./StatusSign";
import { Age, Elapsed } from "./time";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";
import { VerdictSign } from "./VerdictSign";

export interface RunFactsProps {
  readonly run: Run;
  /** Undefined while they are not known. */
  readonly relations: Relations | undefined;
}

export function RunFacts({ run, relations }: RunFactsProps): ReactElement {
  const { client, host } = useTrack();
  const { value: experiment } = useLoaded(`experiment ${run.experiment_id}`, () =>
    client.getExperiment(run.experiment_id),
  );
  const opening = useAction();

  const source = run.tags.get("mlflow.source.name") ?? "";
  const openNotebook = source === "" ? null : host.notebookOpener(source);
  const commit = run.tags.get("mlflow.source.git.commit") ?? "";
  const dirty = run.tags.get("jupyter_track.git.dirty") === "true";
  const user = run.tags.get("mlflow.user") || run.user_id;
  const verdict = run.tags.get("jupyter_track.reproduced") ?? "";

  return (
    <>
      <dl className="jt-Facts">
        <Fact name="Status">{statusWord(run.status)}</Fact>
        <Fact name="Started">
          <span title={formatMoment(run.start_time)}>
            {formatMomentShort(run.start_time, Date.now())}
          </span>{" "}
          <Age moment={run.start_time} />
        </Fact>
        <Fact name="Duration">
          {run.end_time !== null ? (
            formatDuration(run.end_time - run.start_time)
          ) : isUnderWay(run.status) ? (
            <>
              <Elapsed since={run.start_time} /> so far
            </>
          ) : (
            "not known"
          )}
        </Fact>
        {verdict !== "" && (
          <Fact name="Re-run">
            <VerdictSign verdict={verdict} />
            <VerdictAge run={run} />
            <VerdictDetail run={run} />
            {relations?.judge && <RunLink run={relations.judge} />}
          </Fact>
        )}
        {relations?.original && (
          <Fact name="Re-run of">
            <RunLink run={relations.original} />
          </Fact>
        )}
        {relations?.parent && (
          <Fact name="Part of">
            <RunLink run={relations.parent} />
          </Fact>
        )}
        {experiment && <Fact name="Experiment">{experiment.name}</Fact>}
        {user !== "" && <Fact name="User">{user}</Fact>}
        {source !== "" && (
          <Fact name="Notebook">
            {openNotebook === null ? (
              <span title={source}>{baseName(source)}</span>
            ) : (
              <button
                type="button"
                className="jt-LinkButton"
                title={`Open ${source}`}
                onClick={() => void opening.run(openNotebook)}
              >
                {baseName(source)}
              </button>
            )}
          </Fact>
        )}
        {commit !== "" && (
          <Fact name="Commit">
            <code title={commit}>{shortId(commit)}</code>
            {dirty && (
              <span className="jt-Mark" title="There were changes on top of this commit">
                with changes
              </span>
            )}
            <CopyButton text={commit} what="commit" />
          </Fact>
        )}
        <Fact name="Run id">
          <code title={run.run_id}>{shortId(run.run_id)}</code>
          <CopyButton text={run.run_id} what="run id" />
        </Fact>
      </dl>
      {opening.problem !== "" && <Problem message={opening.problem} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function VerdictAge({ run }: { run: Run }): ReactElement | null {
  const at = Number(run.tags.get("jupyter_track.reproduced.at") ?? "");
  return at > 0 ? <Age moment={at} /> : null;
}

function VerdictDetail({ run }: { run: Run }): ReactElement | null {
  const detail = run.tags.get("jupyter_track.reproduced.detail") ?? "";
  return detail === "" ? null : <span className="jt-Verdict-detail">{detail}</span>;
}
