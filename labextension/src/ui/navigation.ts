/** Where in the UI the person is. */

/** The lists, one run, or one registered model. */
export type Location =
  | { readonly view: "lists" }
  | { readonly view: "run"; readonly runId: string }
  | { readonly view: "model"; readonly name: string };

const LISTS: Location = { view: "lists" };

/** Where the person is and came from; the host may lead somewhere too. */
export class Navigation {
  private trail: readonly Location[] = [];
  private readonly listeners = new Set<() => void>();

  /** Where the person is. */
  get location(): Location {
    return this.trail.at(-1) ?? LISTS;
  }

  /** What `back` leads to; null where there is no way back. */
  get previous(): Location | null {
    return this.trail.length === 0 ? null : (this.trail.at(-2) ?? LISTS);
  }

  /** Show a run. */
  openRun(runId: string): void {
    const here = this.location;
    if (here.view !== "run" || here.runId !== runId) {
      this.go([...this.trail, { view: "run", runId }]);
    }
  }

  /** Show a registered model. */
  openModel(name: string): void {
    const here = this.location;
    if (here.view !== "model" || here.name !== name) {
      this.go([...this.trail, { view: "model", name }]);
    }
  }

  /** Show what was there before. */
  back(): void {
    this.go(this.trail.slice(0, -1));
  }

  /** Hear of a new `location`; the returned function ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private go(trail: readonly Location[]): void {
    this.trail = trail;
    this.listeners.forEach((listener) => listener());
  }
}
