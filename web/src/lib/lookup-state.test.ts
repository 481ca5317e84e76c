import { expect, it } from 'vitest';
import { lookup } from '@/mocks/fixtures';
import { isRetryable } from './lookup-state';

it.each([
  ['dead', true],
  ['parked', true],
  ['running', false],
  ['done', false],
  ['cancelled', false],
] as const)('%s: %s', (state, retryable) => expect(isRetryable(lookup({ state }))).toBe(retryable));
