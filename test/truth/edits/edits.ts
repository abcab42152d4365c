/** Every kind of edit a mutation can be. */
import type { EditRow } from "./edit.ts";
import { fieldEdits } from "./fields.ts";
import { listEdits } from "./lists.ts";
import { mapEdits } from "./maps.ts";
import { roleEdits } from "./roles.ts";
import { scalarEdits } from "./scalars.ts";

export const editRows: readonly EditRow[] = [...scalarEdits, ...fieldEdits, ...mapEdits, ...listEdits, ...roleEdits];
