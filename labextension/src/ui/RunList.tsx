/** Runs that belong to another one. */

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

export function RunList({ title, runs }: RunListProps): ReactElement | null {
  const { navigation } = useTrack();
  const rows = useRows(runs.map((run) => run.run_id));
  if (runs.length === 0) {
    return null;
  }
  return (
    <Group title={title} count={runs.length}>
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
    </Group>
  );
}
