import vue from 'eslint-plugin-vue';
import accessibility from 'eslint-plugin-vuejs-accessibility';
import typescript from 'typescript-eslint';
import parser from 'vue-eslint-parser';

/** What the client is made of: calls are made by the functions that are generated for each operation. */
const client = [['**/client.gen', '**/core/*.gen'], 'call the generated functions of @/api: there is no hand-written call'];
/** Arrows: app → features → live, ui → lib, api. A feature never imports another: what two need moves down. */
const forbid = (files, ...groups) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [client, ...groups].map(([group, message]) => ({ group, message })) }] },
});
const features = ['lookup', 'bulk', 'submissions', 'queues', 'sources', 'feeds'];

export default typescript.config(
  { ignores: ['dist/**', 'src/api/**', 'src/.api-*/**', 'public/**', 'e2e/out/**', 'node_modules/**'] },
  ...typescript.configs.recommended,
  ...vue.configs['flat/recommended'],
  ...accessibility.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser, parserOptions: { parser: typescript.parser, sourceType: 'module' } },
  },
  {
    rules: {
      'no-undef': 'off',
      'max-lines': ['error', { max: 400 }],
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/max-lines-per-block': ['error', { script: 150, template: 150 }],
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      'vuejs-accessibility/form-control-has-label': 'off',
      'vuejs-accessibility/no-autofocus': 'off',
    },
  },
  { files: ['**/*.mjs', '**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  forbid(['src/**']),
  forbid(['src/lib/**'], [['@/app/*', '@/features/*', '@/ui/*', '@/live/*'], 'lib imports the generated client and nothing else of ours']),
  forbid(['src/ui/**'], [['@/app/*', '@/features/*', '@/live/*'], 'ui knows lib only']),
  forbid(['src/live/**'], [['@/app/*', '@/features/*', '@/ui/*'], 'live knows lib and api only']),
  ...features.map((feature) =>
    forbid(
      [`src/features/${feature}/**`],
      [['@/app/*'], 'features do not know the shell'],
      [features.filter((other) => other !== feature).map((other) => `@/features/${other}/*`), 'features do not import each other: move it down'],
    ),
  ),
  {
    files: ['src/**'],
    rules: { 'no-restricted-globals': ['error', ...['fetch', 'XMLHttpRequest', 'EventSource'].map((name) => ({ name, message: client[1] }))] },
  },
  // Where the client is configured, once.
  { files: ['src/lib/api*.ts'], rules: { 'no-restricted-imports': 'off', 'no-restricted-globals': 'off' } },
);
