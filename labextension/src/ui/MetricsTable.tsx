/** What came out of a run: the latest value of each metric, and the way it got there. */

import type { ReactElement } from "react";

import type { Metric } from "../client";
import { formatNumber } from "./format";
import { Group } from "./Group";
import { Name } from "./Name";
import { ShowAll } from "./ShowAll";
import { Sparkline } from "./Sparkline";
import { useFirst } from "./useFirst";
import { useHistories } from "./useHistories";

export interface MetricsTableProps {
  readonly runId: string;
  readonly metrics: readonly Metric[];
}

export function MetricsTable({ runId, metrics }: MetricsTableProps): ReactElement | null {
  const rows = useFirst(metrics);
  const histories = useHistories(runId, rows.shown);
  if (metrics.length === 0) {
    return null;
  }
  return (
    <Group title="Metrics" count={metrics.length}>
      <table className="jt-Table jt-Table-metrics">
        <tbody>
          {rows.shown.map((metric) => (
            <tr key={metric.key}>
              <th scope="row" title={metric.key}>
                <Name text={metric.key} />
              </th>
              <td className="jt-Table-curve">
                <Sparkline name={metric.key} points={histories.get(metric.key) ?? []} />
              </td>
              <td className="jt-Table-number" title={String(metric.value)}>
                {formatNumber(metric.value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ShowAll rows={rows} what={`${metrics.length} metrics`} />
    </Group>
  );
}
