/** Rows of a CSV or TSV text, at most so many; a quoted cell may hold the separator, quotes and line ends. */
export function parseRows(text: string, separator: ',' | '\t', most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at] ?? '';
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator) {
      row.push(cell);
      cell = '';
    } else if (letter === '\n') endRow();
    else if (letter !== '\r') cell += letter;
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) endRow();
  return rows;
}

/** Fields of an NDJSON object that hold the value when none is named; the server takes the same. */
const FIELDS = ['value', 'indicator', 'ioc', 'observable'] as const;

/** The value of one NDJSON line; empty where there is none. */
export function fieldOf(line: string, field: string): string {
  try {
    const object: unknown = JSON.parse(line);
    if (typeof object === 'string') return object;
    if (typeof object !== 'object' || object === null) return '';
    const names = field ? [field] : FIELDS;
    const found = names.map((name) => (object as Record<string, unknown>)[name]).find((value) => typeof value === 'string');
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
}

/** True for a first cell that the server takes for a header when it is no indicator: a word or a few. */
export function looksLikeHeader(cell: string): boolean {
  return /^[\p{L}\s_#-]+$/u.test(cell.trim());
}
