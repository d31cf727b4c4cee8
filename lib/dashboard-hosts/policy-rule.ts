/** The tokens of oslo.policy's language. Only brackets at an end of a word are tokens. */
function tokensOf(rule: string): string[] {
  return rule
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => {
      const [, open, inner, close] = /^(\(*)(.*?)(\)*)$/.exec(word)!;
      return [...open, ...(inner ? [inner] : []), ...close];
    });
}

/**
 * Why oslo.policy would not understand a rule, or undefined if it does. It would refuse everybody
 * instead.
 */
export function faultOfRule(rule: string): string | undefined {
  if (rule === '') {
    // Everybody is allowed
    return undefined;
  }
  const tokens = tokensOf(rule);
  let at = 0;
  const is = (pattern: RegExp): boolean => pattern.test(tokens[at] ?? '');
  const fault = expression();
  return fault ?? (at < tokens.length ? `'${tokens[at]}' is not expected` : undefined);

  function expression(): string | undefined {
    for (;;) {
      const found = term();
      if (found !== undefined || !is(/^(and|or)$/i)) {
        return found;
      }
      at += 1;
    }
  }

  function term(): string | undefined {
    while (is(/^not$/i)) {
      at += 1;
    }
    const token = tokens[at];
    at += 1;
    if (token !== '(') {
      return faultOfCheck(token);
    }
    const found = expression();
    if (found === undefined && !is(/^\)$/)) {
      return 'a closing bracket is missing';
    }
    at += 1;
    return found;
  }
}

function faultOfCheck(token: string | undefined): string | undefined {
  if (token === undefined) {
    return 'a check is missing at the end';
  }
  if (token === '@' || token === '!') {
    return undefined;
  }
  if (!/^[^:]+:/.test(token) || /^(["']).*\1$/.test(token)) {
    return `'${token}' is not a check such as role:admin`;
  }
  return /^https?:/.test(token)
    ? `'${token}' would be called for each button of a page`
    : undefined;
}
