/**
 * Shapes of text that controllers write: what a noise row may ask of a live value. Linear time whatever the text; what
 * is longer than anything a controller writes has no shape.
 */
import { isArray, isObject, parseJson } from "../model/json.ts";
import type { Shape } from "./noise-rule.ts";

const LONGEST = 262_144;
/** Parts of a DNS name, as API names, node names and provisioners have them; slashes between. */
const NAME = /^[A-Za-z0-9](?:[-._/A-Za-z0-9]{0,251}[A-Za-z0-9])?$/;
/** As OpenShift allots them: from a thousand million on, ten thousand each. */
const RANGE = /^[1-9]\d{9}\/10000$/;
const LEVEL = /^s0:c(\d{1,4}),c(\d{1,4})$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isJsonText(text: string): boolean {
  try {
    const value = parseJson(text);
    return isArray(value) || isObject(value);
  } catch {
    return false;
  }
}

const shapes: Readonly<Record<Shape, (text: string) => boolean>> = {
  digits: (text) => /^\d{1,19}$/.test(text),
  name: (text) => NAME.test(text),
  json: isJsonText,
  uuid: (text) => UUID.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text),
  range: (text) => RANGE.test(text),
  level: (text) => {
    const [, low, high] = LEVEL.exec(text) ?? [];
    return low !== undefined && high !== undefined && low !== high;
  },
};

export function hasShape(text: string, shape: Shape): boolean {
  return text.length <= LONGEST && shapes[shape](text);
}
