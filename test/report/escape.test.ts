import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  capLength,
  htmlText,
  jsonText,
  markdownCode,
  shellWord,
  terminalText,
} from '../../src/report/escape.ts';

const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('terminalText', () => {
  it.each([
    ['\u001b[31mred\u001b]0;title\u0007', '\\x1b[31mred\\x1b]0;title\\x07'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u009b2J', '\\x9b2J'],
    ['abc\u202ecba', 'abc\\u202ecba'],
    ['half \ud800 pair', 'half \\ud800 pair'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['Größe 名前 🙂', 'Größe 名前 🙂'],
  ])('shows %j as %j', (text, shown) => {
    expect(terminalText(text)).toBe(shown);
  });

  it('lets nothing hostile through, and is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const shown = terminalText(text, 100);
        expect(shown).not.toMatch(HOSTILE);
        expect(shown.length).toBeLessThanOrEqual(100 * '\\u{10ffff}'.length);
      }),
    );
  });
});

describe('htmlText', () => {
  it.each([
    ['<b>"it\'s" & more</b>', '&lt;b&gt;&quot;it&#39;s&quot; &amp; more&lt;/b&gt;'],
    ['&amp;', '&amp;amp;'],
    ['a\u202eb\u0000c\ud800\n', 'a\\u202eb\\x00c\\ud800\\n'],
  ])('shows %j as %s', (text, markup) => {
    expect(htmlText(text)).toBe(markup);
  });

  it('lets through neither markup nor anything hostile, and is bounded before it is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const markup = htmlText(text, 100);
        expect(markup).not.toMatch(HOSTILE);
        expect(markup.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<>"']/);
      }),
    );
    expect(htmlText('<'.repeat(200), 10)).toBe(`${'&lt;'.repeat(9)}…`);
  });
});

describe('markdownCode', () => {
  it('cannot be ended from within', () => {
    expect(markdownCode(['a ``` b', 'c\nd'], 'sh')).toBe('````sh\na ``` b\nc\\nd\n````');
    expect(markdownCode(['`````'])).toBe('``````\n`````\n``````');
  });
});

describe('capLength', () => {
  it('marks the cut and splits no pair', () => {
    expect(capLength('abcdef', 6)).toBe('abcdef');
    expect(capLength('abcdefg', 6)).toBe('abcde…');
    expect(capLength('abcd🙂fg', 6)).toBe('abcd…');
  });
});

describe('jsonText', () => {
  it('parses back to the same value and holds nothing hostile', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = jsonText({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect(json.replaceAll('\n', '')).not.toMatch(HOSTILE);
      }),
    );
  });
});

describe('shellWord', () => {
  it.each([
    ['trace.pcap', 'trace.pcap'],
    ['-rf', './-rf'],
    ['my trace.pcap', "'my trace.pcap'"],
    ["it's", "'it'\\''s'"],
    ['$(reboot)`x`', "'$(reboot)`x`'"],
    ['a\u001b[2Jb', "$'a\\033[2Jb'"],
  ])('writes %j as %s', (path, word) => {
    expect(shellWord(path)).toBe(word);
  });

  it('is one word for bash, whatever the name', () => {
    const names = ["a'b", 'x\ny', '\\t\u202e', '-n', '*', 'ü \u009b', "\\'\u0007"];
    for (const name of names) {
      const said = execFileSync('bash', ['--norc', '-c', `printf %s ${shellWord(name)}`], {
        encoding: 'utf8',
        env: { LC_ALL: 'C.UTF-8' },
      });
      expect(said).toBe(name.startsWith('-') ? `./${name}` : name);
    }
  });
});
