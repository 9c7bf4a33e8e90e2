/** Runs, each of which leads to its details. */

import type { ReactElement } from "react";

import type { Run } from "../client";
import { useTrack } from "./context";
import { Group } from "./Group";
import { RunRow } from "./RunRow";
import { useRows } from "./useRows";

export interface RunListProps {
  readonly title: string;
  readonly runs: readonly Run[];
}

/** Shows nothing where there are no runs. */
export function RunList({ title, runs }: RunListProps): ReactElement | null {
  const { navigation } = useTrack();
  const rows = useRows(runs.map((run) => run.run_id));
  if (runs.length === 0) {
    return null;
  }
  return (
    <ul className="jt-List" aria-label={title} {...rows.list}>
      {runs.map((run) => (
        <RunRow
          key={run.run_id}
          run={run}
          tabIndex={rows.tabIndex(run.run_id)}
          onOpen={() => navigation.openRun(run.run_id)}
        />
      ))}
    </ul>
  );
}

/** Runs that belong to another one. */
export function RelatedRuns({ title, runs }: RunListProps): ReactElement | null {
  return runs.length === 0 ? null : (
    <Group title={title} count={runs.length}>
      <RunList title={title} runs={runs} />
    </Group>
  );
}
