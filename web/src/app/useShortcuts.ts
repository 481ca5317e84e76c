import { useEventListener } from '@vueuse/core';

/** What a key does. */
export interface Shortcuts {
  /** Puts the cursor into the box. */
  box: () => void;
  palette: () => void;
  help: () => void;
  /** Goes to the place whose key came after `g`. */
  go: (key: string) => void;
}

const GO_WITHIN = 1500;

/** True where a letter is written and not a command. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** The keys of the whole app. Ctrl+K works everywhere; the others not while one writes, nor in a window on top of the page. */
export function useShortcuts(shortcuts: Shortcuts): void {
  let goUntil = 0;

  useEventListener(document, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      shortcuts.palette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
    if (goUntil > event.timeStamp) {
      goUntil = 0;
      shortcuts.go(event.key);
    } else if (event.key === '/') {
      event.preventDefault();
      shortcuts.box();
    } else if (event.key === '?') {
      shortcuts.help();
    } else if (event.key === 'g') {
      goUntil = event.timeStamp + GO_WITHIN;
    }
  });
}
