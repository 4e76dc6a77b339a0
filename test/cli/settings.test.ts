import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/cli/config-file.ts';
import { UsageError } from '../../src/cli/exit.ts';
import { selectRules } from '../../src/cli/rule-selection.ts';
import { parseSetting, validateSettings } from '../../src/cli/settings.ts';
import { exampleRules } from '../report/example.ts';

const validate = (...texts: string[]) => validateSettings(texts.map(parseSetting), exampleRules);

describe('--set', () => {
  it('takes values within their bounds, the last of equal names', async () => {
    expect(
      await validate('Q151387.graceMinSeconds=60', 'capture.dropFraction=1', 'address.bondMacs=0'),
    ).toEqual({
      'Q151387.graceMinSeconds': 60,
      'capture.dropFraction': 1,
      'address.bondMacs': 0,
    });
    expect(await validate('Q151387.graceMinSeconds=6', 'Q151387.graceMinSeconds=1e1')).toEqual({
      'Q151387.graceMinSeconds': 10,
    });
  });

  it.each([
    [
      'Q151387.graceMinSecond=1',
      'there is no option Q151387.graceMinSecond; did you mean Q151387.graceMinSeconds?',
    ],
    ['zzz.zzz=1', 'there is no option zzz.zzz; kbdiag rules show'],
    ['__proto__=1', 'there is no option __proto__'],
    ['Q151387.graceMinSeconds=-1', 'Q151387.graceMinSeconds must be at least 0, and not -1'],
    ['capture.dropFraction=1.01', 'capture.dropFraction must be at most 1, and not 1.01'],
  ])('refuses %s', async (text, message) => {
    await expect(validate(text)).rejects.toThrow(message);
    await expect(validate(text)).rejects.toThrow(UsageError);
  });

  it.each(['name', '=1', 'a.b=', 'a.b=many', 'a.b=Infinity', 'a.b=NaN'])('refuses the form %s', (text) => {
    expect(() => parseSetting(text)).toThrow(UsageError);
  });
});

describe('a configuration file', () => {
  it('gives its entries with their lines', () => {
    expect(parseConfig('\uFEFF{\n "a.b": 1,\r\n\n "c\\u002ed": -2.5e1 }\n', 'f')).toEqual([
      { name: 'a.b', value: 1, line: 2 },
      { name: 'c.d', value: -25, line: 4 },
    ]);
    expect(parseConfig('{}', 'f')).toEqual([]);
  });

  it.each([
    ['', 1, 'expected { and not the end of the file'],
    ['{\n"a": 1\n"b": 2}', 3, 'expected , or } and not "b"'],
    ['{\n"a": 1,\n}', 3, 'a comma may not stand before }'],
    ['{\n\n"a": "1"}', 3, 'a must be a number and not "1"'],
    ['{"a": {"b": 1}}', 1, 'a must be a number and not {'],
    ['{"a": 1e999}', 1, '1e999 is not a number'],
    ['{"a": 1,\n"a": 2}', 2, 'a is set in line 1 already'],
    ['{a: 1}', 1, "expected an option's name in double quotes and not a"],
    ['{"a": 1} x', 1, 'expected the end of the file and not x'],
    ['{"a": 1', 1, 'expected , or } and not the end of the file'],
    ['{"a\n": 1}', 1, 'expected an option'],
  ])('%j is refused in line %d', (text, line, message) => {
    expect(() => parseConfig(text, 'kb.json')).toThrow(`kb.json, line ${line}: ${message}`);
  });

  it('reads what JSON.parse reads of objects of numbers, and nothing that it refuses', () => {
    const entries = fc.dictionary(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(entries, fc.nat(), fc.string(), (object, at, noise) => {
        const text = JSON.stringify(object);
        expect(parseConfig(text, 'f').map(({ name, value }) => [name, value])).toEqual(
          Object.entries(JSON.parse(text) as object),
        );
        const place = at % (text.length + 1);
        const mangled = text.slice(0, place) + noise + text.slice(place);
        let isRead = true;
        try {
          parseConfig(mangled, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          isRead = false;
        }
        if (isRead) expect(() => JSON.parse(mangled) as unknown).not.toThrow();
      }),
    );
  });
});

describe('--rules', () => {
  it.each(['Q151387', 'q151387', '151387', ' Q151387 ,', 'Q151387,Q151387'])('understands %j', (list) => {
    expect(selectRules(list, exampleRules)).toEqual(exampleRules);
  });

  it.each([
    ['Q151378', 'there is no rule Q151378; did you mean Q151387?'],
    ['foo', 'there is no rule foo; kbdiag rules lists them'],
    [',', '--rules needs at least one article'],
  ])('refuses %j', (list, message) => {
    expect(() => selectRules(list, exampleRules)).toThrow(message);
  });
});
