/** Puts a text on the clipboard and says so. */

import type { ReactElement } from "react";

import { useTrack } from "./context";
import { copyIcon } from "./icons";

export interface CopyButtonProps {
  readonly text: string;
  /** What the text is, for the button's name. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps): ReactElement {
  const { host, announce } = useTrack();
  const copy = async (): Promise<void> => {
    try {
      await host.copyText(text);
      announce(`Copied ${what}`);
    } catch {
      announce(`The browser did not allow to copy ${what}`);
    }
  };
  return (
    <button
      type="button"
      className="jt-IconButton jt-Copy"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copy()}
    >
      {copyIcon}
    </button>
  );
}
