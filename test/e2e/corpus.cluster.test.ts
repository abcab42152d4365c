/**
 * Published manifests, judged by the operator on a real API server: deployed in three ways they are in sync, all of
 * them and for good; edited by hand, exactly what was edited is found, and undone, all of it is resolved.
 */
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, getString, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import type { CorpusEdit, Deployer, Told } from "./corpus-edit.ts";
import { corpusEdits } from "./corpus-edits.ts";
import { aboutOf, setCorpusStage, type CorpusStage, type Counts } from "./corpus-stage.ts";
import { eventually } from "./operator.ts";

const ways: readonly (readonly [way: string, command: readonly string[], deployer: Deployer])[] = [
  ["server-side apply", ["apply", "--server-side"], { manager: "kubectl", tracksBare: false, ownsDefaults: false }],
  ["client-side apply", ["apply"], { manager: "kubectl-client-side-apply", tracksBare: true, ownsDefaults: true }],
  ["plain create", ["create"], { manager: "kubectl-create", tracksBare: false, ownsDefaults: true }],
];

const contentTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  "strategic-merge": "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

interface Finding {
  readonly verdict: string;
  readonly changes: readonly Told[];
  readonly ownershipWiped: boolean;
}

const byPath = (one: Told, other: Told): number => one.path.localeCompare(other.path);

function toldBy(change: Json): Told {
  const subresource = getString(change, "owner", "subresource");
  const previous = getString(change, "owner", "previous", "manager");
  return {
    op: getString(change, "op") as Told["op"],
    path: getString(change, "path") ?? "",
    manager: getString(change, "owner", "manager") ?? "",
    operation: getString(change, "owner", "operation") as Told["operation"],
    ...(subresource === undefined ? {} : { subresource }),
    confidence: getString(change, "owner", "confidence") as Told["confidence"],
    ...(previous === undefined ? {} : { previous }),
  };
}

/** By what they are about, what the Drift records say. */
async function findings(stage: CorpusStage): Promise<Readonly<Record<string, Finding>>> {
  const entries = (await stage.drifts()).map((record) => {
    const changes = getIn(record, "changes");
    const finding: Finding = {
      verdict: getString(record, "verdict") ?? "",
      changes: (isArray(changes) ? changes : []).map(toldBy).toSorted(byPath),
      ownershipWiped: getIn(record, "ownershipWiped") === true,
    };
    return [aboutOf(getIn(record, "object")), finding] as const;
  });
  return Object.fromEntries(entries);
}

function subjectOf({ kind, pathname }: CorpusEdit): string {
  const [name, , namespace] = pathname.split("/").toReversed();
  return pathname.includes("/namespaces/") ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
}

function wantedOf(edits: readonly CorpusEdit[]): Readonly<Record<string, Finding>> {
  return Object.fromEntries(
    edits.map((edit) => [
      subjectOf(edit),
      {
        verdict: edit.patch === undefined ? "missing" : "drifted",
        changes: edit.changes.toSorted(byPath),
        ownershipWiped: false,
      },
    ]),
  );
}

async function edit(stage: CorpusStage, { pathname, patch, subresource, manager }: CorpusEdit): Promise<void> {
  if (patch === undefined) {
    await stage.send("DELETE", pathname);
    return;
  }
  const force = patch.type === "apply" ? "&force=true" : "";
  const at = subresource === undefined ? pathname : `${pathname}/${subresource}`;
  await stage.send("PATCH", `${at}?fieldManager=${manager}${force}`, patch.body, contentTypes[patch.type]);
}

/** Puts back the whole object as it was, whatever became of it. */
async function undo(stage: CorpusStage, { pathname, patch }: CorpusEdit, object: JsonObject): Promise<void> {
  const { resourceVersion: _, uid, managedFields: __, ...metadata } = object["metadata"] as JsonObject;
  if (patch === undefined) {
    const collection = pathname.slice(0, pathname.lastIndexOf("/"));
    await stage.send("POST", `${collection}?fieldManager=undo`, { ...object, metadata });
    return;
  }
  // Its controllers write too: in between, it may have become another version.
  await eventually(`${pathname} put back`, async () => {
    const resourceVersion = getString(await stage.send("GET", pathname), "metadata", "resourceVersion") ?? "";
    const body = { ...object, metadata: { ...metadata, uid: uid ?? "", resourceVersion } };
    await stage.send("PUT", `${pathname}?fieldManager=undo`, body);
    return true;
  });
}

