import { describe, expect, it } from 'vitest';
import { countLines, guessFormat, takeSample } from './source';

describe('guessFormat', () => {
  it.each([
    ['a.csv', '', 'csv'],
    ['a.TSV', '', 'tsv'],
    ['a.jsonl', '', 'ndjson'],
    ['a.txt', '8.8.8.8\nexample.com\n', 'lines'],
    ['', 'The dropper calls 192[.]0[.]2[.]1 and then sleeps.', 'prose'],
    ['x.txt', 'domain\texample.com\nipv4\t8.8.8.8\n', 'tsv'],
    ['x', '{"value":"8.8.8.8"}\n{"value":"9.9.9.9"}\n', 'ndjson'],
    ['x', 'ip,seen\n8.8.8.8,3\n', 'csv'],
    ['', '', 'lines'],
  ])('%s %j', (name, head, format) => expect(guessFormat(name, head)).toBe(format));
});

describe('takeSample', () => {
  it('is all of what is short', async () => expect(await takeSample(new Blob(['a\nb']), 10)).toBe('a\nb'));
  it('ends where a line ends', async () => expect(await takeSample(new Blob(['aaa\nbbb\nccc']), 9)).toBe('aaa\nbbb\n'));
});

const count = (text: string) => countLines(new Blob([text]), new AbortController().signal, () => {});

describe('countLines', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\nb', 2],
    ['\n\n', 2],
  ])('%j', async (text, lines) => expect(await count(text)).toBe(lines));

  it('stops when told', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(countLines(new Blob(['a']), stop.signal, () => {})).rejects.toThrow('stopped');
  });
});
