/**
 * What live says is taken over into the files of every golden case that drifted: the file is edited, read and judged
 * again, and nothing that was taken over is drift any more, and no other object is touched.
 */
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/model/canonical.ts";
import { formatPath } from "../../../src/model/path.ts";
import { idKey, idOf, type KubeObject } from "../../../src/model/resource.ts";
import { declare } from "../../../src/model/desired.ts";
import { adopt, asWritten } from "../../../src/cli/adopt/adoption.ts";
import { editFile } from "../../../src/cli/adopt/file-edit.ts";
import { readManifests } from "../../../src/sources/yaml.ts";
import { countDifferences, type PairInput } from "../../../src/verdict/counting.ts";
import { goldenNames, looksOf, readCase, textOf, type GoldenCase } from "../../corpus/golden-case.ts";
import { judgeLook, openLook, type Judged } from "../../corpus/golden-judge.ts";

interface Taken {
  readonly name: string;
  readonly paths: number;
  readonly wrong: readonly string[];
}

function pairOf({ input }: Judged): PairInput | undefined {
  const { desired, live, schema } = input;
  if (desired === undefined || live.state !== "present" || "code" in schema) return undefined;
  return { ...input, desired, live: live.live, schema };
}

function takeOver(golden: GoldenCase, judged: Judged): Taken | undefined {
  const pair = pairOf(judged);
  const text = textOf(golden, "desired.yaml");
  if (pair === undefined || text === undefined || judged.decision.verdict.kind !== "drifted") return undefined;
  const name = `${golden.name} ${judged.title}`;
  const { target, adopted, hidden, left } = adopt({ pair, paths: [] });
  const settled = left
    .filter(({ path }) => !hidden.includes(formatPath(path)))
    .map(({ op, path }) => `left ${op} ${formatPath(path)}`);
  const { index } = pair.desired.source;
  const edit = editFile({ text, index, expand: false, change: (written) => asWritten(written, target) });
  if (!edit.ok) return { name, paths: adopted.length, wrong: [`${edit.line}: ${edit.message}`] };
  const [before, after] = [text, edit.text].map((one) => readManifests(one, "desired.yaml").objects);
  const others = before!.filter((_, at) => at !== index).map(({ object }) => canonicalJson(object));
  const same = after!.filter((_, at) => at !== index).map(({ object }) => canonicalJson(object));
  const read = after![index]!.object;
  const placed = { ...read, metadata: { ...read.metadata, namespace: idOf(target).namespace } } as KubeObject;
  const again = countDifferences({
    ...pair,
    desired: declare(idKey(idOf(read)) === idKey(idOf(target)) ? read : placed, pair.desired.source),
  });
  const wrong = again.counting
    .map(({ op, path }) => `${op} ${formatPath(path)}`)
    .filter((one) => !hidden.some((path) => one.endsWith(path)));
  return {
    name,
    paths: adopted.length,
    wrong: [
      ...settled,
      ...wrong,
      ...(JSON.stringify(others) === JSON.stringify(same) ? [] : ["another object changed"]),
    ],
  };
}

test("every golden case that drifted: the hotfix goes into its file, and it is in sync", () => {
  const taken = goldenNames()
    .map(readCase)
    .flatMap((golden) => {
      const look = looksOf(golden).at(-1) ?? "end";
      return judgeLook(golden, openLook(golden, look), undefined, (judged) =>
        judged.flatMap((one) => takeOver(golden, one) ?? []),
      );
    });
  expect(taken.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  expect(taken.length).toBeGreaterThan(40);
  console.log(`taken over: ${taken.length} objects, ${taken.reduce((sum, { paths }) => sum + paths, 0)} paths`);
}, 60_000);
