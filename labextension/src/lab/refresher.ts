/** When the panel asks the server: often while something changes, seldom otherwise, never unseen. */

import type { IDisposable } from "@lumino/disposable";
import { Poll } from "@lumino/polling";

import type { Pulse } from "../ui";

/** Milliseconds between two beats while a run is under way. */
const OFTEN = 2_000;
/** Milliseconds between two beats otherwise. */
const SELDOM = 15_000;
/** Milliseconds at most between two beats when the server does not answer. */
const MAX = 120_000;

/** Milliseconds for which a kernel's word that a run has changed is reason to ask often. */
const AFTER_A_CHANGE = 10_000;

export class Refresher implements IDisposable {
  private readonly poll: Poll;
  private changedUntil = 0;

  /**
   * @param pulse - What is on show.
   * @param isSeen - Whether the panel is.
   */
  constructor(pulse: Pulse, isSeen: () => boolean) {
    this.poll = new Poll({
      auto: false,
      name: "jupyter-track:refresher",
      frequency: { interval: SELDOM, backoff: true, max: MAX },
      standby: () => document.hidden || !isSeen(),
      factory: async () => {
        const { changing, answered } = await pulse.beat();
        const often = changing || Date.now() < this.changedUntil;
        this.poll.frequency = { interval: often ? OFTEN : SELDOM, backoff: true, max: MAX };
        if (!answered) {
          throw new Error("The tracking service did not answer.");
        }
      },
    });
    document.addEventListener("visibilitychange", this.refresh);
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  dispose(): void {
    document.removeEventListener("visibilitychange", this.refresh);
    this.poll.dispose();
  }

  /** Beat now, and go on from there. */
  readonly refresh = (): void => {
    void this.poll.refresh();
  };

  /** A run has changed: beat now and, as the store may hear of it a moment later, soon again. */
  runChanged(): void {
    this.changedUntil = Date.now() + AFTER_A_CHANGE;
    this.refresh();
  }
}
