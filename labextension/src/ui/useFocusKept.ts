/** The focus stays in the panel when the element that has it goes away. */

import { type RefObject, useEffect } from "react";

const TABBABLE = ":is(button, input, select):not(:disabled, [tabindex='-1'])";

/**
 * Hand the focus on where a browser would drop it: a form is sent and closes, the alias is gone that a button
 * removed, a list is loaded again without the row that was read.
 *
 * It goes to the nearest place around the lost element that has something to focus: to its child that is marked
 * with `data-heir`, or else to the first stop of the Tab key in it. That happens as soon as the element is out of the
 * page, before the next key is read and whenever React comes to render.
 */
export function useFocusKept(root: RefObject<HTMLElement>): void {
  useEffect(() => {
    const panel = root.current;
    if (panel === null) {
      return;
    }
    /** The element with the focus, and all that is around it. */
    let path: readonly EventTarget[] = [];
    const remember = (event: FocusEvent): void => {
      path = event.composedPath();
    };
    const handOn = new MutationObserver(() => {
      if (path.length === 0 || isPlace(path[0])) {
        return;
      }
      const places = path.filter(isPlace).filter((place) => panel.contains(place));
      path = [];
      // Who has gone elsewhere meanwhile is left there.
      if (document.activeElement === null || document.activeElement === document.body) {
        firstOf(places.map(heirIn))?.focus();
      }
    });
    panel.addEventListener("focusin", remember);
    handOn.observe(panel, { childList: true, subtree: true });
    return () => {
      panel.removeEventListener("focusin", remember);
      handOn.disconnect();
    };
  }, [root]);
}

function isPlace(target: EventTarget | undefined): target is HTMLElement {
  return target instanceof HTMLElement && target.isConnected;
}

function heirIn(place: HTMLElement): HTMLElement | undefined {
  const all = [":scope > [data-heir]", TABBABLE].flatMap((each) => [
    ...place.querySelectorAll<HTMLElement>(each),
  ]);
  return all.find((element) => element.closest("[hidden]") === null);
}

function firstOf<T>(found: readonly (T | undefined)[]): T | undefined {
  return found.find((each) => each !== undefined);
}
