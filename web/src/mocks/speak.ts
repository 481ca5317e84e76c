// Tests of features and of ui change the language through here: neither knows the shell.
export { speak } from '@/app/i18n';
