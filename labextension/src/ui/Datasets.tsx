/** The data that a run has read. */

import type { ReactElement } from "react";

import type { DatasetInput } from "../client";
import { datasetShape } from "./datasetShape";
import { Group } from "./Group";

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
                <span>{input.name}</span>
              </th>
              <td className="jt-Data">
                {datasetShape(input.profile) !== "" && <span>{datasetShape(input.profile)}</span>}
                {input.context !== "" && <span className="jt-Mark">{input.context}</span>}
                <code className="jt-Dim" title={`Digest ${input.digest}`}>
                  {input.digest.slice(0, 8)}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Group>
  );
}
