/** What a renderer is given, and what it gives back. */
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Tree } from "./git-tree.ts";
import type { ManifestParser } from "./manifest-parser.ts";
import type { SourceSettings } from "./settings.ts";

export interface RenderInput {
  readonly tree: Tree;
  /** Contents by object id. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer> | Problem>;
  /** Normalised, "" for the root. */
  readonly path: string;
  readonly exclude: readonly string[];
  readonly parser: ManifestParser;
  readonly settings: SourceSettings;
  /** A private directory for what a renderer needs on disk. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

export interface Rendering {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
  /** False where provenance is a best guess, because a renderer may have changed what the file says. */
  readonly verbatim: boolean;
}

export type Renderer = (input: RenderInput) => Promise<Rendering | Problem>;