const total = (counts: Counts, ...verdicts: readonly string[]): number =>
  Object.values(counts).reduce(
    (sum, one) => sum + verdicts.reduce((inOne, verdict) => inOne + (one[verdict] ?? 0), 0),
    0,
  );

describeWith(
  ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "kustomize", "helm", "corpora"],
  "corpora, judged by the operator",
  ({ corpora }) => {
    const stages: (Promise<CorpusStage> | undefined)[] = [];
    /** The next one is set while this one is watched for staying as it is, and does nothing. */
    const stageOf = (at: number): Promise<CorpusStage> | undefined => {
      const way = ways[at];
      if (way === undefined || stages[at] !== undefined) return stages[at];
      const stage = setCorpusStage(path.join(corpora, "manifests"), way[1]);
      stage.catch(() => {});
      stages[at] = stage;
      return stage;
    };
    afterAll(async () => {
      for (const stage of stages) await (await stage?.catch(() => undefined))?.stop();
    });

    describe.each(ways.map(([way, , deployer], at) => ({ way, deployer, at })))("$way", ({ way, deployer, at }) => {
      let stage: CorpusStage;
      const say = (text: string): void => console.log(`${way} (operator: ${stage.memory()}): ${text}`);

      beforeAll(async () => {
        stage = (await stageOf(at)) as CorpusStage;
      });

      test("in sync, every object, and it stays so", async () => {
        await eventually(
          "every object in sync",
          async () => {
            expect(await stage.counts()).toEqual(stage.expected);
            return true;
          },
          { within: 80_000, every: 250 },
        );
        say(stage.report);
        void stageOf(at + 1);
        const until = performance.now() + 15_000;
        while (performance.now() < until) {
          expect(await stage.counts()).toEqual(stage.expected);
          await wait(500);
        }
        expect(await stage.operator.metric("plumbline_drifts_total")).toBeUndefined();
        expect(await stage.drifts()).toEqual([]);
      });

      test("edited by hand: exactly that, each with its path and who did it; undone: all resolved", async () => {
        const edits = corpusEdits(deployer);
        const wanted = wantedOf(edits);
        const before = new Map<CorpusEdit, JsonObject>();
        for (const one of edits) {
          before.set(one, await stage.send("GET", one.pathname));
          await edit(stage, one);
        }
        await eventually("a record of each", async () => {
          expect(Object.keys(await findings(stage)).toSorted()).toEqual(Object.keys(wanted).toSorted());
          return true;
        });
        // What else there might be to tell has come by then.
        await wait(2_000);
        expect(await findings(stage)).toEqual(wanted);
        expect(await stage.operator.metric("plumbline_drifts_total")).toBe(edits.length);
        const counts = await stage.counts();
        expect(total(counts, "drifted", "missing")).toBe(edits.length);
        expect(total(counts, "in-sync")).toBe(total(stage.expected, "in-sync") - edits.length);
        say(`${edits.length} edits found`);

        for (const [one, object] of before) await undo(stage, one, object);
        await eventually("all in sync again", async () => {
          expect(await stage.counts()).toEqual(stage.expected);
          expect(await findings(stage)).toEqual({});
          return true;
        });
        const resolved = await eventually("a resolution told of each", async () => {
          const told = (await stage.items("/apis/events.k8s.io/v1/events"))
            .filter((event) => getString(event, "reason") === "DriftResolved")
            .map((event) => aboutOf(getIn(event, "regarding")))
            .filter((subject) => !subject.startsWith("Baseline "));
          return told.length >= edits.length ? told : undefined;
        });
        expect(resolved.toSorted()).toEqual(Object.keys(wanted).toSorted());
        expect(await stage.operator.metric("plumbline_drifts_total")).toBe(edits.length);
        say("undone");
      });
    });
  },
);
