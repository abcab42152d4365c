/** What one file of YAML may cost at most. */
export interface YamlLimits {
  /** UTF-16 units of one file. */
  readonly maxText: number;
  /** Values that all aliases of one document may expand to. */
  readonly maxAliased: number;
  readonly maxDepth: number;
}

export const yamlLimits: YamlLimits = { maxText: 8 * 1024 * 1024, maxAliased: 100_000, maxDepth: 500 };
