import { expect, test } from "vitest";
import { ledApi } from "../../../src/cli/run/led-api.ts";
import type { ApiAnswer, ObjectApi } from "../../../src/model/api.ts";

test("who does not hold the lease reads, and writes nothing", async () => {
  const sent: string[] = [];
  const answer = (what: string) => (): Promise<ApiAnswer> => {
    sent.push(what);
    return Promise.resolve({ ok: false, status: 404, reason: "NotFound", message: "" });
  };
  const plain: ObjectApi = {
    get: answer("get"),
    create: answer("create"),
    patch: answer("patch"),
    remove: answer("remove"),
  };
  let leads = true;
  const api = ledApi(plain, () => leads);
  const ref = { kind: { group: "", version: "v1", kind: "ConfigMap" }, namespace: "shop", name: "a" };
  const all = async (): Promise<readonly number[]> => [
    (await api.get(ref)).status,
    (await api.create(ref, {})).status,
    (await api.patch(ref, { type: "merge", body: {} })).status,
    (await api.remove(ref, { uid: "x" })).status,
  ];
  expect(await all()).toEqual([404, 404, 404, 404]);
  leads = false;
  expect(await all()).toEqual([404, 0, 0, 0]);
  expect(sent).toEqual(["get", "create", "patch", "remove", "get"]);
});
