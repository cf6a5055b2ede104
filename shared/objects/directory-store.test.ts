import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { testObjectStoreContract } from '../testing/objects/contract.ts';
import { list } from '../testing/objects/listing.ts';
import { openDirectoryStore } from './directory-store.ts';
import { ObjectNotFoundError } from './object-store.ts';

async function tempRoot(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcodeflow-directory-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'objects');
}

testObjectStoreContract('directory', async (t) => {
  const root = await tempRoot(t);
  return {
    store: await openDirectoryStore(root),
    leftovers: async () => {
      const names = await readdir(root, { recursive: true, withFileTypes: true });
      const empty = await Promise.all(
        names
          .filter((entry) => entry.isDirectory() && entry.name !== '.tmp')
          .map(async (entry) => {
            const folder = path.join(entry.parentPath, entry.name);
            return (await readdir(folder)).length === 0 ? [folder] : [];
          }),
      );
      return [...(await readdir(path.join(root, '.tmp'))), ...empty.flat()];
    },
  };
});

const text = (content: string) => Readable.from([content]);

test('folders that a removal leaves empty go too, while puts into them succeed', async (t) => {
  const root = await tempRoot(t);
  const store = await openDirectoryStore(root);
  await store.put('a/b/c', text('x'));
  await store.put('a/d', text('x'));
  await store.remove(['a/b/c']);
  t.deepEqual((await readdir(root)).toSorted(), ['.tmp', 'a']);
  t.deepEqual(await readdir(path.join(root, 'a')), ['d']);
  await store.remove(['a/d']);
  t.deepEqual(await readdir(root), ['.tmp']);
  let isOver = false;
  const prune = async () => {
    for (; !isOver; await new Promise(setImmediate)) await store.remove(['r/a/b/none']);
  };
  const pruning = prune();
  for (let round = 0; round < 40; round++) {
    await store.put('r/a/b/one', text('x'));
    await store.remove(['r/a/b/one']);
  }
  await store.put('r/a/b/one', text('x'));
  isOver = true;
  await pruning;
  t.is((await list(store, 'r/')).length, 1);
});

test('what a killed process left unfinished is swept at the next start; what others write is not', async (t) => {
  const root = await tempRoot(t);
  await mkdir(path.join(root, '.tmp'), { recursive: true });
  const gone = 2 ** 22 + 1;
  for (const name of [
    `${gone}-x`,
    `${process.pid}-of-an-earlier-process`,
    'stray',
    `${process.ppid}-alive`,
  ]) {
    await writeFile(path.join(root, '.tmp', name), 'x');
  }
  const store = await openDirectoryStore(root);
  t.deepEqual(await readdir(path.join(root, '.tmp')), [`${process.ppid}-alive`]);
  const body = new Readable({ read() {} });
  const put = store.put('slow', body);
  body.push('half');
  while ((await readdir(path.join(root, '.tmp'))).length < 2) await new Promise(setImmediate);
  await openDirectoryStore(root);
  body.push(null);
  t.is((await put).size, 4);
});

test('a file is taken by hard link, another file system or a link by copy', async (t) => {
  const root = await tempRoot(t);
  const store = await openDirectoryStore(root);
  const source = path.join(path.dirname(root), 'source');
  await writeFile(source, 'bytes');
  await store.putFile('linked', source);
  t.is((await stat(path.join(root, 'linked'))).ino, (await stat(source)).ino);
  await symlink(source, `${source}.link`);
  await store.putFile('copied', `${source}.link`);
  t.not((await stat(path.join(root, 'copied'))).ino, (await stat(source)).ino);
  t.is(await readFile(path.join(root, 'copied'), 'utf8'), 'bytes');
  t.is(await store.localFile('copied', '/nowhere'), path.join(root, 'copied'));
});

test('symbolic links do not lead out of the root', async (t) => {
  const root = await tempRoot(t);
  const store = await openDirectoryStore(root);
  const outside = path.join(path.dirname(root), 'outside');
  await mkdir(outside);
  await writeFile(path.join(outside, 'secret'), 'secret');
  await symlink(outside, path.join(root, 'folder'));
  await symlink(path.join(outside, 'secret'), path.join(root, 'file'));
  for (const key of ['folder/secret', 'file']) {
    await t.throwsAsync(store.get(key), { instanceOf: ObjectNotFoundError });
    await t.throwsAsync(store.localFile(key, '/nowhere'), { instanceOf: ObjectNotFoundError });
  }
  await t.throwsAsync(store.put('folder/new', text('x')), { message: /symbolic link/ });
  await t.throwsAsync(store.put('folder/deep/new', text('x')), { message: /symbolic link/ });
  await store.remove(['folder/secret']);
  t.deepEqual(await list(store, ''), []);
  t.deepEqual(await list(store, 'folder/'), []);
  t.deepEqual(await readdir(outside), ['secret']);
  t.is((await store.put('file', text('own'))).size, 3);
  t.is(await readFile(path.join(outside, 'secret'), 'utf8'), 'secret');
});

test('the folder of unfinished files is no place for objects', async (t) => {
  const store = await openDirectoryStore(await tempRoot(t));
  await t.throwsAsync(store.put('.tmp/x', text('x')), { instanceOf: TypeError });
  t.is((await store.put('a/.tmp/x', text('x'))).size, 1);
  t.is((await list(store, 'a/.t')).length, 1);
});

test('a root that is gone or a place that is no folder is told', async (t) => {
  const root = await tempRoot(t);
  const store = await openDirectoryStore(root);
  await rm(root, { recursive: true });
  await t.throwsAsync(store.ping(), { code: 'ENOENT' });
  await writeFile(root, 'a file');
  await t.throwsAsync(openDirectoryStore(root), { code: 'EEXIST' });
});
