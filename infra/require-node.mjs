// Loaded before any TypeScript: Node 24 runs the sources directly, an older one fails with a riddle.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `TranscodeFlow needs Node 24 or newer; this is ${process.version}. On Linux (x64, arm64) it is installed ` +
      'as a dependency by `npx -y pnpm@10 install`; elsewhere install it from your system or nodejs.org.\n',
  );
  process.exit(1);
}
