/**
 * Speed. Until V8 has optimised a function, each access to a private field of its class is a keyed load that looks for the field by
 * a symbol, and each call of a private method another one, which asks whether the object is of the class; a property is found
 * where it was the last time. It is the first second that counts here. The command line and the workers of a scan therefore have
 * properties in their place. The sources keep the language's own privacy, which the type checker and the tests see, and so does
 * the library, whose results must not show them.
 */
import { parse } from 'acorn';
import { base, recursive } from 'acorn-walk';

/** The names of these properties, for the bundles to make them short ones (`mangleProps`). */
export const FORMERLY_PRIVATE = /^\$private_/;

/**
 * The module with a property for each private member.
 *
 * @param {string} code JavaScript.
 * @param {string} path Its name for errors: of a class without a name, and of what a property cannot do.
 */
export function privateAsProperties(code, path) {
  /** @type {{ start: number, end: number, name: string }[]} */
  const places = [];
  /**
   * @param {import('acorn').Node & { name?: string }} key
   * @param {ReadonlyMap<string, string>} names
   */
  const note = (key, names) => {
    if (key.type !== 'PrivateIdentifier') return;
    const name = names.get(/** @type {string} */ (key.name));
    if (name === undefined) throw new Error(`${path}: #${key.name} is of no class`);
    places.push({ start: key.start, end: key.end, name });
  };
  recursive(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), new Map(), {
    Class(node, outer, visit) {
      const names = new Map(outer);
      for (const member of node.body.body) {
        if (!('key' in member) || member.key.type !== 'PrivateIdentifier') continue;
        // By the class, since a class and the one it extends may have private names in common.
        if (!node.id) throw new Error(`${path}: a class with #${member.key.name} needs a name`);
        names.set(member.key.name, `$private_${node.id.name}_${member.key.name}`);
      }
      base.Class(node, names, visit);
    },
    MethodDefinition(node, names, visit) {
      note(node.key, names);
      base.MethodDefinition(node, names, visit);
    },
    PropertyDefinition(node, names, visit) {
      note(node.key, names);
      base.PropertyDefinition(node, names, visit);
    },
    MemberExpression(node, names, visit) {
      note(node.property, names);
      base.MemberExpression(node, names, visit);
    },
    PrivateIdentifier(node) {
      // Only `#name in object` comes here: whether an object is of the class, which a property does not tell.
      throw new Error(`${path}: #${node.name} is asked for with "in"`);
    },
  });
  let text = '';
  let from = 0;
  for (const { start, end, name } of places.toSorted((a, b) => a.start - b.start)) {
    text += code.slice(from, start) + name;
    from = end;
  }
  return text + code.slice(from);
}
