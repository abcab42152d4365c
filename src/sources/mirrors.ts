/**
 * The mirrors of one process, shared by Baselines that read the same URL in the same namespace with the same
 * credential, and by nobody else. A mirror goes with its last Baseline.
 */
import { createHash } from "node:crypto";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Git } from "./git.ts";
import { createMirror, mirrorDir, type Mirror } from "./git-mirror.ts";

export interface MirrorIdentity {
  readonly url: string;
  readonly namespace: string;
  /** Digest of the credential; a new credential is a new mirror, so it sees only what it may itself fetch. */
  readonly credential: string;
}

export interface Mirrors {
  /** The mirror a Baseline reads from now on; the one it read from before is given up. */
  take(user: BaselineKey, identity: MirrorIdentity): Mirror;
  /** The mirror a Baseline reads from; undefined before its first attempt. */
  of(user: BaselineKey): Mirror | undefined;
  release(user: BaselineKey): Promise<void>;
}

export function createMirrors(git: Git, root: string, maxBytes: number): Mirrors {
  const mirrors = new Map<string, { readonly mirror: Mirror; readonly users: Set<BaselineKey> }>();
  const names = new Map<BaselineKey, string>();
  let made = 0;

  const release = async (user: BaselineKey): Promise<void> => {
    const name = names.get(user);
    names.delete(user);
    const entry = name === undefined ? undefined : mirrors.get(name);
    if (name === undefined || entry === undefined) return;
    entry.users.delete(user);
    if (entry.users.size > 0) return;
    mirrors.delete(name);
    await entry.mirror.exclusively(() => entry.mirror.destroy());
  };

  return {
    take(user, identity) {
      const name = createHash("sha256")
        .update(JSON.stringify([identity.url, identity.namespace, identity.credential]))
        .digest("hex");
      if (names.get(user) !== name) void release(user);
      let entry = mirrors.get(name);
      if (entry === undefined) {
        // A number of its own: a mirror of the same name may still be on its way out.
        made += 1;
        entry = {
          mirror: createMirror(git, mirrorDir(root, `${name.slice(0, 16)}-${made}`), maxBytes),
          users: new Set(),
        };
        mirrors.set(name, entry);
      }
      entry.users.add(user);
      names.set(user, name);
      return entry.mirror;
    },
    of(user) {
      const name = names.get(user);
      return name === undefined ? undefined : mirrors.get(name)?.mirror;
    },
    release,
  };
}
