"""What a judge finds, compared with a file of accepted findings that have a reason each."""
import fnmatch
import os

from assemblies import read_json


def compare(case, file, found, keys):
    """`found` is a list of dictionaries; an entry of the file accepts those whose `keys` match its
    patterns. A finding that nothing accepts fails the test, as does an entry that accepts nothing."""
    accepted = read_json(os.path.dirname(__file__), file)
    used = [False] * len(accepted)
    new = []
    for finding in found:
        matches = [index for index, entry in enumerate(accepted)
                   if all(fnmatch.fnmatchcase(str(finding[key]), entry[key]) for key in keys)]
        for index in matches:
            used[index] = True
        if not matches:
            new.append(finding)
    for entry in accepted:
        case.assertEqual(sorted(entry), sorted([*keys, 'reason']), entry)
        case.assertGreater(len(entry['reason']), 20, entry)
    lines = [' '.join(f'{key}={value}' for key, value in finding.items()) for finding in new[:40]]
    case.assertEqual(new, [], f'{len(new)} findings that {file} does not accept:\n' + '\n'.join(lines))
    stale = [entry for entry, is_used in zip(accepted, used) if not is_used]
    case.assertEqual(stale, [], f'{file} accepts what is not found any more')
