/**
 * Objects that make the API server show its defaults, zeros and empties: per kind the least there is, and one for each
 * fork in its defaulting. Every type of every kind that can be made occurs in one of them.
 */
import { accessObjects } from "./built-in-objects/access.ts";
import { admissionObjects } from "./built-in-objects/admission.ts";
import { clusterObjects } from "./built-in-objects/cluster.ts";
import { containerObjects } from "./built-in-objects/containers.ts";
import { coreObjects } from "./built-in-objects/core.ts";
import { deviceObjects } from "./built-in-objects/devices.ts";
import { extensionObjects } from "./built-in-objects/extension.ts";
import type { Row } from "./built-in-objects/make.ts";
import { networkingObjects } from "./built-in-objects/networking.ts";
import { nodeObjects } from "./built-in-objects/nodes.ts";
import { persistentVolumeObjects } from "./built-in-objects/persistent-volumes.ts";
import { podObjects } from "./built-in-objects/pods.ts";
import { volumeObjects } from "./built-in-objects/volumes.ts";
import { workloadObjects } from "./built-in-objects/workloads.ts";

/** Name of the case, and the object as a file would have it. */
export const builtInObjects: readonly Row[] = [
  ...podObjects,
  ...containerObjects,
  ...volumeObjects,
  ...persistentVolumeObjects,
  ...workloadObjects,
  ...coreObjects,
  ...nodeObjects,
  ...networkingObjects,
  ...accessObjects,
  ...admissionObjects,
  ...extensionObjects,
  ...clusterObjects,
  ...deviceObjects,
];
