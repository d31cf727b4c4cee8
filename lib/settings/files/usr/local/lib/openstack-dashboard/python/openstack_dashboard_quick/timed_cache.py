"""Answers of a function that are kept for some time."""
import time


def cached_for(seconds, function, at_most=1, is_kept=lambda answer: True):
    """The function, called once per `seconds` with the same arguments. At most so many answers are kept, and
    only those that `is_kept` accepts."""
    kept = {}

    def cached(*arguments):
        now = time.monotonic()
        since, answer = kept.get(arguments, (float('-inf'), None))
        if now - since > seconds:
            answer = function(*arguments)
            if is_kept(answer):
                if len(kept) >= at_most:
                    kept.clear()
                kept[arguments] = now, answer
        return answer
    return cached
