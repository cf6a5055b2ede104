import test from 'ava';
import { languageCode, languageName } from './language-code.ts';

test('the codes of containers and clients become ISO 639-1', (t) => {
  for (const code of ['en', 'EN', 'eng', 'en-GB', 'en_US']) t.is(languageCode(code), 'en', code);
  for (const code of ['de', 'deu', 'ger']) t.is(languageCode(code), 'de', code);
  for (const code of ['fre', 'fra']) t.is(languageCode(code), 'fr', code);
});

test('no language, or none that can be made out', (t) => {
  for (const code of [undefined, '', 'und', 'mul', 'zxx', 'mis', '???', 'e'])
    t.is(languageCode(code), undefined, code);
});

test('languages have names', (t) => t.is(languageName('pt'), 'Portuguese'));
