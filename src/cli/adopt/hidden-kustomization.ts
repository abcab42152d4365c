/**
 * What of a kustomization may not be shown: it is no object, and yet holds what becomes one. Rather too much is hidden
 * than a value shown: an inline patch is shown only where it can be told that it is of nothing secret.
 */
import { lastApplied } from "../../model/annotations.ts";
import { getIn, getString, isArray, isObject, type Json } from "../../model/json.ts";
import { kindRef } from "../../model/resource.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { cliLimits } from "../diff/parse-texts.ts";
import { everything, type Stretch } from "./stretch.ts";
import type { YamlNode } from "./yaml-tree.ts";

interface HiddenPlace {
  /** Tokens to it; `*` stands for every item of a list. */
  readonly at: readonly string[];
  /** `sensitive`: where the Baseline calls anything so. `inline`: text of several lines, not the name of a file. */
  readonly hides: "always" | "sensitive" | "inline" | "patch";
  readonly reason: string;
}

const places: readonly HiddenPlace[] = [
  { at: ["secretGenerator", "*", "literals"], hides: "always", reason: "values of a Secret" },
  { at: ["configMapGenerator", "*", "literals"], hides: "sensitive", reason: "may be values the Baseline hides" },
  { at: ["patches", "*", "patch"], hides: "patch", reason: "may be of a Secret" },
  { at: ["patchesJson6902", "*", "patch"], hides: "patch", reason: "may be of a Secret" },
  { at: ["patchesStrategicMerge", "*"], hides: "patch", reason: "may be of a Secret" },
  { at: ["helmCharts", "*", "valuesInline"], hides: "always", reason: "nobody knows what a chart makes of them" },
  { at: ["helmChartInflationGenerator", "*", "values"], hides: "inline", reason: "the same" },
  { at: ["generators", "*"], hides: "inline", reason: "may make a Secret" },
  { at: ["transformers", "*"], hides: "inline", reason: "may change a Secret" },
];

const GROUP = "kustomize.config.k8s.io";
const PLAIN_KIND = /^[A-Za-z0-9]+$/;

/** As kustomize takes it: it may leave out what it is. */
export function isKustomization(value: Json): boolean {
  if (!isObject(value)) return false;
  const kind = getString(value, "kind");
  return kind === undefined || kindRef(getString(value, "apiVersion") ?? "", kind).group === GROUP;
}

/** @param target of the patch: what it says counts, whatever the patch calls itself */
function mayBeSecret(text: string, target: Json | undefined, sensitive: readonly string[]): boolean {
  const { documents, problems } = parseYaml(text, undefined, cliLimits);
  const patches = documents.map(({ value }) => value).filter((value) => isObject(value) || isArray(value));
  if (problems.length > 0) return true;
  // A name of a file.
  if (patches.length === 0) return false;
  if (sensitive.length > 0 || text.includes(lastApplied)) return true;
  const isOther = (kind: string | undefined): boolean =>
    kind !== undefined && PLAIN_KIND.test(kind) && kind !== "Secret";
  if (target !== undefined && !isOther(getString(target, "kind"))) return true;
  return patches.some((patch) => (isObject(patch) ? !isOther(getString(patch, "kind")) : target === undefined));
}

interface Reached {
  readonly stretch: Stretch;
  readonly value: Json;
  /** The map it stands in. */
  readonly around: Json;
}

function* reach(
  node: YamlNode,
  value: Json,
  [step, ...rest]: readonly string[],
  found: { readonly start: number; readonly around: Json },
): Generator<Reached> {
  // What is taken over from elsewhere stands elsewhere.
  if (node.type === "alias") return yield { stretch: everything, value, around: found.around };
  if (step === undefined) return yield { stretch: { start: found.start, end: node.end }, value, around: found.around };
  if (node.type === "seq" && step === "*")
    for (const [index, item] of node.items.entries())
      yield* reach(item.value, isArray(value) ? (value[index] ?? null) : null, rest, { ...found, start: item.start });
  if (node.type !== "map") return;
  for (const { key, keyStart, value: inside } of node.pairs) {
    const below = getIn(value, step);
    if (key === undefined && below !== undefined) yield { stretch: everything, value: below, around: value };
    if (key === step) yield* reach(inside, below ?? null, rest, { start: keyStart, around: value });
  }
}

export function* hiddenInKustomization(root: YamlNode, whole: Json, sensitive: readonly string[]): Generator<Stretch> {
  for (const { at, hides } of places)
    for (const { stretch, value, around } of reach(root, whole, at, { start: root.start, around: whole })) {
      const isHidden: Record<HiddenPlace["hides"], () => boolean> = {
        always: () => true,
        sensitive: () => sensitive.length > 0,
        inline: () => typeof value !== "string" || value.includes("\n"),
        patch: () => typeof value !== "string" || mayBeSecret(value, getIn(around, "target"), sensitive),
      };
      if (stretch === everything || isHidden[hides]()) yield stretch;
    }
}
