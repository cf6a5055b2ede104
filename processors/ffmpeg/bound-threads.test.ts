import test from 'ava';
import { boundThreads } from './bound-threads.ts';

const words = (text: string) => text.split(' ');

test('every input and the filters get so many threads, encoders none from here', (t) => {
  const bound = boundThreads(words('-y -ss 1 -i file:a -i file:b -c:v libx264 out.mp4'), 3);
  t.is(
    bound.join(' '),
    '-filter_threads 3 -filter_complex_threads 3 -threads 3 -y -ss 1 -i file:a -threads 3 -i file:b -c:v libx264 out.mp4',
  );
});

test('a decoder with threads of its own keeps them', (t) => {
  const bound = boundThreads(words('-threads 1 -i file:a -i file:b out.mp4'), 4);
  t.is(
    bound.join(' '),
    '-filter_threads 4 -filter_complex_threads 4 -threads 1 -i file:a -threads 4 -i file:b out.mp4',
  );
});

test('without a budget, nothing is set', (t) => {
  t.deepEqual(boundThreads(['-i', 'a', 'b'], undefined), ['-i', 'a', 'b']);
});
