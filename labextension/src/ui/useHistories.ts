/** The points of the metrics in a table. */

import { useEffect, useRef, useState } from "react";

import type { Metric } from "../client";
import { useTrack } from "./context";

type Histories = ReadonlyMap<string, readonly Metric[]>;

/**
 * Return the points of each metric, as far as they have come.
 *
 * They are asked for one after the other, so that a run with many metrics leaves the browser's few
 * connections to others, and again only where a metric has a new last point.
 */
export function useHistories(runId: string, metrics: readonly Metric[]): Histories {
  const { client } = useTrack();
  const [histories, setHistories] = useState<Histories>(new Map());
  const lastPoints = useRef(new Map<string, string>());
  const wanted = JSON.stringify(metrics.map((metric) => [metric.key, lastPoint(metric)]));

  useEffect(() => {
    let left = false;
    const load = async (): Promise<void> => {
      for (const metric of metrics) {
        if (lastPoints.current.get(metric.key) === lastPoint(metric)) {
          continue;
        }
        const points = await client.getCurve(runId, metric.key);
        if (left) {
          return;
        }
        lastPoints.current.set(metric.key, lastPoint(metric));
        setHistories((last) => new Map(last).set(metric.key, points));
      }
    };
    load().catch(() => {
      // A curve is an extra. What keeps the server from answering is told where the run is loaded.
    });
    return () => {
      left = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `wanted` says when `metrics` has changed
  }, [client, runId, wanted]);

  return histories;
}

function lastPoint(metric: Metric): string {
  return `${metric.step} ${metric.timestamp} ${metric.value}`;
}
