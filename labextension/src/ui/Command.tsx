/** What to type in a notebook. */

import type { ReactElement } from "react";

import { CopyButton } from "./CopyButton";

export function Command({ text }: { text: string }): ReactElement {
  return (
    <div className="jt-Code">
      <code>{text}</code>
      <CopyButton text={text} what={text} />
    </div>
  );
}
