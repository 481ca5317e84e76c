import './app.css';
import '@/lib/api-start';
import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import App from './app/App.vue';
import { i18n, preferredLanguage, speakOrEnglish } from './app/i18n';
import { createQueryClient } from './app/query';
import { createAppRouter } from './app/router';

try {
  await speakOrEnglish(preferredLanguage());
  createApp(App).use(i18n).use(VueQueryPlugin, { queryClient: createQueryClient() }).use(createAppRouter()).mount('#app');
} catch (error) {
  const said = document.querySelector<HTMLTemplateElement>('template#broken');
  if (said) document.getElementById('app')?.replaceChildren(said.content.cloneNode(true));
  throw error;
}
