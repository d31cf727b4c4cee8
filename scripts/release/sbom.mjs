// The software bill of materials: what npm makes of package-lock.json, and what is in our own files.

/** The packages that scripts/bundles.mjs bundles. npm takes them for dev dependencies. */
export const BUNDLED = ['yaml', 'aws4'];

/** npm's bill with the name of the package instead of that of the folder, and with the bundled packages. */
export function completed(sbom, pkg, lock) {
  const { component } = sbom.metadata;
  const components = BUNDLED.map((name) => {
    const { version, license, integrity } = lock.packages[`node_modules/${name}`];
    const [algorithm, hash] = integrity.split('-');
    if (algorithm !== 'sha512') {
      throw new Error(`package-lock.json must have a SHA-512 of ${name}, got ${algorithm}`);
    }
    return {
      'bom-ref': `${name}@${version}`,
      type: 'library',
      name,
      version,
      scope: 'required',
      purl: `pkg:npm/${name}@${version}`,
      hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }],
      licenses: [{ license: { id: license } }],
    };
  });
  const references = components.map((each) => each['bom-ref']);
  return {
    ...sbom,
    metadata: { ...sbom.metadata, component: { ...component, name: pkg.name } },
    components: [...sbom.components, ...components],
    dependencies: [
      ...sbom.dependencies.map((each) =>
        each.ref === component['bom-ref']
          ? { ...each, dependsOn: [...each.dependsOn, ...references] }
          : each,
      ),
      ...references.map((ref) => ({ ref, dependsOn: [] })),
    ],
  };
}
