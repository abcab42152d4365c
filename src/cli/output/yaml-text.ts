/** JSON values as YAML text that kubectl reads back as the same values. */
import { stringify } from "yaml";
import type { Json } from "../../model/json.ts";

export function formatYaml(value: Json): string {
  // 1.1 quotes what kubectl would read as something else: yes, no, 0644, dates.
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
