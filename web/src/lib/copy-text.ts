/**
 * Puts a text on the clipboard; false when the browser did not let us. Over plain HTTP, as on many intranets, there is no
 * `navigator.clipboard`: the old command copies what is selected in a field, which stands beside `near`, where a window that keeps the
 * focus lets it have it.
 */
export async function copyText(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, near);
  }
}

function copySelected(text: string, near: Element): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'sr-only';
  field.readOnly = true;
  const focused = document.activeElement;
  near.after(field);
  try {
    field.focus({ preventScroll: true });
    field.select();
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
