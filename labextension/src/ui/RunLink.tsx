/** The name of a run, which leads there. */

import type { ReactElement } from "react";

import { useTrack } from "./context";
import type { NamedRun } from "./relations";

export function RunLink({ run }: { run: NamedRun }): ReactElement {
  const { navigation } = useTrack();
  return (
    <button
      type="button"
      className="jt-LinkButton"
      title={`Open run ${run.run_id}`}
      onClick={() => navigation.openRun(run.run_id)}
    >
      {run.name}
    </button>
  );
}
