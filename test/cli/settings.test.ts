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
  it('gives its entries with their places', () => {
    expect(parseConfig('\uFEFF{\n "a.b": 1,\r\n\n "c\\u002ed":\r\t-2.5e1 }\n', 'f')).toMatchObject([
      { name: 'a.b', value: 1, nameAt: { line: 2, column: 2 }, valueAt: { line: 2, column: 9 } },
      { name: 'c.d', value: -25, nameAt: { line: 4, column: 2 }, valueAt: { line: 5, column: 2 } },
    ]);
    expect(parseConfig('{}', 'f')).toEqual([]);
    expect(parseConfig('{"\u007f": 0}', 'f')).toMatchObject([{ name: '\u007f' }]);
  });

  it.each([
    ['', 1, 1, 'expected { and not the end of the file'],
    ['[{"a": 1}]', 1, 1, 'expected { and not ['],
    ['{\n"a": 1\n"b": 2}', 3, 1, 'expected , or } and not "b"'],
    ['{\n"a": 1,\n  }', 3, 3, 'a comma may not stand before }'],
    ['{\n\n"a": "1"}', 3, 6, 'a must be a number and not "1"'],
    ['{"a": {"b": 1}}', 1, 7, 'a must be a number and not {'],
    ['{"a":\n [1]}', 2, 2, 'a must be a number and not ['],
    ['{"a": true}', 1, 7, 'a must be a number and not true'],
    ['{"a": 1e999}', 1, 7, '1e999 is too large a number'],
    ['{"a": 01}', 1, 7, 'a must be a number and not 01, which is not how JSON writes a number'],
    ['{"a": +1}', 1, 7, 'a must be a number and not +1, which is not how JSON writes a number'],
    ['{"a": .5}', 1, 7, 'a must be a number and not .5, which is not how JSON writes a number'],
    ['{"a": 1.}', 1, 7, 'a must be a number and not 1., which is not how JSON writes a number'],
    ['{"a": 5s}', 1, 7, 'a must be a number and not 5s, which is not how JSON writes a number'],
    ['{"a": 1,\n\t"a": 2}', 2, 2, 'a is set in line 1 already'],
    ['{a: 1}', 1, 2, "expected an option's name in double quotes and not a"],
    ["{'a': 1}", 1, 2, "expected an option's name in double quotes and not 'a'"],
    ['{"a" 1}', 1, 6, 'expected : and not 1'],
    ['{"a": 1} x', 1, 10, 'expected the end of the file and not x'],
    ['{"a": 1}\n{', 2, 1, 'expected the end of the file and not {'],
    ['{"a": 1', 1, 8, 'expected , or } and not the end of the file'],
    ['{"a": 1\n\n', 3, 1, 'expected , or } and not the end of the file'],
    ['{"a', 1, 2, `expected an option's name in double quotes and not "a, whose quote is not closed`],
    ['{"a\n": 1}', 1, 2, 'and not "a, whose quote is not closed'],
    ['{"\\x": 1}', 1, 2, 'and not "\\x", which has an escape that JSON does not know'],
    ['{"a": 1, // why\n"b": 2}', 1, 10, 'and not //: JSON has no comments'],
    ['{"a": 1}\u00a0', 1, 9, 'expected the end of the file and not \u00a0'],
    ['{"a":\u20281}', 1, 6, 'a must be a number and not \\u20281'],
    ['{"\u{1f600}": 1, b}', 1, 10, "expected an option's name in double quotes and not b"],
  ])('%j is refused in line %d, column %d', (text, line, column, message) => {
    expect(() => parseConfig(text, 'kb.json')).toThrow(UsageError);
    expect(() => parseConfig(text, 'kb.json')).toThrow(`kb.json, line ${line}, column ${column}: `);
    expect(() => parseConfig(text, 'kb.json')).toThrow(message);
  });

  it('reads what JSON.parse reads of objects of numbers, and nothing that it refuses', () => {
    const entries = fc.dictionary(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const marks = [
      '{',
      '}',
      '"',
      ':',
      ',',
      '0',
      '-',
      '.',
      'e',
      '+',
      '\\',
      '\n',
      ' ',
      '\u00a0',
      '\u007f',
      '/',
    ];
    const noise = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...marks), maxLength: 3 }));
    fc.assert(
      fc.property(entries, fc.nat(), noise, (object, at, inserted) => {
        const text = JSON.stringify(object);
        expect(parseConfig(text, 'f').map(({ name, value }) => [name, value])).toEqual(
          Object.entries(JSON.parse(text) as object),
        );
        const place = at % (text.length + 1);
        const mangled = text.slice(0, place) + inserted + text.slice(place);
        const expected = entriesOf(mangled);
        let read: Array<[string, number]> | null = null;
        try {
          read = byName(parseConfig(mangled, 'f').map(({ name, value }) => [name, value]));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
        // Names that are set twice are refused here, and taken by JSON.parse.
        if (read !== null || !hasTwins(mangled)) expect(read).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  /** An object has names that are numbers first. */
  function byName(entries: Array<[string, number]>): Array<[string, number]> {
    return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** What JSON.parse reads; null where it is no object of finite numbers. */
  function entriesOf(text: string): Array<[string, number]> | null {
    try {
      const value = JSON.parse(text) as unknown;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
      const entries = Object.entries(value) as Array<[string, number]>;
      return entries.every(([, each]) => typeof each === 'number' && Number.isFinite(each))
        ? byName(entries)
        : null;
    } catch {
      return null;
    }
  }

  /** Every name is followed by a colon, and nothing else is, outside of names. */
  function hasTwins(text: string): boolean {
    const names = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? [];
    return names.length > Object.keys((entriesOf(text) !== null ? JSON.parse(text) : {}) as object).length;
  }
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
