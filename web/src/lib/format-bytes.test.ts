import { expect, it } from 'vitest';
import { formatBytes } from './format-bytes';

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1200, '1.2 kB'],
  [11_951_337, '12 MB'],
  [268_435_456, '268 MB'],
])('%i', (bytes, words) => expect(formatBytes(bytes, 'en')).toBe(words));
