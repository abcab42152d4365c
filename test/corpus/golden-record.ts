/**
 * Records golden cases anew: `npm run golden` for all, `npm run golden fp-01` for those whose name starts so. Starts
 * control planes of its own, and writes `live*.json` into each folder.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { goldenNames, goldenRoot, readCase } from "./golden-case.ts";
import { recordAll } from "./golden-recording.ts";

const wanted = process.argv.slice(2);
const names = goldenNames().filter((name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)));
const { version, recordings, failures } = await recordAll(names.map(readCase));
for (const [name, recording] of recordings)
  for (const [file, text] of recording) writeFileSync(path.join(goldenRoot, name, file), text);
if (wanted.length === 0) writeFileSync(path.join(goldenRoot, "RECORDED-WITH"), `${version}\n`);
for (const why of failures.values()) console.error(why);
console.log(`${recordings.size} cases recorded with ${version}, ${failures.size} failed`);
process.exitCode = failures.size === 0 ? 0 : 1;
