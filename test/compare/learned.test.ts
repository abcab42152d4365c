/** Admission told from people: what a dry run was answered with against what live says. */
import { expect, test } from "vitest";
import { diffObjects } from "../../src/compare/diff.ts";
import { says, weighByAnswer } from "../../src/compare/learned.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { builtIn, deployment } from "../verdict/pair-fixture.ts";

const web = { name: "web", image: "web:1.4" };
const proxy = { name: "proxy", image: "proxy:1.0", env: [{ name: "LEVEL", value: "info" }] };

const withContainers = (...containers: readonly Json[]): JsonObject => ({ template: { spec: { containers } } });
const withLabels = (labels: JsonObject, spec: JsonObject = {}): KubeObject => deployment(spec, { labels });

interface Row {
  readonly name: string;
  readonly desired: KubeObject;
  readonly answer: KubeObject;
  readonly repeated?: KubeObject;
  readonly live: KubeObject;
  /** `op path` of what counts; with ` = value` where admission's own value is named. */
  readonly counts: readonly string[];
  readonly suppressed?: readonly string[];
  readonly contested?: boolean;
}

const plain = deployment();
const sidecar = deployment(withContainers(web, proxy));
const sidecarPath = '.spec.template.spec.containers[name="proxy"]';

const rows: readonly Row[] = [
  {
    name: "an injected container is admission's",
    desired: plain,
    answer: sidecar,
    live: sidecar,
    counts: [],
    suppressed: [sidecarPath],
  },
  {
    name: "a live object that predates the injector is as Git says",
    desired: plain,
    answer: sidecar,
    live: plain,
    counts: [],
  },
  {
    name: "an edit inside of what was injected counts at its own path, with the value that admission sets",
    desired: plain,
    answer: sidecar,
    live: deployment(withContainers(web, { ...proxy, image: "proxy:evil" })),
    counts: [`added ${sidecarPath}.image = "proxy:1.0"`],
    contested: true,
  },
  {
    name: "something added inside of what was injected counts at its own path",
    desired: plain,
    answer: sidecar,
    live: deployment(withContainers(web, { ...proxy, securityContext: { privileged: true } })),
    counts: [`added ${sidecarPath}.securityContext`],
  },
  {
    name: "something taken out of what was injected counts at its own path",
    desired: plain,
    answer: sidecar,
    live: deployment(withContainers(web, { name: "proxy", image: "proxy:1.0" })),
    counts: [`removed ${sidecarPath}.env[name="LEVEL"]`],
  },
  {
    name: "a container added by hand beside the injected one counts",
    desired: plain,
    answer: sidecar,
    live: deployment(withContainers(web, proxy, { name: "miner", image: "miner:1" })),
    counts: ['added .spec.template.spec.containers[name="miner"]'],
    suppressed: [sidecarPath],
  },
  {
    name: "a hand edit of what Git states counts, whatever was injected",
    desired: plain,
    answer: sidecar,
    live: deployment({ replicas: 5, ...withContainers(web, proxy) }),
    counts: ["changed .spec.replicas"],
    suppressed: [sidecarPath],
  },
  {
    name: "what admission makes of a stated value is admission's",
    desired: plain,
    answer: deployment({ replicas: 3 }),
    live: deployment({ replicas: 3 }),
    counts: [],
    suppressed: [".spec.replicas"],
  },
  {
    name: "another value than Git's and admission's counts against Git's",
    desired: plain,
    answer: deployment({ replicas: 3 }),
    live: deployment({ replicas: 4 }),
    counts: ["changed .spec.replicas"],
  },
  {
    name: "a stated value that admission takes away may be absent",
    desired: withLabels({ team: "shop", debug: "on" }),
    answer: withLabels({ team: "shop" }),
    live: withLabels({ team: "shop" }),
    counts: [],
    suppressed: [".metadata.labels.debug"],
  },
  {
    name: "a stated value that admission leaves alone may not be absent",
    desired: withLabels({ team: "shop", debug: "on" }),
    answer: withLabels({ team: "shop", debug: "on", cost: "12" }),
    live: withLabels({ team: "shop", cost: "12" }),
    counts: ["removed .metadata.labels.debug"],
    suppressed: [".metadata.labels.cost"],
  },
  {
    name: "an injected label with another value counts, with admission's as what it would be",
    desired: plain,
    answer: withLabels({ cost: "12" }),
    live: withLabels({ cost: "13" }),
    counts: ['added .metadata.labels.cost = "12"'],
    contested: true,
  },
  {
    name: "a label that admission does not set counts",
    desired: plain,
    answer: withLabels({ cost: "12" }),
    live: withLabels({ cost: "12", mine: "x" }),
    counts: ["added .metadata.labels.mine"],
    suppressed: [".metadata.labels.cost"],
  },
  {
    name: "a value that is new at each write may be any of its kind",
    desired: plain,
    answer: withLabels({ stamp: "1" }),
    repeated: withLabels({ stamp: "2" }),
    live: withLabels({ stamp: "0" }),
    counts: [],
    suppressed: [".metadata.labels.stamp"],
  },
  {
    name: "a value that is the same at each write may not",
    desired: plain,
    answer: withLabels({ stamp: "1", moving: "1" }),
    repeated: withLabels({ stamp: "1", moving: "2" }),
    live: withLabels({ stamp: "0", moving: "7" }),
    counts: ['added .metadata.labels.stamp = "1"'],
    suppressed: [".metadata.labels.moving"],
  },
  {
    name: "a stated value is never excused for being new at each write",
    desired: withLabels({ stamp: "0" }),
    answer: withLabels({ stamp: "1" }),
    repeated: withLabels({ stamp: "2" }),
    live: withLabels({ stamp: "7" }),
    counts: ["changed .metadata.labels.stamp"],
  },
  {
    name: "a list in order counts as a whole, and is admission's as a whole",
    desired: deployment(withContainers({ ...web, args: ["-a"] })),
    answer: deployment(withContainers({ ...web, args: ["-a", "-b"] })),
    live: deployment(withContainers({ ...web, args: ["-a", "-b"] })),
    counts: [],
    suppressed: ['.spec.template.spec.containers[name="web"].args'],
  },
  {
    name: "a list in order that somebody made longer still counts",
    desired: deployment(withContainers({ ...web, args: ["-a"] })),
    answer: deployment(withContainers({ ...web, args: ["-a", "-b"] })),
    live: deployment(withContainers({ ...web, args: ["-a", "-c"] })),
    counts: ['changed .spec.template.spec.containers[name="web"].args'],
  },
  {
    name: "a sidecar put first changes no order that anybody chose",
    desired: deployment(withContainers(web, { name: "log", image: "log:1" })),
    answer: deployment(withContainers(proxy, web, { name: "log", image: "log:1" })),
    live: deployment(withContainers(proxy, web, { name: "log", image: "log:1" })),
    counts: [],
    suppressed: [sidecarPath],
  },
];

test.each(rows)("$name", ({ desired, answer, repeated, live, counts, suppressed = [], contested = false }) => {
  const learned = { answer, by: ["MutatingWebhookConfiguration sidecars"], ...(repeated && { repeated }) };
  const { differences } = diffObjects({ desired, live, schema: builtIn });
  const weighed = weighByAnswer(differences, differences, { live, schema: builtIn, learned });
  expect(
    weighed.counting.map(({ op, path, defaulted, answered }) => {
      const set = answered === true && defaulted !== undefined ? ` = ${JSON.stringify(defaulted)}` : "";
      return `${op} ${formatPath(path)}${set}`;
    }),
  ).toEqual(counts);
  expect(weighed.suppressed.map(({ path }) => formatPath(path))).toEqual(suppressed);
  expect(weighed.contested).toBe(contested);
  for (const { rule, reason } of weighed.suppressed) {
    expect(rule).toBe("learned-default");
    expect(reason).toContain("MutatingWebhookConfiguration sidecars");
  }
});

test("an answer that says no more than Git need not be kept", () => {
  expect(says(plain, plain, builtIn)).toBe(false);
  expect(says(sidecar, plain, builtIn)).toBe(true);
});
