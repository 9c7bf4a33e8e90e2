/** What folds away: the state of a button, and of what it shows and hides. */

import { useId, useState } from "react";

export interface Fold {
  readonly isOpen: boolean;
  /** Spread on the button. */
  readonly toggle: {
    readonly type: "button";
    readonly "aria-expanded": boolean;
    readonly "aria-controls": string;
    readonly onClick: () => void;
  };
  /** Spread on what is folded. */
  readonly body: { readonly id: string; readonly hidden: boolean };
}

export function useFold(isOpenAtFirst: boolean): Fold {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const id = useId();
  return {
    isOpen,
    toggle: {
      type: "button",
      "aria-expanded": isOpen,
      "aria-controls": id,
      onClick: () => setOpen(!isOpen),
    },
    body: { id, hidden: !isOpen },
  };
}
