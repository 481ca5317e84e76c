import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineComponent, h } from 'vue';
import { useShortcuts } from './useShortcuts';

const shortcuts = { box: vi.fn<() => void>(), palette: vi.fn<() => void>(), help: vi.fn<() => void>(), go: vi.fn<(key: string) => void>() };
let wrapper: ReturnType<typeof mount>;

beforeEach(() => {
  vi.clearAllMocks();
  wrapper = mount(
    defineComponent(() => {
      useShortcuts(shortcuts);
      return () => h('input');
    }),
    { attachTo: document.body },
  );
});
afterEach(() => wrapper.unmount());

function press(key: string, options: KeyboardEventInit = {}, target: Element = document.body): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options }));
}

it('knows its keys', () => {
  press('/');
  press('?');
  press('k', { ctrlKey: true });
  press('g');
  press('q');
  expect(shortcuts.box).toHaveBeenCalledOnce();
  expect(shortcuts.help).toHaveBeenCalledOnce();
  expect(shortcuts.palette).toHaveBeenCalledOnce();
  expect(shortcuts.go).toHaveBeenCalledExactlyOnceWith('q');
});

it('leaves letters to who writes, and Ctrl+K works there too', () => {
  const input = wrapper.element;
  press('/', {}, input);
  press('?', {}, input);
  press('g', {}, input);
  press('q', {}, input);
  press('k', { metaKey: true }, input);
  expect(shortcuts.box).not.toHaveBeenCalled();
  expect(shortcuts.help).not.toHaveBeenCalled();
  expect(shortcuts.go).not.toHaveBeenCalled();
  expect(shortcuts.palette).toHaveBeenCalledOnce();
});
