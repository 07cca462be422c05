/** Limbeck's version as it stands in manifests and exports; package.json says the same. */
export const version = '0.1.0';
