/** Where the cells that ran are not what the notebook shows; see the tag `jupyter_track.order`. */

import type { ReactElement } from "react";

import type { Run } from "../client";
import { Command } from "./Command";
import { shortId } from "./format";
import { warningIcon } from "./icons";

export function HiddenState({ run }: { run: Run }): ReactElement | null {
  const flags = (run.tags.get("jupyter_track.order") ?? "")
    .split("\n")
    .filter((line) => line !== "");
  if (flags.length === 0) {
    return null;
  }
  return (
    <section className="jt-Notice" aria-label="Hidden state">
      {warningIcon}
      <div>
        <p>The notebook from top to bottom is not what ran:</p>
        <ul>
          {flags.map((flag) => (
            <li key={flag}>{flag}</li>
          ))}
        </ul>
        <p className="jt-Hint">
          In brackets: the number of the execution. The cells that the result really came from, in
          their order:
        </p>
      </div>
      <Command text={`%track slice ${shortId(run.run_id)}`} />
    </section>
  );
}
