import { startInstance } from './testing.ts';

// For tests that kill it: one instance over the database and the folder that are named, until it dies.
const [databaseUrl = '', folder = ''] = process.argv.slice(2);
const { url } = await startInstance(databaseUrl, folder);
process.stdout.write(`${url}\n`);
