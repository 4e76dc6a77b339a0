/** A strict look at markup: what an XML parser refuses, this refuses (XML 1.0, without doctypes, comments and sections). */

export interface MarkupElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly MarkupElement[];
  /** Its own text, entities resolved. */
  readonly text: string;
}

const NAME = /^[A-Za-z][A-Za-z0-9-]*$/;
// Names, the equals sign and quoted values that hold no bare < and no bare &.
const ATTRIBUTE =
  /\s+([A-Za-z][A-Za-z0-9:-]*)="((?:[^"<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)*)"/y;
const TEXT = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)*$/;
/** Char of XML 1.0, 2.2: no controls but tab and line ends, no halves of surrogate pairs, no noncharacters. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}(?<![\u007f-\u009f])|\p{Cs}|[\ufffe\uffff]/u;

/** Reads one element with all that is in it; throws where it is not well-formed. */
export function readMarkup(text: string): MarkupElement {
  if (FORBIDDEN.test(text))
    throw new SyntaxError(`a character that XML does not allow: ${text.match(FORBIDDEN)?.[0]}`);
  const reader = new Reader(text);
  const element = reader.element();
  if (reader.at !== text.length) throw new SyntaxError(`text behind the element at ${reader.at}`);
  return element;
}

class Reader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  element(): MarkupElement {
    const end = /[\s/>]/g;
    end.lastIndex = this.at + 1;
    const name = this.#text.slice(this.at + 1, end.exec(this.#text)?.index);
    if (this.#text[this.at] !== '<' || !NAME.test(name)) this.#fail('an element');
    this.at += name.length + 1;
    const attributes = this.#attributes();
    const rest = /\s*(\/?)>/y;
    rest.lastIndex = this.at;
    const close = rest.exec(this.#text);
    if (close === null) return this.#fail('the end of a tag');
    this.at = rest.lastIndex;
    if (close[1] === '/') return { name, attributes, children: [], text: '' };
    const children: MarkupElement[] = [];
    let own = '';
    for (;;) {
      const next = this.#text.indexOf('<', this.at);
      if (next < 0) this.#fail(`the end of ${name}`);
      const text = this.#text.slice(this.at, next);
      if (!TEXT.test(text)) this.#fail('text without bare signs');
      own += resolve(text);
      this.at = next;
      if (this.#text.startsWith(`</${name}>`, next)) {
        this.at = next + name.length + 3;
        return { name, attributes, children, text: own };
      }
      if (this.#text.startsWith('</', next)) this.#fail(`the end of ${name}`);
      children.push(this.element());
    }
  }

  #attributes(): Map<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      ATTRIBUTE.lastIndex = this.at;
      const found = ATTRIBUTE.exec(this.#text);
      if (found === null) return attributes;
      const [, name = '', value = ''] = found;
      if (attributes.has(name)) this.#fail(`one ${name} only`);
      attributes.set(name, resolve(value));
      this.at = ATTRIBUTE.lastIndex;
    }
  }

  #fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at ${this.at}: ${this.#text.slice(this.at, this.at + 60)}`);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolve(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (_, hex?: string, decimal?: string, name = '') => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return decimal === undefined ? (ENTITIES[name] ?? '') : String.fromCodePoint(Number(decimal));
    },
  );
}

/** The element and all below it. */
export function allOf(element: MarkupElement): MarkupElement[] {
  return [element, ...element.children.flatMap(allOf)];
}

/** Elements of a class. */
export function withClass(element: MarkupElement, name: string): MarkupElement[] {
  return allOf(element).filter(({ attributes }) => (attributes.get('class') ?? '').split(' ').includes(name));
}

/** How many marks the elements of a class hold: paths, or ticks in one path. */
export function countMarks(element: MarkupElement, name: string): number {
  return withClass(element, name)
    .flatMap((group) => group.children)
    .reduce((sum, { name: kind, attributes }) => {
      const isTicks = kind === 'path' && !attributes.has('transform');
      return sum + (isTicks ? (attributes.get('d') ?? '').split('M').length - 1 : 1);
    }, 0);
}
