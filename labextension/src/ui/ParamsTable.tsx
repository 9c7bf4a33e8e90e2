/** What went into a run. */

import type { ReactElement } from "react";

import type { Param } from "../client";
import { Group } from "./Group";
import { useFirst } from "./useFirst";

export function ParamsTable({ params }: { params: readonly Param[] }): ReactElement | null {
  const { shown, isWhole, showAll } = useFirst(params);
  if (params.length === 0) {
    return null;
  }
  return (
    <Group title="Params" count={params.length}>
      <table className="jt-Table jt-Table-params">
        <tbody>
          {shown.map((param) => (
            <tr key={param.key}>
              <th scope="row" title={param.key}>
                <span>{param.key}</span>
              </th>
              <td title={param.value}>
                <span className="jt-Clamp">{param.value}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isWhole && (
        <button type="button" className="jt-More" onClick={showAll}>
          Show all {params.length} params
        </button>
      )}
    </Group>
  );
}
