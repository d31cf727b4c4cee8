// Versions of releases: whether the next one is allowed to follow the last one.

/** `1.2.3` as numbers. Prereleases are not released. */
export function parseVersion(version) {
  const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(version ?? '');
  if (!match) {
    throw new Error(`the version must have the form 1.2.3, got ${version ?? 'none'}`);
  }
  return match.slice(1).map(Number);
}

/** Negative if `a` is before `b`, 0 if they are equal. */
export function compareVersions(a, b) {
  const left = parseVersion(a);
  const right = parseVersion(b);
  const index = left.findIndex((number, position) => number !== right[position]);
  return index < 0 ? 0 : left[index] - right[index];
}

/**
 * The versions that may follow `last`. Before 1.0.0 a minor version may break, afterwards a major one.
 * https://semver.org/#how-should-i-deal-with-revisions-in-the-0yz-initial-development-phase
 */
export function allowedVersions(last, breaking) {
  const [major, minor, patch] = parseVersion(last);
  const next = [`${major + 1}.0.0`];
  if (major === 0 || !breaking) {
    next.unshift(`${major}.${minor + 1}.0`);
  }
  if (!breaking) {
    next.unshift(`${major}.${minor}.${patch + 1}`);
  }
  return next;
}

export function checkVersion(next, last, breaking) {
  parseVersion(next);
  const allowed = allowedVersions(last, breaking);
  if (!allowed.includes(next)) {
    const reason = breaking ? `, as there are breaking changes since ${last}` : '';
    throw new Error(
      `the version after ${last} must be ${allowed.join(' or ')}${reason}, got ${next}`,
    );
  }
}

/** SECURITY.md with the minor version that gets security fixes. */
export function supported(policy, version) {
  const [major, minor] = parseVersion(version);
  const row = /^\| \d+\.\d+\.x +\| yes/gm;
  if (policy.match(row)?.length !== 1) {
    throw new Error('SECURITY.md must have one row of a version "1.2.x" with "yes"');
  }
  return policy.replace(row, (old) => {
    const cell = `| ${major}.${minor}.x`;
    return `${cell.padEnd(old.lastIndexOf('|'))}| yes`;
  });
}
