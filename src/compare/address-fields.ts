/**
 * Which fields of built-in types hold addresses, as rows: no schema says so. What the server tells items of a list apart
 * by is no row (the key of `hostAliases`, values of a set), nor what it takes in one spelling only (EndpointSlices).
 * Source: the fields' descriptions, and decision 8.
 */
const rows: Readonly<Record<string, readonly string[]>> = {
  "core.v1.ServiceSpec": ["clusterIP", "clusterIPs", "externalIPs", "loadBalancerIP", "loadBalancerSourceRanges"],
  "core.v1.EndpointAddress": ["ip"],
  "core.v1.PodDNSConfig": ["nameservers"],
  "networking.v1.IPBlock": ["cidr", "except"],
  "networking.v1.ServiceCIDRSpec": ["cidrs"],
};

export const addressFields: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(rows).map(([type, fields]) => [`io.k8s.api.${type}`, new Set(fields)] as const),
);
