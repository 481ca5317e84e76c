import { expect, it } from 'vitest';
import { repeatKeys } from './idempotency-key';

it('keeps the key of the same content until it is taken', () => {
  const keys = repeatKeys();
  const first = keys.of('8.8.8.8', { playbook: 'local' });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(keys.of('8.8.8.8', { playbook: 'local' })).toBe(first);
  expect(keys.of('8.8.8.8', { playbook: 'keyless' })).not.toBe(first);
  const second = keys.of('9.9.9.9');
  keys.taken();
  expect(keys.of('9.9.9.9')).not.toBe(second);
});
