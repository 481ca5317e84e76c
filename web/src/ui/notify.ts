import { readonly, shallowRef } from 'vue';

const wanted = shallowRef(false);
let shown: () => void;
const corner = new Promise<void>((resolve) => (shown = resolve));

/** The corner itself comes with the first message; the shell shows it once it is wanted and says when it is there. */
export const toasts = { wanted: readonly(wanted), shown: () => shown() };

/** The package, loaded by itself, once somebody can see what it shows. */
async function sonner() {
  wanted.value = true;
  const [{ toast }] = await Promise.all([import('vue-sonner'), corner]);
  return toast;
}

/** Short messages in the corner: for what happened elsewhere than where one looks. */
export const notify = {
  success: (message: string) => void sonner().then((toast) => toast.success(message)),
  error: (message: string) => void sonner().then((toast) => toast.error(message)),
  info: (message: string) => void sonner().then((toast) => toast(message)),
};
