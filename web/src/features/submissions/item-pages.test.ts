import { describe, expect, it, vi } from 'vitest';
import { ItemPages, type FetchPage, type PageStart } from './item-pages';

/** A list of pages of these sizes; rows are their numbers, cursors the number of the page. */
function list(sizes: number[]) {
  const asked: number[] = [];
  const fetch: FetchPage<number> = (cursor) => {
    const page = cursor === undefined ? 0 : Number(cursor);
    asked.push(page);
    const start = sizes.slice(0, page).reduce((sum, size) => sum + size, 0);
    return Promise.resolve({
      rows: Array.from({ length: sizes[page] ?? 0 }, (_, index) => start + index),
      next: page + 1 < sizes.length ? String(page + 1) : undefined,
    });
  };
  return { asked, fetch };
}

/** A list whose rows are numbered as far as `dense`; behind that one must walk. */
function numberedList(state: { total: number }) {
  const asked: PageStart[] = [];
  const fetch: FetchPage<number> = (at) => {
    asked.push(at);
    const start = Number(at ?? 0);
    const rows = Array.from({ length: Math.min(1000, state.total - start) }, (_, index) => start + index);
    return Promise.resolve({ rows, next: start + 1000 < state.total ? String(start + 1000) : undefined });
  };
  return { asked, pages: new ItemPages<number>({ fetch, onChange: () => {}, numbered: 1000 }) };
}

/** A list of one page whose answers come when a test says so, each a row with the number of the question. */
function byHand() {
  const answers: { come: () => void; fail: () => void }[] = [];
  const pages = new ItemPages<number>({
    fetch: () => {
      const number = answers.length;
      return new Promise((resolve, reject) =>
        answers.push({ come: () => resolve({ rows: [number], next: undefined }), fail: () => reject(new Error('no')) }),
      );
    },
    onChange: () => {},
    numbered: 1000,
  });
  return { answers, pages };
}

const settled = (pages: ItemPages<number>) => vi.waitFor(() => expect(pages.busy).toBe(false));

