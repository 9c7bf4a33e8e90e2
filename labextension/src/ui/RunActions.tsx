/** What can be done with a run: open or restore the notebook as it was, register the model that it made. */

import { type ReactElement, useState } from "react";

import { MODEL_FILE, MODEL_FOLDER, type Run } from "../client";
import { useTrack } from "./context";
import { checkIcon, modelIcon, notebookIcon, restoreIcon } from "./icons";
import { Problem } from "./Problem";
import { type Registered, RegisterForm } from "./RegisterForm";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

/** Where the snapshot came from, in words; see the tag `jupyter_track.snapshot`. */
const SNAPSHOT_ORIGINS: Readonly<Record<string, string>> = {
  frontend: "The notebook as it was on the screen, unsaved edits and outputs included",
  file: "The notebook as it was saved on disk; unsaved edits are not in it",
  session: "Rebuilt from the cells that the kernel had executed",
};

export function RunActions({ run }: { run: Run }): ReactElement {
  const { client, host, navigation, announce } = useTrack();
  const { value: hasModel } = useLoaded(
    `model of ${run.run_id}`,
    async () => {
      const files = await client.listArtifacts(run.run_id, MODEL_FOLDER);
      return files.some((file) => file.path === MODEL_FILE);
    },
    // A run without that folder is no problem to tell of.
    { showsRefusal: true },
  );
  const [registering, setRegistering] = useState(false);
  const [registered, setRegistered] = useState<Registered | null>(null);
  const [restored, setRestored] = useState("");
  const opening = useAction();
  const origin = run.tags.get("jupyter_track.snapshot") ?? "";

  const restore = async (): Promise<void> => {
    const path = await host.restoreNotebook(run);
    setRestored(path);
    announce(`Restored as ${path}`);
  };
  const closeForm = (): void => setRegistering(false);

  return (
    <div className="jt-Actions">
      {origin !== "" && (
        <button
          type="button"
          className="jt-Button"
          title={SNAPSHOT_ORIGINS[origin] ?? ""}
          aria-disabled={opening.busy}
          onClick={() => void opening.run(() => host.openSnapshot(run.run_id))}
        >
          {notebookIcon} Open snapshot
        </button>
      )}
      {origin !== "" && (
        <button
          type="button"
          className="jt-Button"
          title="Open a copy that can be edited and run, beside the notebook"
          aria-disabled={opening.busy}
          onClick={() => void opening.run(restore)}
        >
          {restoreIcon} Restore notebook
        </button>
      )}
      {hasModel === true && (
        <button
          type="button"
          className="jt-Button"
          data-heir=""
          aria-expanded={registering}
          onClick={() => setRegistering(!registering)}
        >
          {modelIcon} Register model…
        </button>
      )}
      {opening.problem !== "" && <Problem message={opening.problem} />}
      {registering && (
        <RegisterForm
          runId={run.run_id}
          onRegistered={(outcome) => {
            setRegistered(outcome);
            closeForm();
          }}
          onCancel={closeForm}
        />
      )}
      {restored !== "" && (
        <p className="jt-Done">
          {checkIcon}
          <span>Restored as {restored}</span>
        </p>
      )}
      {registered !== null && !registering && (
        <p className="jt-Done">
          {checkIcon}
          <span>
            Registered{" "}
            <button
              type="button"
              className="jt-LinkButton"
              onClick={() => navigation.openModel(registered.version.name)}
            >
              {registered.version.name}
            </button>{" "}
            version {registered.version.version}
          </span>
        </p>
      )}
      {registered !== null && !registering && registered.aliasProblem !== "" && (
        <Problem message={`It got no alias: ${registered.aliasProblem}`} />
      )}
    </div>
  );
}
