/** One registered model: its versions, the newest first, and their aliases. */

import type { ReactElement } from "react";

import type { ModelVersion } from "../client";
import { Aliases } from "./Aliases";
import { useTrack } from "./context";
import { Detail } from "./Detail";
import { shortId } from "./format";
import { Group } from "./Group";
import { modelIcon } from "./icons";
import { Problem } from "./Problem";
import { RunLink } from "./RunLink";
import { Age } from "./time";
import { useLoaded } from "./useLoaded";

interface Versions {
  readonly versions: readonly ModelVersion[];
  /** The names of their runs, as far as they are still there. */
  readonly runNames: ReadonlyMap<string, string>;
}

export function ModelDetail({ name }: { name: string }): ReactElement {
  const { client } = useTrack();
  const { value, refusal, reload } = useLoaded<Versions>(
    `model ${name}`,
    async () => {
      const versions = await client.searchModelVersions(name);
      const experiments = await client.searchExperiments();
      const runs = await client.findRuns(
        experiments.map((each) => each.experiment_id),
        [...new Set(versions.map((version) => version.run_id))].filter((id) => id !== ""),
      );
      return { versions, runNames: new Map(runs.map((run) => [run.run_id, run.run_name])) };
    },
    { showsRefusal: true },
  );
  const versions = value?.versions ?? [];
  const aliases = new Map(
    versions.flatMap((version) =>
      version.aliases.map((alias) => [alias, version.version] as const),
    ),
  );
  return (
    <Detail kind="Registered model" title={name} sign={modelIcon}>
      {refusal !== null && <Problem message={refusal.message} onRetry={() => void reload()} />}
      {value !== undefined && (
        <Group title="Versions" count={versions.length}>
          {versions.length === 0 && <p className="jt-Empty">No versions yet.</p>}
          <ul className="jt-Versions">
            {versions.map((version) => (
              <Version
                key={version.version}
                version={version}
                aliases={aliases}
                runName={value.runNames.get(version.run_id)}
              />
            ))}
          </ul>
        </Group>
      )}
    </Detail>
  );
}

interface VersionProps {
  readonly version: ModelVersion;
  readonly aliases: ReadonlyMap<string, string>;
  readonly runName: string | undefined;
}

function Version({ version, aliases, runName }: VersionProps): ReactElement {
  const hasStage = version.current_stage !== "" && version.current_stage !== "None";
  return (
    <li className="jt-Version" aria-label={`Version ${version.version}`}>
      <div className="jt-Version-head">
        <span className="jt-Version-name">Version {version.version}</span>
        {hasStage && <span className="jt-Mark">{version.current_stage}</span>}
        <span className="jt-Row-side">
          <Age moment={version.creation_timestamp} />
        </span>
      </div>
      {version.run_id !== "" && (
        <div className="jt-Version-run">
          <span className="jt-Dim">from run</span>{" "}
          <RunLink run={{ run_id: version.run_id, name: runName ?? shortId(version.run_id) }} />
        </div>
      )}
      {version.description !== "" && <p className="jt-Version-text">{version.description}</p>}
      <Aliases version={version} all={aliases} />
    </li>
  );
}
