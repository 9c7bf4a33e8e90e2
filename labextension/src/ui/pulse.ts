/**
 * What is on show, kept up to date.
 *
 * Every part of the UI that shows data of the server enters how to load it again. The host beats when
 * something may have changed, at intervals or because it was told, and learns from the answer when to
 * beat next. The UI has no clock of its own, so it never asks while nobody looks.
 */

import type { TrackError } from "../client";

/** Loads again and tells whether what it loaded is still changing by itself; never rejects. */
export type Reload = () => Promise<boolean>;

/** What `Pulse.beat` found. */
export interface Beat {
  /** Whether something on show is still changing: a run that is under way. */
  readonly changing: boolean;
  /** Whether the server answered everywhere. */
  readonly answered: boolean;
}

export class Pulse {
  private readonly reloads = new Set<Reload>();
  private readonly problems = new Map<object, TrackError>();
  private readonly listeners = new Set<() => void>();

  /** Enter a part of the UI; the returned function takes it out. */
  enter(reload: Reload): () => void {
    this.reloads.add(reload);
    return () => {
      this.reloads.delete(reload);
      this.report(reload, null);
    };
  }

  /** Load everything again that is on show. */
  async beat(): Promise<Beat> {
    const changing = await Promise.all([...this.reloads].map((reload) => reload()));
    return { changing: changing.includes(true), answered: this.problem === null };
  }

  /** Take note that a part could not be loaded, or, with null, that it could. */
  report(part: object, problem: TrackError | null): void {
    const before = this.problem;
    if (problem === null) {
      this.problems.delete(part);
    } else {
      this.problems.set(part, problem);
    }
    if (this.problem !== before) {
      this.listeners.forEach((listener) => listener());
    }
  }

  /** Why something could not be loaded; null if all is well. */
  get problem(): TrackError | null {
    return this.problems.values().next().value ?? null;
  }

  /** Hear of a new `problem`; the returned function ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
