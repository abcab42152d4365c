/** What a renderer is given, and what it gives back. */
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Breath } from "../runtime/breath.ts";
import type { Tree } from "./git-tree.ts";
import type { ManifestParser, StoredFile } from "./manifest-parser.ts";
import type { SourceSettings } from "./settings.ts";
import type { Manifests } from "./yaml.ts";

export interface RenderInput {
  readonly tree: Tree;
  /** Contents by object id. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer> | Problem>;
  /** Manifests by object id, read and parsed elsewhere; undefined where that failed. */
  readParsed(files: readonly StoredFile[]): Promise<ReadonlyMap<string, Manifests> | Problem | undefined>;
  /** Normalised, "" for the root. */
  readonly path: string;
  readonly exclude: readonly string[];
  readonly parser: ManifestParser;
  readonly breath: Breath;
  /** What the Baseline's last rendering left; its objects are used again where nothing tells them apart. */
  readonly known?: Known;
  readonly settings: SourceSettings;
  /** A private directory for what a renderer needs on disk. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/** Objects and problems of one file, and the content they were read from. */
export interface KnownFile extends Manifests {
  readonly id: string;
}

export interface Known {
  readonly objects: readonly DesiredObject[];
  /** By path. The objects are those of the rendering. */
  readonly files: ReadonlyMap<string, KnownFile>;
}

export interface Rendering extends Known {
  readonly problems: readonly Problem[];
  /** False where provenance is a best guess, because a renderer may have changed what the file says. */
  readonly verbatim: boolean;
}

export type Renderer = (input: RenderInput) => Promise<Rendering | Problem>;
