/** Lists and maps between brackets, laid out over lines at random: any change can be made, and comments of what stays stay. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { editFile } from "../../../src/cli/adopt/file-edit.ts";
import type { Json } from "../../../src/model/json.ts";
import { readManifests } from "../../../src/sources/yaml.ts";

const pool = ["aa", "bb", "cc", "dd", "ee", "ff", "gg"];

interface Entry {
  readonly name: string;
  readonly isBroken: boolean;
  readonly above: boolean;
  readonly behind: boolean;
}

const entries = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...pool),
      isBroken: fc.boolean(),
      above: fc.boolean(),
      behind: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5, selector: ({ name }) => name },
  )
  .map((all): readonly Entry[] => all);

/** A comment needs a line break behind it, and before it where it stands above. */
function layOut(all: readonly Entry[], isMap: boolean, comma: boolean, closes: boolean): string {
  let text = isMap ? "{" : "[";
  let breaks = false;
  for (const [at, { name, isBroken, above, behind }] of all.entries()) {
    text += isBroken || above || breaks ? "\n    " : " ";
    if (above) text += `# above ${name}\n    `;
    text += isMap ? `${name}: 1` : name;
    if (at < all.length - 1 || comma) text += ",";
    if (behind) text += ` # behind ${name}`;
    breaks = behind;
  }
  return `${text}${breaks || closes ? "\n  " : " "}${isMap ? "}" : "]"}`;
}

test("flow lists and maps over lines", () => {
  fc.assert(
    fc.property(
      entries,
      fc.array(fc.constantFrom("stay", "go", "before", "behind"), { minLength: 5, maxLength: 5 }),
      fc.record({ isMap: fc.boolean(), comma: fc.boolean(), closes: fc.boolean() }),
      (all, fates, { isMap, comma, closes }) => {
        const names = all.flatMap(({ name }, at): readonly string[] => {
          const fate = fates[at] ?? "stay";
          if (fate === "go") return [];
          return fate === "stay" ? [name] : fate === "before" ? [`x${at}`, name] : [name, `x${at}`];
        });
        fc.pre(names.length > 0);
        const to: Json = isMap ? Object.fromEntries(names.map((name) => [name, 1])) : names;
        const text = `apiVersion: v1\nkind: Thing\nmetadata: { name: it }\nspec:\n  a: ${layOut(all, isMap, comma, closes)}\n  b: 1\n`;
        const edit = editFile({
          text,
          index: 0,
          expand: false,
          change: (written) => ({ ...(written as object), spec: { a: to, b: 1 } }) as Json,
        });
        expect(edit).toMatchObject({ ok: true });
        if (!edit.ok) return;
        expect(readManifests(edit.text, "it").objects[0]?.object["spec"]).toEqual({ a: to, b: 1 });
        for (const { name, above, behind } of all) {
          if (above) expect(edit.text).toContain(`# above ${name}\n`);
          if (behind && names.includes(name))
            expect(edit.text).toMatch(new RegExp(`${name}(: 1)?,? # behind ${name}\n`));
        }
        expect(edit.text).not.toMatch(/,\s*,/);
        if (!comma) expect(edit.text).not.toMatch(/,[^\S\n]*(#[^\n]*)?\n?\s*[\]}]\n/);
      },
    ),
    { numRuns: Number(process.env["EDIT_RUNS"] ?? 400) },
  );
}, 120_000);
