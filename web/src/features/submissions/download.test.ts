import { expect, it } from 'vitest';
import { fileName } from './download';

it.each([
  [{}, 'submission-17.csv'],
  [{ verdict: 'malicious', kind: 'domain', state: 'done' }, 'submission-17-malicious-domain-done.csv'],
  [{ text: { match: 'prefix', value: 'http://a.example/x?y' } }, 'submission-17-prefix-http_a.example_x_y.csv'],
] as const)('%o: %s', (filter, name) => expect(fileName('csv', 17, filter)).toBe(name));
