/// <reference types="vite/client" />
declare module 'vue-sonner/style.css';
