/** What an answer waits for until a test lets it go. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const made = { opened: Promise.resolve(), open: () => {} };
  made.opened = new Promise((resolve) => (made.open = resolve));
  return made;
}
