/** What to do when there is no run yet. */

import type { ReactElement } from "react";

import { Command } from "./Command";

const STEPS = [
  { say: "Load the extension in a notebook:", code: "%load_ext jupyter_track" },
  { say: "Put this on top of a cell that computes something, and run it:", code: "%%track" },
];

export function FirstSteps(): ReactElement {
  return (
    <div className="jt-FirstSteps">
      <p className="jt-FirstSteps-title">No runs yet</p>
      <ol>
        {STEPS.map(({ say, code }) => (
          <li key={code}>
            {say}
            <Command text={code} />
          </li>
        ))}
      </ol>
      <p className="jt-Dim">
        Parameters, metrics, figures and the notebook itself are then kept as a run, and the run
        shows up here.
      </p>
    </div>
  );
}
