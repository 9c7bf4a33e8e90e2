/** The data that a run has read. */

import type { ReactElement } from "react";

import type { DatasetInput } from "../client";
import { datasetShape } from "./datasetShape";
import { shortId } from "./format";
import { Group } from "./Group";
import { Name } from "./Name";

/** What a cell does with data unless something else is said. */
const READ = "read";

const CONTEXTS: Readonly<Record<string, string>> = {
  made: "Computed in the notebook",
};

export function Datasets({ inputs }: { inputs: readonly DatasetInput[] }): ReactElement | null {
  if (inputs.length === 0) {
    return null;
  }
  return (
    <Group title="Data" count={inputs.length}>
      <table className="jt-Table jt-Table-params">
        <tbody>
          {inputs.map((input) => (
            <tr key={`${input.name} ${input.digest} ${input.context}`}>
              <th scope="row" title={input.name}>
                <span>
                  <Name text={input.name} />
                </span>
              </th>
              <td className="jt-Data">
                {datasetShape(input.profile) !== "" && <span>{datasetShape(input.profile)}</span>}
                {input.context !== "" && input.context !== READ && (
                  <span className="jt-Mark" title={CONTEXTS[input.context] ?? ""}>
                    {input.context}
                  </span>
                )}
                <code className="jt-Dim" title={`Digest ${input.digest}`}>
                  {shortId(input.digest)}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Group>
  );
}
