/** Under which name, and with which alias, the model of a run is registered. */

import { type ReactElement, useId, useState } from "react";

import { asTrackError, type ModelVersion, registerModel } from "../client";
import { useTrack } from "./context";
import { onEscape } from "./onEscape";
import { Problem } from "./Problem";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

/** What has come of it. */
export interface Registered {
  readonly version: ModelVersion;
  /** Why the version did not get its alias; empty if it did, or none was wanted. */
  readonly aliasProblem: string;
}

export interface RegisterFormProps {
  readonly runId: string;
  readonly onRegistered: (registered: Registered) => void;
  readonly onCancel: () => void;
}

export function RegisterForm({ runId, onRegistered, onCancel }: RegisterFormProps): ReactElement {
  const { client, pulse, announce } = useTrack();
  const { value: models } = useLoaded("models to register under", () =>
    client.searchRegisteredModels(),
  );
  const [name, setName] = useState("");
  const [alias, setAlias] = useState("");
  const registering = useAction();
  const names = useId();

  const known = models?.find((model) => model.name === name.trim());
  const moved = known?.aliases.get(alias.trim());

  const register = (): Promise<boolean> =>
    registering.run(async () => {
      const version = await registerModel(client, name.trim(), runId);
      announce(`Registered ${version.name} version ${version.version}`);
      let aliasProblem = "";
      if (alias.trim() !== "") {
        try {
          await client.setAlias(version.name, alias.trim(), version.version);
        } catch (error) {
          // The version is there; to send the form again would make another one.
          aliasProblem = asTrackError(error).message;
        }
      }
      onRegistered({ version, aliasProblem });
    });

  return (
    <form
      className="jt-Form"
      aria-label="Register model"
      onSubmit={(event) => {
        event.preventDefault();
        void register().then(() => pulse.beat());
      }}
      onKeyDown={onEscape(onCancel)}
    >
      <label className="jt-Field">
        Model name
        <input
          className="jt-Input"
          list={names}
          value={name}
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <datalist id={names}>
        {models?.map((model) => (
          <option key={model.name} value={model.name} />
        ))}
      </datalist>
      <label className="jt-Field">
        Alias <span className="jt-Dim">(optional)</span>
        <input
          className="jt-Input"
          value={alias}
          placeholder="champion"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setAlias(event.target.value)}
        />
      </label>
      <p className="jt-Hint">
        {name.trim() === ""
          ? "A new name, or one of a registered model."
          : known === undefined
            ? "A new registered model, version 1."
            : "Adds the next version of this registered model."}
        {moved !== undefined && ` ${alias.trim()} moves here from version ${moved}.`}
      </p>
      {registering.problem !== "" && <Problem message={registering.problem} />}
      <div className="jt-Form-buttons">
        <button
          type="submit"
          className="jt-Button jt-Button-main"
          aria-disabled={registering.busy}
          disabled={name.trim() === ""}
        >
          {registering.busy ? "Registering…" : "Register"}
        </button>
        <button type="button" className="jt-Button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
