// Fails, and says why, where Node is older than package.json asks for. Old words only: it is an old Node that must be able to read it.
const asked = /(\d+)\.(\d+)/.exec(require('../package.json').engines.node).slice(1).map(Number);
const here = process.versions.node.split('.').map(Number);
if (here[0] < asked[0] || (here[0] === asked[0] && here[1] < asked[1])) {
  console.error('Node ' + process.versions.node + ' is too old: ' + asked.join('.') + ' or later is needed');
  process.exit(1);
}
