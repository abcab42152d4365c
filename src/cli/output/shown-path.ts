/** Paths of an object as a person may be shown them: without the values that they would spell out (`[token="…"]`). */
import { redactPath, type SensitiveKind } from "../../compare/redact.ts";
import { formatPath, type Path } from "../../model/path.ts";
import { idOf } from "../../model/resource.ts";
import type { PairInput } from "../../verdict/counting.ts";

export type ShowPath = (path: Path) => string;

export function showPathsOf({ live, baseline }: Pick<PairInput, "live" | "baseline">): ShowPath {
  const kind: SensitiveKind = idOf(live.object);
  return (path) => formatPath(redactPath(kind, path, baseline.compare.sensitive));
}
