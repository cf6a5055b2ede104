/**
 * Plays whisper-cli in tests: `whisper-player.ts FOLDER MODE …its arguments`. It answers what the real one (1.9.3, base
 * model) answered for the voices of the sample, and fails as that one does. Its arguments lie in FOLDER afterwards.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '', mode, ...args] = process.argv.slice(2);
const argument = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
const say = (line: string) => process.stderr.write(`${line}\n`);

if (args.includes('--help')) {
  say('  -oj,       --output-json          [false  ] output result in a JSON file');
  say('  -pp,       --print-progress       [false  ] print progress');
  process.exit(0);
}
writeFileSync(join(folder, 'arguments.json'), JSON.stringify(args));
const wave = readFileSync(argument('-f'));
const isWave = wave.toString('latin1', 0, 4) === 'RIFF' && wave.readUInt32LE(40) === wave.length - 44;
if (!isWave || wave.readUInt32LE(24) !== 16_000 || wave.readUInt16LE(34) !== 16) {
  say(`error: failed to read audio file '${argument('-f')}'`);
  process.exit(0);
}
const language = argument('-l');
if (language === 'eo') {
  say("error: unknown language 'eo'");
  process.exit(0);
}
if (mode === 'no-model') {
  say('whisper_model_load: ERROR not all tensors loaded from model file - expected 245, got 1');
  say('error: failed to initialize whisper context');
  process.exit(3);
}
if (mode === 'killed') process.kill(process.pid, 'SIGKILL');
say('whisper_print_progress_callback: progress =  45%');
if (mode === 'slow') setTimeout(() => undefined, 600_000);
else {
  const answer = JSON.parse(readFileSync(new URL('./whisper-answer.json', import.meta.url), 'utf8'));
  answer.result.language = language === 'auto' ? 'no' : language;
  if (mode === 'silence') for (const said of answer.transcription) said.text = ' [BLANK_AUDIO]';
  writeFileSync(`${argument('-of')}.json`, mode === 'garbled' ? '{' : JSON.stringify(answer));
  say('whisper_print_progress_callback: progress = 100%');
}
