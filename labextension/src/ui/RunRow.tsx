/** One run in the list: how it stands, its name, its age, its main metrics. */

import type { ReactElement } from "react";

import { isUnderWay, type Metric, type Run } from "../client";
import { formatNumber } from "./format";
import { StatusSign } from "./StatusSign";
import { Age, Elapsed } from "./time";

/** Metrics in a row of the list. */
const MAIN_METRICS = 3;

export interface RunRowProps {
  readonly run: Run;
  readonly tabIndex: 0 | -1;
  readonly onOpen: () => void;
}

export function RunRow({ run, tabIndex, onOpen }: RunRowProps): ReactElement {
  const metrics = mainMetrics(run.metrics);
  const left = run.metrics.length - metrics.length;
  return (
    <li>
      <button
        type="button"
        className="jt-Row"
        data-row={run.run_id}
        tabIndex={tabIndex}
        onClick={onOpen}
      >
        <StatusSign status={run.status} />
        <span className="jt-Row-name" title={run.run_name}>
          {run.run_name}
        </span>
        <span className="jt-Row-side">
          {isUnderWay(run.status) ? (
            <Elapsed since={run.start_time} />
          ) : (
            <Age moment={run.start_time} />
          )}
        </span>
        {metrics.length > 0 && (
          <span className="jt-Row-more">
            {metrics.map((metric) => (
              <span
                key={metric.key}
                className="jt-Metric"
                title={`${metric.key} = ${String(metric.value)}`}
              >
                <span className="jt-Metric-key">{metric.key}</span>{" "}
                <span className="jt-Metric-value">{formatNumber(metric.value)}</span>
              </span>
            ))}
            {left > 0 && (
              <span className="jt-Dim" title={`${left} more metrics`}>
                +{left}
              </span>
            )}
          </span>
        )}
      </button>
    </li>
  );
}

/** What the person computed comes before what the machine was measured at meanwhile. */
function mainMetrics(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.filter((metric) => !metric.key.startsWith("system/")).slice(0, MAIN_METRICS);
}
