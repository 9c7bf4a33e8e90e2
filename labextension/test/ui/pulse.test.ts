import { describe, expect, it, vi } from "vitest";

import { TrackError } from "../../src/client";
import { Navigation } from "../../src/ui/navigation";
import { Pulse } from "../../src/ui/pulse";

describe("Pulse", () => {
  it("loads what is on show and tells whether any of it is still changing", async () => {
    const pulse = new Pulse();
    const leave = pulse.enter(() => Promise.resolve(true));
    pulse.enter(() => Promise.resolve(false));
    expect(await pulse.beat()).toEqual({ changing: true, answered: true });
    leave();
    expect(await pulse.beat()).toEqual({ changing: false, answered: true });
  });

  it("has a problem until every part that had one has none", async () => {
    const pulse = new Pulse();
    const told = vi.fn();
    pulse.subscribe(told);
    const [one, other] = [{}, {}];
    const problem = new TrackError("UNREACHABLE", "Away.");
    pulse.report(one, problem);
    pulse.report(other, problem);
    pulse.report(one, null);
    expect(pulse.problem).toBe(problem);
    expect((await pulse.beat()).answered).toBe(false);
    pulse.report(other, null);
    expect(pulse.problem).toBeNull();
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("forgets the problem of a part that is not on show any more", () => {
    const pulse = new Pulse();
    const reload = (): Promise<boolean> => Promise.resolve(false);
    const leave = pulse.enter(reload);
    pulse.report(reload, new TrackError("UNREACHABLE", "Away."));
    leave();
    expect(pulse.problem).toBeNull();
  });
});

describe("Navigation", () => {
  it("goes back the way it came", () => {
    const navigation = new Navigation();
    navigation.openModel("iris");
    navigation.openRun("r");
    expect(navigation.previous).toEqual({ view: "model", name: "iris" });
    navigation.back();
    expect(navigation.location).toEqual({ view: "model", name: "iris" });
    navigation.back();
    expect(navigation.location).toEqual({ view: "lists" });
    expect(navigation.previous).toBeNull();
  });

  it("does not go where it is", () => {
    const navigation = new Navigation();
    navigation.openRun("r");
    navigation.openRun("r");
    navigation.back();
    expect(navigation.location).toEqual({ view: "lists" });
  });
});