describe('ItemPages', () => {
  it('fetches what is looked at and no more', async () => {
    const { asked, fetch } = list([10, 10, 10]);
    const pages = new ItemPages({ fetch, onChange: () => {} });
    pages.want(0, 8);
    await settled(pages);
    expect(asked).toEqual([0]);
    expect([pages.row(0), pages.row(9), pages.row(10)]).toEqual([0, 9, undefined]);
    expect(pages.complete).toBe(false);
    pages.want(5, 12);
    await settled(pages);
    expect(asked).toEqual([0, 1]);
    expect(pages.row(12)).toBe(12);
  });

  it('goes on by itself over empty pages, up to the end', async () => {
    const { asked, fetch } = list([0, 0, 3, 0, 0]);
    const pages = new ItemPages({ fetch, onChange: () => {} });
    pages.want(0, 20);
    await settled(pages);
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect([pages.known, pages.complete, pages.row(2)]).toEqual([3, true, 2]);
  });

  it('finds that there is nothing', async () => {
    const { fetch } = list([0]);
    const pages = new ItemPages({ fetch, onChange: () => {} });
    pages.want(0, 20);
    await settled(pages);
    expect([pages.known, pages.complete]).toEqual([0, true]);
  });

  it('walks far ahead, keeps few pages and fetches one again on the way back', async () => {
    const { asked, fetch } = list(Array.from({ length: 50 }, () => 10));
    const pages = new ItemPages({ fetch, onChange: () => {}, capacity: 4 });
    pages.want(480, 500);
    await settled(pages);
    expect(asked).toHaveLength(50);
    expect([pages.known, pages.complete, pages.row(499)]).toEqual([500, true, 499]);
    expect(pages.kept).toBeLessThanOrEqual(4);
    pages.want(200, 220);
    await settled(pages);
    expect(asked.slice(50)).toEqual([20, 21]);
    expect([pages.row(200), pages.row(219)]).toEqual([200, 219]);
    expect(pages.kept).toBeLessThanOrEqual(4);
  });

  it('keeps all pages of the view, however small they are', async () => {
    const { fetch } = list(Array.from({ length: 30 }, () => 1));
    const pages = new ItemPages({ fetch, onChange: () => {}, capacity: 4 });
    pages.want(0, 20);
    await settled(pages);
    expect(Array.from({ length: 20 }, (_, index) => pages.row(index))).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('stops the walk where the reader turned back', async () => {
    const { asked, fetch } = list(Array.from({ length: 50 }, () => 10));
    const pages = new ItemPages({ fetch, onChange: () => asked.length === 5 && pages.want(0, 10) });
    pages.want(480, 500);
    await settled(pages);
    expect(asked.length).toBeLessThan(8);
    expect(pages.row(0)).toBe(0);
  });

  it('stops at a failure and goes on when told', async () => {
    const { fetch } = list([10, 10]);
    let broken = true;
    const pages = new ItemPages<number>({ fetch: (cursor, signal) => (broken ? Promise.reject(new Error('no')) : fetch(cursor, signal)), onChange: () => {} });
    pages.want(0, 15);
    await settled(pages);
    expect(pages.error).toBeInstanceOf(Error);
    broken = false;
    pages.retry();
    await settled(pages);
    expect([pages.error, pages.row(14)]).toEqual([undefined, 14]);
  });

  it('begins again for another filter and drops late answers', async () => {
    const late: (() => void)[] = [];
    const pages = new ItemPages<number>({
      fetch: () => new Promise((resolve) => late.push(() => resolve({ rows: [late.length], next: undefined }))),
      onChange: () => {},
    });
    pages.want(0, 5);
    pages.restart();
    late[0]?.();
    await Promise.resolve();
    expect(pages.known).toBe(0);
    late[1]?.();
    await settled(pages);
    expect([pages.known, pages.row(0)]).toEqual([1, 2]);
  });

  it('goes straight to any numbered row, and walks from the last of them', async () => {
    const { asked, pages } = numberedList({ total: 27_000 });
    pages.grow(25_500, 27_000);
    pages.want(20_100, 20_200);
    await settled(pages);
    expect([asked, pages.row(20_150), pages.complete]).toEqual([[20_000], 20_150, false]);
    pages.want(26_900, 27_000);
    await settled(pages);
    expect([asked.slice(1), pages.row(26_999), pages.known, pages.complete]).toEqual([[25_000, '26000'], 26_999, 27_000, true]);
    pages.want(0, 10);
    await settled(pages);
    expect([asked.at(-1), pages.row(0)]).toEqual([undefined, 0]);
  });

  it('sees a numbered list grow where it ended', async () => {
    const state = { total: 1500 };
    const { asked, pages } = numberedList(state);
    pages.want(1400, 1700);
    await settled(pages);
    expect([asked, pages.row(1499)]).toEqual([[undefined, '1000'], 1499]);
    pages.grow(1500, 1500);
    await settled(pages);
    state.total = 2600;
    pages.grow(2600, 2600);
    await settled(pages);
    expect([asked.slice(-1), pages.row(1500), pages.row(1699)]).toEqual([[1000], 1500, 1699]);
    state.total = 2700;
    pages.want(2590, 2700);
    await settled(pages);
    pages.grow(2600, 2700);
    await settled(pages);
    expect([pages.row(2650), pages.known, pages.complete]).toEqual([2650, 2700, true]);
  });

  it('refreshes what is looked at and forgets the rest', async () => {
    let answer = 1;
    const pages = new ItemPages<number>({
      fetch: (cursor) => Promise.resolve({ rows: [answer, answer], next: cursor === undefined ? 'x' : undefined }),
      onChange: () => {},
    });
    pages.want(0, 4);
    await settled(pages);
    pages.want(0, 1);
    answer = 2;
    await pages.refresh();
    expect([pages.row(0), pages.row(2)]).toEqual([2, undefined]);
  });

  it('shows the answer that was asked for last, however late an older one comes', async () => {
    const { answers, pages } = byHand();
    pages.want(0, 1);
    answers[0]?.come();
    await settled(pages);
    pages.grow(1500, 1500); // asks for the page again, as it has grown
    const refreshed = pages.refresh();
    answers[2]?.come();
    await refreshed;
    answers[1]?.come();
    await settled(pages);
    expect(pages.row(0)).toBe(2);
  });

  it('refreshes once more for what changed while it did', async () => {
    const { answers, pages } = byHand();
    pages.want(0, 1);
    answers[0]?.come();
    await settled(pages);
    const refreshed = pages.refresh();
    void pages.refresh();
    void pages.refresh();
    expect(answers).toHaveLength(2);
    answers[1]?.come();
    await vi.waitFor(() => expect(answers).toHaveLength(3));
    answers[2]?.come();
    await refreshed;
    expect([answers.length, pages.row(0)]).toEqual([3, 2]);
  });

  it('says that a refresh failed, and makes it again', async () => {
    const { answers, pages } = byHand();
    pages.want(0, 1);
    answers[0]?.come();
    await settled(pages);
    const refreshed = pages.refresh();
    answers[1]?.fail();
    await refreshed;
    expect([pages.error, pages.row(0)]).toEqual([new Error('no'), 0]);
    pages.retry();
    answers[2]?.come();
    await vi.waitFor(() => expect([pages.error, pages.row(0)]).toEqual([undefined, 2]));
  });
});
