/** What to run in a notebook to execute a run again, or to set it beside another one. */

import { type ReactElement, useState } from "react";

import type { Run } from "../client";
import { Command } from "./Command";
import { useTrack } from "./context";
import { formatAge, shortId } from "./format";
import { FoldedGroup } from "./Group";
import type { Relations } from "./relations";
import { useLoaded } from "./useLoaded";

/** Runs to choose from: the latest of the experiment. */
const MAX_CHOICES = 50;

export interface RunAgainProps {
  readonly run: Run;
  readonly relations: Relations | undefined;
}

export function RunAgain(props: RunAgainProps): ReactElement {
  return (
    <FoldedGroup title="Re-run and compare">
      <Commands {...props} />
    </FoldedGroup>
  );
}

function Commands({ run, relations }: RunAgainProps): ReactElement {
  const { client } = useTrack();
  const { value: latest } = useLoaded(`runs beside ${run.run_id}`, async () => {
    const search = { experimentIds: [run.experiment_id], maxResults: MAX_CHOICES };
    return (await client.searchRuns(search)).items;
  });
  // What a person most likely wants to compare it with: what it is a re-run of, or its own re-run.
  const likely = relations?.original ?? relations?.judge ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const other = chosen ?? likely?.run_id ?? "";
  const choices = (latest ?? []).filter((each) => each.run_id !== run.run_id);
  const isListed = choices.some((each) => each.run_id === likely?.run_id);
  return (
    <div className="jt-Commands">
      <p className="jt-Hint">To run in a cell of a notebook:</p>
      <Command text={`%track rerun ${shortId(run.run_id)}`} />
      <label className="jt-Field">
        Compare with
        <select
          className="jt-Select"
          value={other}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">choose a run…</option>
          {likely !== null && !isListed && <option value={likely.run_id}>{likely.name}</option>}
          {choices.map((each) => (
            <option key={each.run_id} value={each.run_id}>
              {each.run_name}, {formatAge(each.start_time, Date.now())}
            </option>
          ))}
        </select>
      </label>
      {other !== "" && <Command text={`%track diff ${shortId(run.run_id)} ${shortId(other)}`} />}
    </div>
  );
}
