// Whether the checks of a commit passed on GitHub.

/** The name of the job in .github/workflows/ci.yml that ends last. */
export const CHECK = 'Passed';

/** Fails unless the newest run of that check succeeded. */
export function judgeChecks(runs, commit) {
  const [newest] = runs
    .filter(({ name, app }) => name === CHECK && app?.slug === 'github-actions')
    .sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  if (!newest) {
    throw new Error(`CI has not run for ${commit}: wait for the check "${CHECK}"`);
  }
  if (newest.status !== 'completed' || newest.conclusion !== 'success') {
    throw new Error(
      `the check "${CHECK}" of ${commit} must be a success, got ${newest.conclusion ?? newest.status}`,
    );
  }
}

/** https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference */
export async function fetchChecks(repository, commit, token) {
  const url = `https://api.github.com/repos/${repository}/commits/${commit}/check-runs?check_name=${CHECK}&per_page=100`;
  const response = await globalThis.fetch(url, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    signal: globalThis.AbortSignal.timeout(30_000),
  });
  if (!response.ok) {
    throw new Error(`GitHub answered ${response.status} to the question for checks of ${commit}`);
  }
  return (await response.json()).check_runs;
}
