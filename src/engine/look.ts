/**
 * One look at a declared or live object: its text is decoded at most once, however often the look is asked. For the
 * duration of one judgement; whoever keeps something keeps what was looked at (`of`), never the look.
 */
import type { LiveObject, LiveView } from "../model/live.ts";
import type { KubeObject, ResourceId } from "../model/resource.ts";
import type { DesiredObject, Provenance } from "../model/snapshot.ts";

export class DesiredLook implements DesiredObject {
  readonly of: DesiredObject;
  #object: KubeObject | undefined;

  constructor(of: DesiredObject) {
    this.of = of;
  }

  get object(): KubeObject {
    return (this.#object ??= this.of.object);
  }
  get id(): ResourceId {
    return this.of.id;
  }
  get apiVersion(): string {
    return this.of.apiVersion;
  }
  get source(): Provenance {
    return this.of.source;
  }
  get hash(): string {
    return this.of.hash;
  }
  get replicated(): boolean {
    return this.of.replicated;
  }
  get namespaced(): boolean {
    return this.of.namespaced;
  }
}

export class LiveLook implements LiveObject {
  readonly of: LiveObject;
  #object: KubeObject | undefined;

  constructor(of: LiveObject) {
    this.of = of;
  }

  get object(): KubeObject {
    return (this.#object ??= this.of.object);
  }
  get uid(): string {
    return this.of.uid;
  }
  get resourceVersion(): string {
    return this.of.resourceVersion;
  }
  get managedFields(): string {
    return this.of.managedFields;
  }
  get health(): LiveObject["health"] {
    return this.of.health;
  }
  get receivedAt(): number {
    return this.of.receivedAt;
  }
}

export function lookAt(view: LiveView): LiveView {
  return view.state === "present" ? { state: "present", live: new LiveLook(view.live) } : view;
}

/** What was looked at. */
export function desiredOf(look: DesiredObject): DesiredObject {
  return look instanceof DesiredLook ? look.of : look;
}

/** What was looked at. */
export function liveOf(look: LiveObject): LiveObject {
  return look instanceof LiveLook ? look.of : look;
}
