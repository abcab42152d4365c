/**
 * Windows on the days on which clocks change, in an operator whose own clock is set to those days: a start that the
 * clocks skip comes as soon as they have, one that they repeat comes once. When something was written is in the audit
 * log, by the clock of the server; what it waited for is in its record, by that of the operator.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import { colourOf, healed, untilColour, untilHealed, untilSaid } from "./heal-scene.ts";
import { moveClock, untilLeads, type Operator } from "./operator.ts";
import { configMap, inNamespace, setScene, untilCondition, yaml, type Scene } from "./scene.ts";

const namespace = "night";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const zone = "Europe/Paris";

const offsets = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
const offsetAt = (at: number): string =>
  offsets.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
/** The next hour, from `from` on, at which clocks there are moved to an offset: in spring 02:00 → 03:00, in autumn back. */
function nextChange(from: number, to: string): number {
  for (let at = Math.ceil(from / HOUR) * HOUR; at < from + 400 * DAY; at += HOUR)
    if (offsetAt(at) === to && offsetAt(at - 1) !== to) return at;
  throw new Error(`clocks in ${zone} never move to ${to}`);
}
const spring = nextChange(Date.now() + DAY, "GMT+02:00");
const autumn = nextChange(spring, "GMT+01:00");
/** At half past two, which comes a second time half an hour after clocks were set back. */
const repeated = autumn + 30 * MINUTE;
const nightly = { schedule: "30 2 * * *", duration: "29m", kind: "Allow", timeZone: zone };
const stops = {
  beforeSpring: spring - 5 * MINUTE,
  asSpringComes: spring - 8 * SECOND,
  beforeRepeated: repeated - 5 * MINUTE,
  asItRepeats: repeated - 3 * SECOND,
  nextNight: repeated + DAY - 8 * SECOND,
};

let scene: Scene;
let operator: Operator;
let since: string;

const object = `ConfigMap ${namespace}/web`;
/** The operator's clock is set to the next of the stops; when that was, by the clock of everybody else, in epoch ms. */
const setClock = async (): Promise<number> => {
  const at = Date.now();
  await moveClock(operator);
  return at;
};
const dirty = async (colour: string): Promise<void> => {
  since = new Date().toISOString();
  await scene.edit(namespace, "web", { colour });
};
const waitsUntil = async (at: number): Promise<void> => {
  const said = await untilSaid(scene, object, ({ waitsUntil: told }) => Date.parse(String(told)) === at);
  expect(said["waitingFor"]).toBe("window");
  const time = new Date(at).toISOString().replace(".000Z", "Z");
  expect(getString(said, "message")).toContain(`healing is allowed again at ${time}`);
};
const untilPutBack = async (): Promise<void> => {
  await untilColour(scene, namespace, "web", "green", 90_000);
  await untilHealed(scene, since, "patch web");
};
const writtenAt = (): number => Date.parse(writesOf(scene.plane, since).find(({ own }) => !own)?.at ?? "");

beforeAll(async () => {
  scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  const web = inNamespace(namespace, configMap("web"));
  scene.repository("night").commit({ "all.yaml": yaml(web) });
  await scene.deploy([web]);
  const clock = `${new URL("moved-clock.ts", import.meta.url).href}?stops=${Object.values(stops).join(",")}`;
  operator = await scene.start({ nodeFlags: ["--import", clock], args: ["--leader-elect=false"] });
  await operator.ready(60_000);
  await untilLeads(operator);
  const limits = { maxPercent: 100 };
  const remediation = { scope: "OptOut", windows: [nightly], approval: "Never", limits };
  await scene.declare("night", "night", { mode: "Remediate", remediation });
  await untilCondition(scene, "night", "Compliant", { status: "True" });
});
afterAll(() => scene?.stop());

test("a start that clocks skip: it opens when they have, as the record said", { timeout: 300_000 }, async () => {
  await setClock();
  await dirty("red");
  await waitsUntil(spring);
  expect(healed(scene, since)).toEqual([]);
  const set = await setClock();
  await untilPutBack();
  expect(writtenAt() - set).toBeGreaterThanOrEqual(spring - stops.asSpringComes);
});

test("a start that clocks repeat: it does not open again, but a night later", { timeout: 300_000 }, async () => {
  await setClock();
  await dirty("red");
  await waitsUntil(repeated + DAY);
  await setClock();
  await wait(6 * SECOND);
  // Past half past two, for the second time: it looks again, and leaves it.
  await scene.edit(namespace, "web", { colour: "blue" });
  await wait(3 * SECOND);
  await waitsUntil(repeated + DAY);
  expect(await colourOf(scene, namespace, "web")).toBe("blue");
  expect(healed(scene, since)).toEqual([]);
  const set = await setClock();
  await untilPutBack();
  expect(writtenAt() - set).toBeGreaterThanOrEqual(repeated + DAY - stops.nextNight);
});
