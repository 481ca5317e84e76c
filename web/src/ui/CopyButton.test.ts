import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import CopyButton from './CopyButton.vue';

let wrapper: ReturnType<typeof mount>;
const press = async () => wrapper.get('button').trigger('click');
const says = (words: string) => vi.waitFor(() => expect(wrapper.text()).toBe(words));
const clipboard = (value: Partial<Clipboard> | undefined) => vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(value as Clipboard);

beforeEach(() => {
  wrapper = mount(CopyButton, { props: { text: 'example[.]com' }, attachTo: document.body });
});
afterEach(() => {
  wrapper.unmount();
  vi.restoreAllMocks();
  Reflect.deleteProperty(document, 'execCommand');
});

it('copies', async () => {
  const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue();
  clipboard({ writeText });
  await press();
  await says('Copied');
  expect(writeText).toHaveBeenCalledExactlyOnceWith('example[.]com');
});

it('copies where there is no clipboard, and gives the focus back', async () => {
  clipboard(undefined);
  let copied: string | undefined;
  document.execCommand = () => {
    const field = document.activeElement as HTMLTextAreaElement;
    copied = field.value.slice(field.selectionStart, field.selectionEnd);
    return true;
  };
  const button = wrapper.get('button').element;
  button.focus();
  await press();
  await says('Copied');
  expect(copied).toBe('example[.]com');
  expect(document.querySelector('textarea')).toBeNull();
  expect(document.activeElement).toBe(button);
});

it('says when it could not', async () => {
  clipboard({ writeText: () => Promise.reject(new Error('denied')) });
  const command = vi.fn<() => boolean>().mockReturnValue(false);
  document.execCommand = command;
  await press();
  await says('The browser did not allow copying');
  expect(command).toHaveBeenCalledOnce();
});
