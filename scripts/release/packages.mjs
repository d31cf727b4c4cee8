// The files of a release, and where each of them is published.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** jsii-pacmak's targets, in the order of the release. */
export const TARGETS = ['js', 'python', 'java', 'dotnet', 'go'];

/** Where the packages of a target go, and how the workflow proves who it is. */
export function destinations(pkg, version) {
  const { python, java, dotnet, go } = pkg.jsii.targets;
  const module = goFolder(pkg);
  return {
    js: {
      registry: 'npm',
      name: `${pkg.name}@${version}`,
      proof: 'OIDC, with provenance',
      files: /\.tgz$/,
    },
    python: {
      registry: 'PyPI',
      name: `${python.distName}==${version}`,
      proof: 'OIDC, with attestations',
      files: /\.(whl|tar\.gz)$/,
    },
    java: {
      registry: 'Maven Central',
      name: `${java.maven.groupId}:${java.maven.artifactId}:${version}`,
      proof: 'user token of the environment, OpenPGP signature',
      files: /\.(jar|pom)$/,
    },
    dotnet: {
      registry: 'NuGet',
      name: `${dotnet.packageId} ${version}`,
      proof: 'OIDC',
      files: /\.s?nupkg$/,
    },
    go: {
      registry: go.moduleName,
      name: `${go.moduleName}/${module}@v${version}`,
      proof: 'deploy key of the environment',
      files: /.*/,
      tag: `${module}/v${version}`,
    },
  };
}

/** The folder that jsii-pacmak gives the Go package: the name of the package without other characters. */
export function goFolder(pkg) {
  return pkg.jsii.targets.go.packageName ?? pkg.name.replace(/[^a-z0-9]/gi, '');
}

/** Each file below a folder, with its size and hash, sorted by path. */
export function filesOf(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = readFileSync(path);
      return {
        path: relative(folder, path),
        size: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** In the format of `sha256sum`: of all files that are not part of the Go module, which git hashes. */
export function checksums(folder) {
  return filesOf(folder)
    .filter(({ path }) => !path.startsWith('go/') && path !== 'SHA256SUMS')
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join('');
}

/** What a release publishes, step by step. Fails if a package is missing or has another version. */
export function planOf(folder, pkg, version, targets = TARGETS) {
  const lines = [];
  for (const [target, to] of Object.entries(destinations(pkg, version))) {
    if (!targets.includes(target)) {
      lines.push(`${to.registry}: not built here (${target})`);
      continue;
    }
    const files = filesOf(join(folder, target)).filter(({ path }) => to.files.test(path));
    const packages = target === 'go' ? files.filter(({ path }) => /go\.mod$/.test(path)) : files;
    if (!packages.length) {
      throw new Error(`${folder}/${target} has no package`);
    }
    const other = packages.find(({ path }) => target !== 'go' && !basename(path).includes(version));
    if (other) {
      throw new Error(`${target}/${other.path} must be of version ${version}`);
    }
    lines.push(`${to.registry}: ${to.name} (${to.proof})`);
    if (target === 'go') {
      const size = files.reduce((sum, file) => sum + file.size, 0);
      lines.push(`  ${files.length} files, ${size} bytes, tag ${to.tag}`);
    } else {
      lines.push(...packages.map((file) => `  ${file.path}  ${file.size} bytes  ${file.sha256}`));
    }
  }
  return lines;
}
