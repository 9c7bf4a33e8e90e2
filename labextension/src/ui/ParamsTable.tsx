/** What went into a run. */

import type { ReactElement } from "react";

import type { Param } from "../client";
import { Group } from "./Group";
import { Name } from "./Name";
import { ShowAll } from "./ShowAll";
import { useFirst } from "./useFirst";

export function ParamsTable({ params }: { params: readonly Param[] }): ReactElement | null {
  const rows = useFirst(params);
  if (params.length === 0) {
    return null;
  }
  return (
    <Group title="Params" count={params.length}>
      <table className="jt-Table jt-Table-params">
        <tbody>
          {rows.shown.map((param) => (
            <tr key={param.key}>
              <th scope="row" title={param.key}>
                <span>
                  <Name text={param.key} />
                </span>
              </th>
              <td title={param.value}>
                <span className="jt-Clamp">{param.value}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ShowAll rows={rows} what={`${params.length} params`} />
    </Group>
  );
}
