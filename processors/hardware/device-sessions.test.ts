import test from 'ava';
import { openDeviceSessions } from './device-sessions.ts';
import type { Acceleration } from './hardware-report.ts';

const gpu = (device: string, kind: Acceleration['kind'] = 'cuda'): Acceleration => ({
  kind,
  device,
  decode: true,
  encode: true,
});

test('a device takes as many encodes as are set, and more when some are given back', (t) => {
  const sessions = openDeviceSessions(3);
  const first = sessions.take(gpu('0'), 2);
  t.truthy(first);
  t.is(sessions.take(gpu('0'), 2), undefined);
  t.truthy(sessions.take(gpu('1'), 2), 'another device has its own');
  first?.();
  first?.();
  const next = sessions.take(gpu('0'), 3);
  t.truthy(next);
  t.is(sessions.take(gpu('0'), 1), undefined, 'given back once, whoever says so twice');
});

test('a run that needs more than there are is tried when it is alone', (t) => {
  t.truthy(openDeviceSessions(2).take(gpu('0'), 5));
});

test('what a driver refused is held to, for ten minutes', (t) => {
  let time = 0;
  const sessions = openDeviceSessions(undefined, () => time);
  sessions.take(gpu('0'), 2);
  const refused = sessions.take(gpu('0'), 2);
  sessions.refused(gpu('0'), 2);
  refused?.();
  t.is(sessions.take(gpu('0'), 1), undefined);
  time = 600_000;
  t.truthy(sessions.take(gpu('0'), 1));
});

test('a refusal of the only encode tells nothing: other programs hold the sessions', (t) => {
  const sessions = openDeviceSessions();
  const only = sessions.take(gpu('0'), 2);
  sessions.refused(gpu('0'), 2);
  only?.();
  t.truthy(sessions.take(gpu('0'), 2));
  t.truthy(sessions.take(gpu('0'), 2));
});

test('the least busy device of a kind comes first; kinds stay in their order', (t) => {
  const sessions = openDeviceSessions();
  const usable = [gpu('0'), gpu('1'), gpu('2'), gpu('/dev/dri/renderD128', 'vaapi')];
  sessions.take(gpu('0'), 2);
  sessions.take(gpu('1'), 1);
  t.deepEqual(
    sessions.leastBusyFirst(usable).map(({ device }) => device),
    ['2', '1', '0', '/dev/dri/renderD128'],
  );
});
