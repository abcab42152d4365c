/** Files are changed all or not at all, keep their mode, and are changed where a link leads. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { writeFiles } from "../../../src/cli/adopt/write-files.ts";
import { createFolder } from "../terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
let [one, two] = ["", ""];
let count = 0;
let root = "";
beforeEach(() => {
  root = folder.at(`t${(count += 1)}`);
  mkdirSync(root);
  [one, two] = [path.join(root, "one.yaml"), path.join(root, "two.yaml")];
  writeFileSync(one, "one\n");
  writeFileSync(two, "two\n");
});
const texts = (): readonly string[] => [readFileSync(one, "utf8"), readFileSync(two, "utf8")];

test("all of them, with their mode; nothing is left beside them", () => {
  chmodSync(one, 0o640);
  const fresh = path.join(root, "new.yaml");
  writeFiles([
    { file: one, before: "one\n", after: "1\n" },
    { file: fresh, before: undefined, after: "new\n" },
  ]);
  expect(texts()).toEqual(["1\n", "two\n"]);
  expect(statSync(one).mode & 0o777).toBe(0o640);
  expect(readdirSync(root).toSorted()).toEqual(["new.yaml", "one.yaml", "two.yaml"]);
});

test("a link stays one: what it leads to is changed", () => {
  const link = path.join(root, "link.yaml");
  symlinkSync("one.yaml", link);
  writeFiles([{ file: link, before: "one\n", after: "1\n" }]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(texts()[0]).toBe("1\n");
});

describe("one that fails: every other as it was, nothing beside it, and it is named", () => {
  test.each([
    [
      "its folder is not there",
      () => ({ file: path.join(root, "none/x.yaml"), before: undefined, after: "" }),
      /none\/x\.yaml cannot be written: ENOENT/,
    ],
    ["it changed meanwhile", () => ({ file: two, before: "2\n", after: "" }), /two\.yaml changed meanwhile/],
    ["it was made meanwhile", () => ({ file: two, before: undefined, after: "" }), /two\.yaml was made meanwhile/],
  ])("%s", (_, failing, message) => {
    expect(() => writeFiles([{ file: one, before: "one\n", after: "1\n" }, failing()])).toThrow(message);
    expect(texts()).toEqual(["one\n", "two\n"]);
    expect(readdirSync(root).toSorted()).toEqual(["one.yaml", "two.yaml"]);
  });

  test("its scratch name is taken: what is new goes again, what is there stays", () => {
    const fresh = path.join(root, "new.yaml");
    const scratchOf = (file: string): string => path.join(root, `.${path.basename(file)}.plumbline-${process.pid}`);
    // Somebody's folder where the scratch file of the second would be.
    mkdirSync(scratchOf(one));
    expect(() =>
      writeFiles([
        { file: fresh, before: undefined, after: "new\n" },
        { file: one, before: "one\n", after: "1\n" },
      ]),
    ).toThrow(/one\.yaml cannot be written/);
    expect([texts()[0], existsSync(fresh), existsSync(scratchOf(fresh))]).toEqual(["one\n", false, false]);
  });
});
