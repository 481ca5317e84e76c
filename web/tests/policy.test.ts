import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contentSecurityPolicy } from '../policy.ts';

it('the preview runs under the policy that the API sends', () => {
  const sent = /const CONTENT_SECURITY_POLICY: &str = "([^"]*)";/.exec(readFileSync('../api/src/site.rs', 'utf8'))?.[1];
  // A backslash at the end of a line takes it and the blanks of the next away.
  expect(contentSecurityPolicy).toBe(sent?.replace(/\\\n\s*/g, ''));
});
