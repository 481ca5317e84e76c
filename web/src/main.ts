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
  document.getElementById('broken')?.removeAttribute('hidden');
  throw error;
}
